"""Recommendations of Trusted Advisor and reviewed workloads for the tables of the checks."""

from findings.facts.trustedadvisor import Recommendation
from findings.facts.wellarchitected import Workload
from tests.findings.checks.cases import ACCOUNT, ago


def recommendation(name="Lambda functions using deprecated runtimes", **fields):
    """Of Trusted Advisor Priority, ten days old."""
    given = {
        "arn": f"arn:aws:trustedadvisor::{ACCOUNT}:recommendation/{name}",
        "stage": "pending_response",
        "created_at": ago(days=10),
        "updated_at": ago(days=1),
    }
    return Recommendation(name=name, **(given | fields))


def workload(name="shop", **fields):
    given = {"high_risks": 0, "improvement_status": "NOT_APPLICABLE"}
    return Workload(name=name, **(given | fields))
