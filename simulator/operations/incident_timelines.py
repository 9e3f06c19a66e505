"""AWS Systems Manager Incident Manager: what happened in an incident, its `_timeline`."""

from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation


@operation("ssm-incidents", "ListTimelineEvents")
def list_timeline_events(call: Call) -> dict[str, Any]:
    arn = call.parameters["incidentRecordArn"]
    record = call.place.find("incidents.records", arn=arn)
    if record is None:
        raise AwsError("ResourceNotFoundException", f"{arn} was not found.")
    return call.page(
        record.get("_timeline", []),
        "eventSummaries",
        token_in="nextToken",  # noqa: S106 - the name of a parameter
        token_out="nextToken",  # noqa: S106 - the name of a parameter
        size=2,
        limit_in="maxResults",
        bad_token="ValidationException",  # noqa: S106 - the name of an error
    )
