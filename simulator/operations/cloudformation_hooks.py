"""Results of hooks: `_results` of the records of `cloudformation.types`, newest first."""

from typing import Any

from simulator.operations.base import Call, operation
from simulator.operations.cloudformation_types import TYPES
from simulator.places import Record


@operation("cloudformation", "ListHookResults")
def list_hook_results(call: Call) -> dict[str, Any]:
    """Of one hook, or of all."""
    wanted, status = call.parameters.get("TypeArn"), call.parameters.get("Status")
    hooks = [r for r in call.place.all(TYPES) if r["Type"] == "HOOK"]
    results: list[Record] = [
        {**result, "TypeName": hook["TypeName"], "TypeArn": hook["TypeArn"]}
        for hook in hooks
        if wanted in (None, hook["TypeArn"])
        for result in hook.get("_results", ())
        if status in (None, result["Status"])
    ]
    return call.page(results, "HookResults", size=3, bad_token="ValidationError")  # noqa: S106 - the name of an error
