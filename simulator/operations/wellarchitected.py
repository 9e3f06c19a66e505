"""The AWS Well-Architected Tool: `wellarchitected.workloads` of a region, as WorkloadSummary."""

from typing import Any

from simulator.operations.base import Call, operation

WORKLOADS = "wellarchitected.workloads"


@operation("wellarchitected", "ListWorkloads")
def list_workloads(call: Call) -> dict[str, Any]:
    found = call.place.all(WORKLOADS)
    return call.page(found, "WorkloadSummaries", size=2, bad_token="ValidationException")  # noqa: S106 - the name of an error
