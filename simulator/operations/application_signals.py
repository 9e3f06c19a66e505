"""CloudWatch Application Signals: objectives, whose budget's status is their `_budget`."""

from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation

SLOS = "application-signals.slos"
MOST_AT_ONCE = 50


@operation("application-signals", "ListServiceLevelObjectives")
def list_service_level_objectives(call: Call) -> dict[str, Any]:
    return call.page(
        call.place.all(SLOS),
        "SloSummaries",
        size=2,
        bad_token="ValidationException",  # noqa: S106 - the name of an error
    )


@operation("application-signals", "BatchGetServiceLevelObjectiveBudgetReport")
def batch_get_budget_report(call: Call) -> dict[str, Any]:
    """Objectives may be asked for by ARN or by name; one without `_budget` is an error."""
    asked = call.parameters["SloIds"]
    if len(asked) > MOST_AT_ONCE:
        raise AwsError("ValidationException", "At most 50 objectives are allowed.")
    found = [slo for slo in call.place.all(SLOS) if slo["Arn"] in asked or slo["Name"] in asked]
    reports = [
        {
            "Arn": slo["Arn"],
            "Name": slo["Name"],
            "BudgetStatus": slo["_budget"],
            "Attainment": 99.9,
        }
        for slo in found
        if slo["_budget"]
    ]
    errors = [
        {
            "Arn": slo["Arn"],
            "Name": slo["Name"],
            "ErrorCode": "InternalServerException",
            "ErrorMessage": "The report could not be made.",
        }
        for slo in found
        if not slo["_budget"]
    ]
    return {"Timestamp": call.parameters["Timestamp"], "Reports": reports, "Errors": errors}
