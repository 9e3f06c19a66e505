"""AWS Config: conformance packs of a region, those that an account deploys to all, and compliance.

A record of `config.packs` is a status with its score as `_score`; one of
`config.organization_packs` holds the statuses of its accounts as `_accounts`.

A rule has its compliance as `_compliance`, and the times of results that do not comply as
`_results`.
"""

from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation
from simulator.organization import MANAGEMENT_ID


@operation("config", "DescribeConformancePackStatus")
def describe_conformance_pack_status(call: Call) -> dict[str, Any]:
    names = call.parameters.get("ConformancePackNames")
    packs = call.place.all("config.packs")
    found = [pack for pack in packs if not names or pack["ConformancePackName"] in names]
    return call.page(found, "ConformancePackStatusDetails", size=2, limit_in="Limit")


@operation("config", "ListConformancePackComplianceScores")
def list_conformance_pack_compliance_scores(call: Call) -> dict[str, Any]:
    names = (call.parameters.get("Filters") or {}).get("ConformancePackNames")
    found = [
        {"ConformancePackName": pack["ConformancePackName"], **pack["_score"]}
        for pack in call.place.all("config.packs")
        if pack["_score"] and (not names or pack["ConformancePackName"] in names)
    ]
    return call.page(found, "ConformancePackComplianceScores", size=2, limit_in="Limit")


def _require_administrator(call: Call) -> None:
    allowed = (MANAGEMENT_ID, call.world.organization.delegated_administrator)
    if call.account.id not in allowed:
        raise AwsError(
            "OrganizationAccessDeniedException",
            "This operation can only be called by the management account or an administrator.",
        )


@operation("config", "DescribeOrganizationConformancePackStatuses")
def describe_organization_conformance_pack_statuses(call: Call) -> dict[str, Any]:
    _require_administrator(call)
    found = call.place.all("config.organization_packs")
    return call.page(found, "OrganizationConformancePackStatuses", size=2, limit_in="Limit")


@operation("config", "GetOrganizationConformancePackDetailedStatus")
def get_organization_conformance_pack_detailed_status(call: Call) -> dict[str, Any]:
    _require_administrator(call)
    name = call.parameters["OrganizationConformancePackName"]
    found = call.place.find("config.organization_packs", OrganizationConformancePackName=name)
    if found is None:
        raise AwsError("NoSuchOrganizationConformancePackException", f"There is no pack {name}.")
    key = "OrganizationConformancePackDetailedStatuses"
    return call.page(found["_accounts"], key, size=2, limit_in="Limit")


@operation("config", "DescribeComplianceByConfigRule")
def describe_compliance_by_config_rule(call: Call) -> dict[str, Any]:
    """A rule that says nothing of it was not evaluated."""
    found = [
        {
            "ConfigRuleName": rule["ConfigRuleName"],
            "Compliance": {"ComplianceType": rule.get("_compliance", "INSUFFICIENT_DATA")},
        }
        for rule in call.place.all("config.rules")
    ]
    return call.page(found, "ComplianceByConfigRules", size=10)


@operation("config", "GetComplianceDetailsByConfigRule")
def get_compliance_details_by_config_rule(call: Call) -> dict[str, Any]:
    name = call.parameters["ConfigRuleName"]
    rule = call.place.find("config.rules", ConfigRuleName=name)
    if rule is None:
        raise AwsError("NoSuchConfigRuleException", f"There is no rule {name}.")
    found = [
        {
            "EvaluationResultIdentifier": {
                "EvaluationResultQualifier": {
                    "ConfigRuleName": name,
                    "ResourceType": "AWS::S3::Bucket",
                    "ResourceId": f"bucket-{number}",
                },
                "OrderingTimestamp": at,
            },
            "ComplianceType": "NON_COMPLIANT",
        }
        for number, at in enumerate(rule.get("_results", ()))
    ]
    return call.page(found, "EvaluationResults", size=100, limit_in="Limit")
