"""The rows of incidents in exports, of what they taught and of what is done about it.

They tell of accounts by what people wrote, so a row is for those who see all of its accounts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet

from findings.models import ActionItem, Incident, Learning, LearningLabel
from findings.models.incident import TIMES
from findings.selectors.export_batches import Batch, Row, Source, Wanted, by_key
from findings.selectors.incidents import action_items_seen, incidents_seen, learnings_seen

PIECE = 100
"""Each may hold some texts of 50,000 letters."""
INCIDENT_COLUMNS = (
    "uid",
    "key",
    "title",
    "summary",
    "severity",
    "state",
    "users_affected",
    "requests_failed",
    "downtime_minutes",
    "accounts",
    "services",
    "checks",
    "factors",
    "foresight",
    *TIMES,
    "seconds_to_detect",
    "seconds_to_acknowledge",
    "seconds_to_mitigate",
    "seconds_to_resolve",
    "analysis",
    "published_at",
    "external_reference",
    "external_url",
    "recorded_at",
    "changed_at",
)
LABELS = {
    "practices": LearningLabel.Kind.PRACTICE,
    "tags": LearningLabel.Kind.TAG,
    "services": LearningLabel.Kind.SERVICE,
    "checks": LearningLabel.Kind.CHECK,
}
LEARNING_COLUMNS = (
    "uid",
    "incident",
    "when",
    "then",
    "guard",
    *LABELS,
    "state",
    "state_since",
    "learnt_at",
)
ACTION_ITEM_COLUMNS = (
    "uid",
    "incident",
    "learning",
    "title",
    "text",
    "owner",
    "owner_team",
    "due_at",
    "state",
    "check_id",
    "accounts",
    "needed_passes",
    "passes",
    "claimed_at",
    "verified_at",
    "rejected_claims",
    "regressions",
    "ticket",
    "added_at",
    "changed_at",
)


def _incidents(wanted: Wanted) -> QuerySet[Incident]:
    seen = incidents_seen(wanted.user).filter(organization=wanted.organization)
    return seen.prefetch_related("accounts", "factors", "foresight")


def _read_incidents(wanted: Wanted) -> Iterator[Batch]:
    for found in by_key(lambda: _incidents(wanted), PIECE):
        yield _batch([_incident(incident) for incident in found], found)


def _incident(incident: Incident) -> Row:
    analysis = getattr(incident, "analysis", None)
    confirmed = Counter(entry.confirmed for entry in incident.foresight.all() if entry.confirmed)
    times = incident.times
    return _fields(incident, INCIDENT_COLUMNS) | {
        "state": incident.state.value,
        "accounts": _account_ids(incident),
        "factors": sorted({factor.kind for factor in incident.factors.all()}),
        "foresight": dict(confirmed),
        "seconds_to_detect": _seconds(times.to_detect),
        "seconds_to_acknowledge": _seconds(times.to_acknowledge),
        "seconds_to_mitigate": _seconds(times.to_mitigate),
        "seconds_to_resolve": _seconds(times.to_resolve),
        "analysis": analysis.state if analysis else "",
        "published_at": analysis.published_at if analysis else None,
    }


def _learnings(wanted: Wanted) -> QuerySet[Learning]:
    seen = learnings_seen(wanted.user).filter(organization=wanted.organization)
    return seen.prefetch_related("incident__accounts")


def _read_learnings(wanted: Wanted) -> Iterator[Batch]:
    for found in by_key(lambda: _learnings(wanted), PIECE):
        rows = [
            _fields(learning, LEARNING_COLUMNS)
            | {"incident": learning.incident.key}
            | {name: learning.labelled(kind) for name, kind in LABELS.items()}
            for learning in found
        ]
        yield _batch(rows, [learning.incident for learning in found])


def _action_items(wanted: Wanted) -> QuerySet[ActionItem]:
    seen = action_items_seen(wanted.user).filter(organization=wanted.organization)
    return seen.prefetch_related("incident__accounts")


def _read_action_items(wanted: Wanted) -> Iterator[Batch]:
    for found in by_key(lambda: _action_items(wanted), PIECE):
        rows = [_action_item(item) for item in found]
        yield _batch(rows, [*found, *(item.incident for item in found)])


def _action_item(item: ActionItem) -> Row:
    return _fields(item, ACTION_ITEM_COLUMNS) | {
        "incident": item.incident.key,
        "learning": item.learning.uid if item.learning else None,
        "owner": item.owner.get_username() if item.owner else "",
        "owner_team": item.owner_team.name if item.owner_team else "",
        "accounts": _account_ids(item),
        "ticket": item.ticket.uid if item.ticket else None,
    }


def _fields(thing: Any, columns: Iterable[str]) -> Row:
    return {name: getattr(thing, name) for name in columns if hasattr(thing, name)}


def _account_ids(thing: Incident | ActionItem) -> list[str]:
    return sorted(account.account_id for account in thing.accounts.all())


def _seconds(duration: timedelta | None) -> int | None:
    return None if duration is None else int(duration.total_seconds())


def _batch(rows: list[Row], told_of: Iterable[Incident | ActionItem]) -> Batch:
    """What names no account is of the organization as a whole."""
    named = [{account.pk for account in thing.accounts.all()} for thing in told_of]
    return Batch(rows, frozenset().union(*named), of_whole=not all(named))


INCIDENTS = Source(
    columns=INCIDENT_COLUMNS,
    read=_read_incidents,
    number=lambda wanted: _incidents(wanted).count(),
)
LEARNINGS = Source(
    columns=LEARNING_COLUMNS,
    read=_read_learnings,
    number=lambda wanted: _learnings(wanted).count(),
)
ACTION_ITEMS = Source(
    columns=ACTION_ITEM_COLUMNS,
    read=_read_action_items,
    number=lambda wanted: _action_items(wanted).count(),
)
