"""AWS Systems Manager: associations, compliance, patches and baselines, as records hold them."""

from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation

Record = dict[str, Any]
_TOKENS: Record = {"bad_token": "InvalidNextToken"}
MOST_NODES = 50
AWS_BASELINE = {
    "BaselineId": "pb-0c10e65780EXAMPLE",
    "BaselineName": "AWS-DefaultPatchBaseline",
    "OperatingSystem": "WINDOWS",
    "DefaultBaseline": True,
}


@operation("ssm", "ListAssociations")
def list_associations(call: Call) -> Record:
    return call.page(call.place.all("ssm.associations"), "Associations", size=3, **_TOKENS)


@operation("ssm", "ListResourceComplianceSummaries")
def list_resource_compliance_summaries(call: Call) -> Record:
    wanted = {f["Key"]: f["Values"] for f in call.parameters.get("Filters") or []}
    types = wanted.get("ComplianceType")
    found = [
        summary
        for summary in call.place.all("ssm.compliance")
        if types is None or summary["ComplianceType"] in types
    ]
    return call.page(found, "ResourceComplianceSummaryItems", size=3, **_TOKENS)


@operation("ssm", "DescribeInstancePatchStates")
def describe_instance_patch_states(call: Call) -> Record:
    nodes = call.parameters["InstanceIds"]
    if len(nodes) > MOST_NODES:
        raise AwsError("ValidationException", "At most 50 managed nodes are allowed.")
    found = [s for s in call.place.all("ssm.patch_states") if s["InstanceId"] in nodes]
    return call.page(found, "InstancePatchStates", size=10, **_TOKENS)


@operation("ssm", "DescribePatchBaselines")
def describe_patch_baselines(call: Call) -> Record:
    wanted = {f["Key"]: f["Values"] for f in call.parameters.get("Filters") or []}
    own = call.place.all("ssm.patch_baselines")
    found = own if wanted.get("OWNER") == ["Self"] else [*own, AWS_BASELINE]
    return call.page(found, "BaselineIdentities", size=2, **_TOKENS)


@operation("ssm", "DescribePatchGroups")
def describe_patch_groups(call: Call) -> Record:
    return call.page(call.place.all("ssm.patch_groups"), "Mappings", size=2, **_TOKENS)
