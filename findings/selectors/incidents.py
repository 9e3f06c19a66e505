"""Incidents, learnings and action items as pages and the API tell of them."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from findings.foresight import Foresight, Rate, foresight_rate
from findings.models import ActionItem, Episode, ForesightEntry, Incident, Learning, LearningLabel
from findings.selectors.as_of import episodes_as_of

SHOWN_EPISODES = 100


def incidents_seen(user: User) -> QuerySet[Incident]:
    seen = Incident.objects.visible_to(user)
    return seen.select_related("organization", "recorded_by", "analysis")


def learnings_seen(user: User) -> QuerySet[Learning]:
    seen: QuerySet[Learning] = Learning.objects.visible_to(user)
    return seen.select_related("incident", "organization").prefetch_related("labels")


def action_items_seen(user: User) -> QuerySet[ActionItem]:
    seen = ActionItem.objects.visible_to(user)
    related = (
        "incident",
        "organization",
        "owner",
        "owner_team",
        "learning",
        "claim_scan",
        "ticket__connection",
    )
    return seen.select_related(*related).prefetch_related("accounts")


def learnings_matching(
    rows: QuerySet[Learning],
    *,
    search: str = "",
    factor: str = "",
    state: str = "",
    **labels: str,
) -> QuerySet[Learning]:
    """Those that hold the words, and have the labels (practice, service, tag, check) given."""
    for word in search.split()[:8]:
        of_label = LearningLabel.objects.filter(name__icontains=word).values("learning")
        rows = rows.filter(
            Q(when__icontains=word)
            | Q(then__icontains=word)
            | Q(guard__icontains=word)
            | Q(pk__in=of_label)
        )
    for kind, name in labels.items():
        if name:
            of_name = LearningLabel.objects.filter(kind=kind, name__iexact=name)
            rows = rows.filter(pk__in=of_name.values("learning"))
    if factor:
        rows = rows.filter(incident__factors__kind=factor).distinct()
    return rows.filter(state=state) if state else rows


def open_when_it_began(incident: Incident) -> list[Episode]:
    """The episodes open in its accounts at its start, the most severe and oldest first."""
    found = episodes_as_of(incident.accounts.all(), incident.started_at)
    return list(found.order_by("finding__severity_rank", "opened_at", "pk")[:SHOWN_EPISODES])


def foresight_of(user: User) -> Rate:
    """Over what people confirmed of the incidents that the person sees."""
    entries: QuerySet[ForesightEntry] = ForesightEntry.objects.visible_to(user)
    confirmed = entries.exclude(confirmed="").order_by().values_list("confirmed", flat=True)
    return foresight_rate(_classes(confirmed))


def foresight_by_ou(user: User) -> dict[str, Rate]:
    """Path of the OU in which the account was then -> its rate; "" for the root."""
    entries: QuerySet[ForesightEntry] = ForesightEntry.objects.visible_to(user)
    rows = entries.exclude(confirmed="").order_by().values_list("ou__path", "confirmed")
    by_path: dict[str, list[str]] = {}
    for path, confirmed in rows:
        by_path.setdefault(path or "", []).append(confirmed)
    return {path: foresight_rate(_classes(found)) for path, found in sorted(by_path.items())}


def _classes(names: Iterable[str]) -> list[Foresight]:
    return [Foresight(name) for name in names]
