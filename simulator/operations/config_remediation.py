"""AWS Config: remediations of rules; a record of `config.remediations` has its `_executions`."""

from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation


@operation("config", "DescribeRemediationConfigurations")
def describe_remediation_configurations(call: Call) -> dict[str, Any]:
    names = call.parameters["ConfigRuleNames"]
    if len(names) > 25:
        raise AwsError("ValidationException", "ConfigRuleNames holds at most 25 names.")
    found = call.place.all("config.remediations")
    return {"RemediationConfigurations": [one for one in found if one["ConfigRuleName"] in names]}


@operation("config", "DescribeRemediationExecutionStatus")
def describe_remediation_execution_status(call: Call) -> dict[str, Any]:
    name = call.parameters["ConfigRuleName"]
    found = call.place.find("config.remediations", ConfigRuleName=name)
    if found is None:
        raise AwsError("NoSuchRemediationConfigurationException", f"{name} has no remediation.")
    return call.page(found["_executions"], "RemediationExecutionStatuses", size=5, limit_in="Limit")
