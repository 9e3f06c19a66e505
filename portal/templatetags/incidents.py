"""What pages of incidents say: what was known, how bad it was, and which findings told of it."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext_lazy, ngettext

from findings.foresight import Foresight
from findings.models import ForesightEntry, Incident
from portal.templatetags.portal import NOTHING

register = template.Library()

CLASSES = {
    Foresight.FORESEEN_OPEN: gettext_lazy("Foreseen: open"),
    Foresight.FORESEEN_SUPPRESSED: gettext_lazy("Foreseen: suppressed"),
    Foresight.CLAIMED_FIXED: gettext_lazy("Foreseen: claimed fixed"),
    Foresight.NOTHING_SEEN: gettext_lazy("Nothing seen"),
    Foresight.BLIND_NO_CHECK: gettext_lazy("Blind: no check"),
    Foresight.BLIND_NOT_COLLECTED: gettext_lazy("Blind: not collected"),
    Foresight.UNKNOWN: gettext_lazy("Unknown"),
}


@register.filter
def foresight(value: str) -> str:
    """A class of what was known, in words."""
    return str(CLASSES[Foresight(value)])


@register.filter
def known_before(entries: Iterable[ForesightEntry]) -> list[str]:
    """Each class that an incident has once, in the order of the classes."""
    found = {entry.chosen for entry in entries}
    return [str(label) for one, label in CLASSES.items() if one.value in found]


@register.filter
def impact(incident: Incident) -> str:
    """What is known of it; nothing is said of what is not."""
    users, requests, minutes = (
        incident.users_affected,
        incident.requests_failed,
        incident.downtime_minutes,
    )
    told = []
    if users is not None:
        told.append(ngettext("%s user", "%s users", users) % intcomma(users))
    if requests is not None:
        failed = ngettext("%s failed request", "%s failed requests", requests)
        told.append(failed % intcomma(requests))
    if minutes is not None:
        told.append(ngettext("%s minute down", "%s minutes down", minutes) % intcomma(minutes))
    return ", ".join(told) or NOTHING
