"""Incidents, learnings and action items as pages and the API tell of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Q, QuerySet

from accounts.access import people_seeing
from findings.models import ActionItem, Episode, Incident, Learning, LearningLabel
from findings.selectors.as_of import episodes_as_of

SHOWN_EPISODES = 100


def incidents_seen(user: User | AnonymousUser) -> QuerySet[Incident]:
    seen = Incident.objects.visible_to(user)
    return seen.select_related("organization", "recorded_by", "analysis")


MOST_WORDS = 8
_KEY = re.compile(r"inc-(\d{1,9})", re.IGNORECASE)


def incidents_matching(rows: QuerySet[Incident], search: str) -> QuerySet[Incident]:
    """Those that hold each of the words in their title or summary, or are called by them."""
    for word in search.split()[:MOST_WORDS]:
        holds = Q(title__icontains=word) | Q(summary__icontains=word)
        if key := _KEY.fullmatch(word):
            holds |= Q(number=int(key[1]))
        rows = rows.filter(holds | Q(external_reference__iexact=word))
    return rows


def people_seeing_incident(incident: Incident, now: datetime) -> QuerySet[User]:
    """Whom it may be given to: nobody is given something that they cannot look at."""
    return people_seeing(incident.organization, incident.accounts.select_related("ou"), now)


def learnings_seen(user: User | AnonymousUser) -> QuerySet[Learning]:
    seen: QuerySet[Learning] = Learning.objects.visible_to(user)
    return seen.select_related("incident", "organization").prefetch_related("labels")


def action_items_seen(user: User | AnonymousUser) -> QuerySet[ActionItem]:
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
    for word in search.split()[:MOST_WORDS]:
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


@dataclass(frozen=True, slots=True)
class OpenThen:
    """Episodes that were open at an instant, the most severe and oldest first; of ``number``."""

    shown: list[Episode]
    number: int


def open_when_it_began(incident: Incident) -> OpenThen:
    """In its accounts; in all of its organization where it names none."""
    accounts = incident.accounts.all() or incident.organization.accounts.all()
    found = episodes_as_of(accounts, incident.started_at)
    shown = list(found.order_by("finding__severity_rank", "opened_at", "pk")[:SHOWN_EPISODES])
    return OpenThen(shown, found.count() if len(shown) == SHOWN_EPISODES else len(shown))
