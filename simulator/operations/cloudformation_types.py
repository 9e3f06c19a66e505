"""The registry of CloudFormation: `cloudformation.types`, which are TypeSummary as AWS answers it.

They are what an account can use in a region: extensions of its own and public ones it activated.
"""

from typing import Any

from simulator.operations.base import Call, operation
from simulator.places import Record

TYPES = "cloudformation.types"
ACTIVATED = "ACTIVATED"


@operation("cloudformation", "ListTypes")
def list_types(call: Call) -> dict[str, Any]:
    """Of one type, resources unless another is asked for."""
    wanted = call.parameters.get("Type", "RESOURCE")
    category = (call.parameters.get("Filters") or {}).get("Category")
    found = [
        record
        for record in call.place.all(TYPES)
        if record["Type"] == wanted and category in (None, _category(record))
    ]
    return call.page(found, "TypeSummaries", size=2, bad_token="CFNRegistryException")  # noqa: S106 - the name of an error


def _category(record: Record) -> str:
    return ACTIVATED if record.get("IsActivated") else "REGISTERED"
