"""Collectors of Incident Manager; where it is not in use, nothing more is asked than that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from findings.facts.base import Gap
from findings.facts.incidents import Incident, ReplicationSet, ResponsePlan
from workers.collectors.base import Collector, Response, Session, pick, told
from workers.collectors.paging import Items, detail_items

HISTORY = timedelta(days=180)
RESOLVED = [{"key": "status", "condition": {"equals": {"stringValues": ["RESOLVED"]}}}]
SERVICE = "ssm-incidents"


@Collector(fact=ReplicationSet, operations=("ssm-incidents:ListReplicationSets",))
def replication_sets(session: Session) -> Iterator[ReplicationSet]:
    for arn in session.items(SERVICE, "list_replication_sets", "replicationSetArns"):
        yield ReplicationSet(arn=arn)


@Collector(
    fact=ResponsePlan,
    operations=(
        "ssm-incidents:ListReplicationSets",
        "ssm-incidents:ListResponsePlans",
        "ssm-incidents:GetResponsePlan",
    ),
)
def response_plans(session: Session) -> Iterator[ResponsePlan]:
    if not any(replication_sets(session)):
        return
    client = session.client(SERVICE)
    for raw in session.items(SERVICE, "list_response_plans", "responsePlanSummaries"):
        try:
            plan = session.detail(client.get_response_plan, arn=raw["arn"])
        except client.exceptions.ResourceNotFoundException:
            continue  # it was deleted after it was listed
        yield parse_response_plan(raw, plan)


def parse_response_plan(raw: Response, plan: Response | Gap) -> ResponsePlan:
    return ResponsePlan(
        arn=raw["arn"],
        name=raw.get("name", ""),
        runbooks=_runbooks(plan),
        engagements=_count(plan, "engagements"),
        chat_channels=_count(plan, "chatChannel", "chatbotSns"),
    )


def _runbooks(plan: Response | Gap) -> Any:
    actions = pick(plan, "actions", default=())
    if isinstance(actions, Gap):
        return actions
    named = (pick(action, "ssmAutomation", "documentName") for action in actions)
    return tuple(sorted(name for name in named if name))


def _count(plan: Response | Gap, *path: str) -> Any:
    items = pick(plan, *path, default=())
    return items if isinstance(items, Gap) else len(items)


@Collector(
    fact=Incident,
    operations=(
        "ssm-incidents:ListReplicationSets",
        "ssm-incidents:ListIncidentRecords",
        "ssm-incidents:ListRelatedItems",
    ),
)
def incidents(session: Session) -> Iterator[Incident]:
    if not any(replication_sets(session)):
        return
    client = session.client(SERVICE)
    for raw in session.items(
        SERVICE, "list_incident_records", "incidentRecordSummaries", filters=RESOLVED
    ):
        resolved_at = raw.get("resolvedTime")
        if resolved_at and resolved_at < session.now - HISTORY:
            continue
        related = detail_items(
            session,
            client.list_related_items,
            "relatedItems",
            token="nextToken",  # noqa: S106 - the name of a member
            incidentRecordArn=raw["arn"],
        )
        yield parse_incident(raw, related)


def parse_incident(raw: Response, related: Items | Gap) -> Incident:
    analyses: Any = related
    if not isinstance(related, Gap):
        analyses = sum(pick(item, "identifier", "type") == "ANALYSIS" for item in related)
    return Incident(
        arn=raw["arn"],
        impact=told(raw, "impact", Incident, "ssm-incidents:ListIncidentRecords"),
        resolved_at=told(raw, "resolvedTime", Incident, "ssm-incidents:ListIncidentRecords"),
        analyses=analyses,
    )
