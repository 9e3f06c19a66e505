"""Remediations of rules for the tables of the checks."""

from findings.facts.config_remediation import (
    Remediation,
    RemediationExecution,
    RemediationHistory,
)
from tests.findings.checks.cases import ago


def remediation(rule="versioned", **fields):
    given = {
        "resource_type": "",
        "rule_source": "S3_BUCKET_VERSIONING_ENABLED",
        "target_type": "SSM_DOCUMENT",
        "target_version": "1",
        "is_automatic": True,
        "max_attempts": 3,
    }
    return Remediation(rule=rule, **(given | fields))


def executions(count, state="SUCCEEDED", step=None, **age):
    at = ago(**(age or {"days": 1}))
    return [
        RemediationExecution(state=state, invoked_at=at, failed_step=step) for _ in range(count)
    ]


def history(*found, rule="versioned"):
    return RemediationHistory(rule=rule, executions=tuple(found))
