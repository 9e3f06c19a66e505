"""Collectors of conformance packs, of an account and of the organization."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from findings.facts.base import Gap, GapReason, not_told
from findings.facts.config_compliance import (
    ConformancePack,
    OrganizationConformancePack,
    Rollout,
)
from workers.collectors.base import Collector, Response, Session, pick, told
from workers.collectors.paging import Items, detail_items

SCORES = "config:ListConformancePackComplianceScores"
NO_SCORE = Gap(kind=ConformancePack.kind, reason=GapReason.NOT_SUPPLIED, operation=SCORES)

_PERCENTAGE = re.compile(r"(\d+(?:\.\d+)?)\s*%?")


@Collector(
    fact=ConformancePack,
    operations=(
        "config:DescribeConformancePackStatus",
        "config:ListConformancePackComplianceScores",
    ),
)
def conformance_packs(session: Session) -> Iterator[ConformancePack]:
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
    return OrganizationConformancePack(
        name=raw["OrganizationConformancePackName"],
        region=region,
        status=told(raw, "Status", OrganizationConformancePack, operation),
        rollouts=listed
        if isinstance(listed, Gap)
        else tuple(sorted(map(_rollout, listed), key=repr)),
    )


def _rollout(raw: Response) -> Rollout:
    return Rollout(account=raw["AccountId"], status=raw["Status"])
