"""Facts of the AWS Well-Architected Tool."""

from __future__ import annotations

from findings.facts.base import Fact


class Workload(Fact, kind="wellarchitected.workload", identity=("name",)):
    """A workload that the account owns, and how many of its questions are at high risk.

    https://docs.aws.amazon.com/wellarchitected/latest/APIReference/API_WorkloadSummary.html
    """

    name: str
    high_risks: int
    improvement_status: str | None
