"""Findings with what people do about them, and when any of it last changed."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import F, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from findings.models import Episode, Finding, FindingEvent


def findings_told(user: User | AnonymousUser) -> QuerySet[Finding]:
    """Findings a person may see: ``workflow``, ``claimed_at``, ``claim_scan``, ``updated_at``.

    The first three are those of the last episode; the scan is a uid. ``updated_at`` moves with the
    outcome, with every event and when the last scans could no longer see it; not when nothing but
    its age changed.
    """
    last = Episode.objects.filter(finding=OuterRef("pk")).order_by("-number")
    events = FindingEvent.objects.filter(finding=OuterRef("pk")).order_by().values("finding")
    last_event = Subquery(events.annotate(last=Max("at")).values("last"))
    seen = Finding.objects.visible_to(user).select_related("account__organization", "account__ou")
    return seen.annotate(
        workflow=Subquery(last.values("workflow")[:1]),
        claimed_at=Subquery(last.values("claimed_at")[:1]),
        claim_scan=Subquery(last.values("claim_scan__uid")[:1]),
        updated_at=Greatest(
            F("changed_at"),
            Coalesce(last_event, F("changed_at")),
            Coalesce(F("unverified_since"), F("changed_at")),
        ),
    )
