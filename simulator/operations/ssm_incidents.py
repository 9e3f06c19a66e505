"""AWS Systems Manager Incident Manager.

Records of `incidents.plans` are what GetResponsePlan answers, those of `incidents.records` what
ListIncidentRecords does; `_related` holds the related items. They stand in every region of the
replication set.
"""

from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation

Record = dict[str, Any]
_PAGING: Record = {
    "token_in": "nextToken",
    "token_out": "nextToken",
    "limit_in": "maxResults",
    "size": 2,
    "bad_token": "ValidationException",
}


@operation("ssm-incidents", "ListReplicationSets")
def list_replication_sets(call: Call) -> Record:
    found = [record["arn"] for record in call.place.all("incidents.replication_sets")]
    return call.page(found, "replicationSetArns", **_PAGING)


@operation("ssm-incidents", "ListResponsePlans")
def list_response_plans(call: Call) -> Record:
    plans = call.place.all("incidents.plans")
    found = [{"arn": plan["arn"], "name": plan["name"]} for plan in plans]
    return call.page(found, "responsePlanSummaries", **_PAGING)


@operation("ssm-incidents", "GetResponsePlan")
def get_response_plan(call: Call) -> Record:
    return _found(call, "incidents.plans", call.parameters["arn"])


@operation("ssm-incidents", "ListIncidentRecords")
def list_incident_records(call: Call) -> Record:
    wanted = {f["key"]: f["condition"] for f in call.parameters.get("filters") or []}
    statuses = wanted.get("status", {}).get("equals", {}).get("stringValues")
    found = [
        record
        for record in call.place.all("incidents.records")
        if statuses is None or record["status"] in statuses
    ]
    return call.page(found, "incidentRecordSummaries", **_PAGING)


@operation("ssm-incidents", "ListRelatedItems")
def list_related_items(call: Call) -> Record:
    record = _found(call, "incidents.records", call.parameters["incidentRecordArn"])
    return call.page(record.get("_related", []), "relatedItems", **_PAGING)


def _found(call: Call, collection: str, arn: str) -> Record:
    record = call.place.find(collection, arn=arn)
    if record is None:
        raise AwsError("ResourceNotFoundException", f"{arn} was not found.")
    return record
