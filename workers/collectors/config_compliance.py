"""Collectors of conformance packs, of an account and of the organization, and of compliance."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from findings.facts.base import Gap, GapReason, not_told
from findings.facts.config_compliance import (
    ConformancePack,
    OrganizationConformancePack,
    Rollout,
    RuleCompliance,
)
from workers.collectors.base import Collector, Response, Session, pick, told
from workers.collectors.config_rules import listed_rules
from workers.collectors.paging import Items, detail_items

SCORES = "config:ListConformancePackComplianceScores"
NO_SCORE = Gap(kind=ConformancePack.kind, reason=GapReason.NOT_SUPPLIED, operation=SCORES)

MAX_RULES = 50
MAX_RESULTS = 500
RESULTS = "config:GetComplianceDetailsByConfigRule"
NOT_READ = Gap(kind=RuleCompliance.kind, reason=GapReason.CAPPED, operation=RESULTS)
"""More rules of a region are not complied with than are read one by one."""

NO_COMPLIANCE = Gap(
    kind=RuleCompliance.kind,
    reason=GapReason.NOT_SUPPLIED,
    operation="config:DescribeComplianceByConfigRule",
)

_PERCENTAGE = re.compile(r"(\d+(?:\.\d+)?)\s*%?")


@Collector(
    fact=ConformancePack,
    operations=(
        "config:DescribeConformancePackStatus",
        "config:ListConformancePackComplianceScores",
    ),
)
def conformance_packs(session: Session) -> Iterator[ConformancePack]:
    """One that failed may stand where neither rules nor a recorder are left."""
    listed = list(
        session.items("config", "describe_conformance_pack_status", "ConformancePackStatusDetails")
    )
    if not listed:
        return
    method = session.client("config").list_conformance_pack_compliance_scores
    scores = detail_items(session, method, "ConformancePackComplianceScores")
    for raw in listed:
        yield parse_conformance_pack(raw, scores)


def parse_conformance_pack(raw: Response, scores: Items | Gap) -> ConformancePack:
    operation = "config:DescribeConformancePackStatus"
    return ConformancePack(
        name=raw["ConformancePackName"],
        arn=told(raw, "ConformancePackArn", ConformancePack, operation),
        state=told(raw, "ConformancePackState", ConformancePack, operation),
        score=_score(raw["ConformancePackName"], scores),
    )


def _score(name: str, scores: Items | Gap) -> Any:
    """A percentage; None where Config has nothing evaluated yet."""
    if isinstance(scores, Gap):
        return scores
    score = next((s.get("Score") for s in scores if s.get("ConformancePackName") == name), None)
    if score is None:
        return NO_SCORE
    if score == "INSUFFICIENT_DATA":
        return None
    number = _PERCENTAGE.fullmatch(score)
    return float(number[1]) if number else not_told(ConformancePack.kind, SCORES, "Score")


@Collector(
    fact=OrganizationConformancePack,
    operations=(
        "config:DescribeOrganizationConformancePackStatuses",
        "config:GetOrganizationConformancePackDetailedStatus",
    ),
)
def organization_conformance_packs(session: Session) -> Iterator[OrganizationConformancePack]:
    """Config tells them to the management account and to delegated administrators only.

    Each of these sees those that it deployed itself.
    https://docs.aws.amazon.com/config/latest/developerguide/conformance-pack-organization-apis.html
    """
    client = session.client("config")
    try:
        listed = list(
            session.items(
                "config",
                "describe_organization_conformance_pack_statuses",
                "OrganizationConformancePackStatuses",
            )
        )
    except (
        client.exceptions.OrganizationAccessDeniedException,
        client.exceptions.NoAvailableOrganizationException,
    ):
        return
    pages = client.get_paginator("get_organization_conformance_pack_detailed_status")
    for raw in listed:
        asked = pages.paginate(
            OrganizationConformancePackName=raw["OrganizationConformancePackName"]
        )
        try:
            details = session.detail(asked.build_full_result)
        except client.exceptions.NoSuchOrganizationConformancePackException:
            continue  # it was deleted after it was listed
        yield parse_organization_conformance_pack(raw, details, session.region)


def parse_organization_conformance_pack(
    raw: Response, details: Response | Gap, region: str
) -> OrganizationConformancePack:
    operation = "config:DescribeOrganizationConformancePackStatuses"
    listed = pick(details, "OrganizationConformancePackDetailedStatuses", default=())
    if not isinstance(listed, Gap):
        listed = tuple(sorted(map(_rollout, listed), key=repr))
    return OrganizationConformancePack(
        name=raw["OrganizationConformancePackName"],
        region=region,
        status=told(raw, "Status", OrganizationConformancePack, operation),
        rollouts=listed,
    )


def _rollout(raw: Response) -> Rollout:
    return Rollout(account=raw["AccountId"], status=raw["Status"])


@Collector(
    fact=RuleCompliance,
    operations=(
        "config:DescribeConfigRules",
        "config:DescribeComplianceByConfigRule",
        "config:GetComplianceDetailsByConfigRule",
    ),
)
def rule_compliances(session: Session) -> Iterator[RuleCompliance]:
    """Of rules that are not complied with also how old the results are, of so many at most.

    Without rules there is nothing to ask for.
    """
    if not any(listed_rules(session)):
        return
    client = session.client("config")
    pages = client.get_paginator("get_compliance_details_by_config_rule")
    left = MAX_RULES
    for raw in session.items(
        "config", "describe_compliance_by_config_rule", "ComplianceByConfigRules"
    ):
        if pick(raw, "Compliance", "ComplianceType") != "NON_COMPLIANT":
            yield parse_rule_compliance(raw, {})
            continue
        left -= 1
        asked = pages.paginate(
            ConfigRuleName=raw["ConfigRuleName"],
            ComplianceTypes=["NON_COMPLIANT"],
            PaginationConfig={"MaxItems": MAX_RESULTS, "PageSize": 100},
        )
        try:
            results = session.detail(asked.build_full_result) if left >= 0 else NOT_READ
        except client.exceptions.NoSuchConfigRuleException:
            continue  # it was deleted after it was listed
        yield parse_rule_compliance(raw, results)


def parse_rule_compliance(raw: Response, results: Response | Gap) -> RuleCompliance:
    oldest, is_read_whole = _oldest(results)
    return RuleCompliance(
        rule=raw["ConfigRuleName"],
        compliance=pick(raw, "Compliance", "ComplianceType", default=NO_COMPLIANCE),
        oldest_result_at=oldest,
        is_read_whole=is_read_whole,
    )


def _oldest(results: Response | Gap) -> tuple[Any, Any]:
    """The oldest time, and whether the times of all results are known."""
    if isinstance(results, Gap):
        return results, results
    identifiers = [
        r.get("EvaluationResultIdentifier") for r in results.get("EvaluationResults", ())
    ]
    times = [identifier and identifier.get("OrderingTimestamp") for identifier in identifiers]
    is_read_whole = all(times) and not results.get("NextToken")
    return min(filter(None, times), default=None), is_read_whole
