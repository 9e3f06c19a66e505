"""Post-incident analyses: written by several people at once, reviewed, published; nothing lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.roles import Permission
from accounts.services.audit import audit_record
from findings.models import Analysis, AnalysisVersion, Incident, IncidentEvent
from findings.models.incident import LONGEST_TEXT
from findings.models.incident_analysis import SECTIONS
from findings.services.incident_access import incident_event_append, require_on_incident

RUN_OF_AUTOSAVES = timedelta(minutes=10)
"""Within it the last autosave of a person takes the place of the one before."""
DEEPEST, MOST_WHYS = 7, 60
S = Analysis.State
_MOVES = {
    (S.DRAFT, S.IN_REVIEW): Permission.CONTRIBUTE,
    (S.IN_REVIEW, S.DRAFT): Permission.CONTRIBUTE,
    (S.IN_REVIEW, S.PUBLISHED): Permission.APPROVE,
    (S.PUBLISHED, S.DRAFT): Permission.APPROVE,
}


class AnalysisConflict(ValueError):
    """Somebody else saved in between, or it cannot be moved or written now; the message says."""


@transaction.atomic
def analysis_begin(
    *, actor: User | None, incident: Incident, template: str, now: datetime
) -> Analysis:
    """Raises AnalysisConflict where there is one already."""
    require_on_incident(actor, Permission.CONTRIBUTE, incident)
    if Analysis.objects.filter(incident=incident).exists():
        raise AnalysisConflict(f"{incident.key} has an analysis already.")
    analysis = Analysis(
        incident=incident, template=template, begun_at=now, changed_at=now, changed_by=actor
    )
    analysis.full_clean(exclude=["changed_by"])
    analysis.save(force_insert=True)
    _keep(analysis, actor, is_autosave=False, now=now)
    _tell(analysis, actor, "analysis.begin", None, now)
    return analysis


@transaction.atomic
def analysis_save(
    *,
    actor: User | None,
    analysis: Analysis,
    version: int,
    sections: Mapping[str, object],
    whys: object,
    is_autosave: bool = False,
    now: datetime,
) -> Analysis:
    """Save words that were written from a version; parts that are not given stay as they are.

    Raises AnalysisConflict where it is no longer the newest, and keeps nothing of it then.
    """
    require_on_incident(actor, Permission.CONTRIBUTE, analysis.incident)
    held = Analysis.objects.select_for_update(of=("self",)).get(pk=analysis.pk)
    if held.state == S.PUBLISHED:
        raise AnalysisConflict("It is published. Take it back to a draft to change it.")
    wanted = {**held.sections, **_sections_checked(held.template, sections)}
    tree = held.whys if whys is None else whys_checked(whys)
    if (wanted, tree) == (held.sections, held.whys) and version == held.version:
        return held
    moved = Analysis.objects.filter(pk=held.pk, version=version).update(
        sections=wanted, whys=tree, version=version + 1, changed_at=now, changed_by=actor
    )
    if not moved:
        raise AnalysisConflict(
            f"It was saved by {held.changed_by or 'somebody'} in between; "
            f"version {held.version} is the newest, this was written from {version}."
        )
    held.refresh_from_db()
    _keep(held, actor, is_autosave=is_autosave, now=now)
    return held


@transaction.atomic
def analysis_restore(
    *, actor: User | None, analysis: Analysis, kept: AnalysisVersion, version: int, now: datetime
) -> Analysis:
    """Write the words of an earlier version as the newest; what stands now stays in the history."""
    empty = dict.fromkeys(analysis.sections, "")
    return analysis_save(
        actor=actor,
        analysis=analysis,
        version=version,
        sections={**empty, **kept.sections},
        whys=kept.whys,
        now=now,
    )


@transaction.atomic
def analysis_move(
    *,
    actor: User | None,
    analysis: Analysis,
    to: Analysis.State,
    version: int | None = None,
    now: datetime,
) -> Analysis:
    """Raises AnalysisConflict for a move that there is not.

    With a version, also where it is no longer the newest: nobody publishes what they did not read.
    """
    held = Analysis.objects.select_for_update(of=("self",)).get(pk=analysis.pk)
    before = S(held.state)
    permission = _MOVES.get((before, to))
    require_on_incident(actor, permission or Permission.CONTRIBUTE, held.incident)
    if permission is None:
        raise AnalysisConflict(f"From {before.label.lower()} it does not become {to.label}.")
    if to is not S.DRAFT and not held.sections.get("conclusion", "").strip():
        raise AnalysisConflict("It says nothing yet of what is learnt.")
    if version not in (None, held.version):
        raise AnalysisConflict(
            f"It was changed in between: version {held.version} is the newest. Read it first."
        )
    is_published = to is S.PUBLISHED
    moved = Analysis.objects.filter(pk=held.pk, state=before, version=held.version).update(
        state=to,
        changed_at=now,
        published_at=now if is_published else None,
        published_by=actor if is_published else None,
    )
    if not moved:
        raise AnalysisConflict("Somebody else moved it in between.")
    held.refresh_from_db()
    _tell(held, actor, "analysis.move", before, now)
    return held


def _sections_checked(template: str, sections: Mapping[str, object]) -> dict[str, str]:
    known = dict(SECTIONS[template])
    found: dict[str, str] = {}
    for key, text in sections.items():
        if key not in known:
            raise ValidationError({"sections": f"This template has no part {key!r}."})
        if not isinstance(text, str) or len(text) > LONGEST_TEXT or "\0" in text:
            told = f"Each part is text of at most {LONGEST_TEXT} signs."
            raise ValidationError({"sections": told})
        found[key] = text
    return found


def whys_checked(tree: object) -> list[dict[str, object]]:
    """A tree of answers to "why", each with those below it. Raises ValidationError."""
    budget = [MOST_WHYS]

    def branch(found: object, depth: int) -> list[dict[str, object]]:
        if not isinstance(found, list) or (found and depth > DEEPEST):
            raise ValidationError({"whys": f"Give lists, at most {DEEPEST} deep."})
        return [leaf(one, depth) for one in found]

    def leaf(one: object, depth: int) -> dict[str, object]:
        budget[0] -= 1
        text = one.get("why") if isinstance(one, dict) else None
        if not isinstance(one, dict) or set(one) - {"why", "because"} or budget[0] < 0:
            told = f"Give at most {MOST_WHYS} of {{why, because}}."
            raise ValidationError({"whys": told})
        if not isinstance(text, str) or not text.strip() or len(text) > 1000 or "\0" in text:
            raise ValidationError({"whys": "Each why is text of at most 1000 signs."})
        return {"why": text.strip(), "because": branch(one.get("because", []), depth + 1)}

    return branch(tree, 1)


def _keep(analysis: Analysis, actor: User | None, *, is_autosave: bool, now: datetime) -> None:
    last = analysis.versions.order_by("-number").first()
    is_run = last and last.is_autosave and last.saved_by == actor
    if is_autosave and last and is_run and now - last.saved_at < RUN_OF_AUTOSAVES:
        last.delete()
    AnalysisVersion.objects.create(
        analysis=analysis,
        number=analysis.version,
        sections=analysis.sections,
        whys=analysis.whys,
        is_autosave=is_autosave,
        saved_at=now,
        saved_by=actor,
    )


def _tell(
    analysis: Analysis,
    actor: User | None,
    action: str,
    before: Analysis.State | None,
    now: datetime,
) -> None:
    audit_record(
        actor=actor,
        action=action,
        target=analysis.incident,
        before={"state": before.value} if before else None,
        after={"state": analysis.state, "version": analysis.version},
        now=now,
    )
    published = analysis.state == S.PUBLISHED
    incident_event_append(
        incident=analysis.incident,
        kind=IncidentEvent.Kind.PUBLISHED if published else IncidentEvent.Kind.ANALYSIS,
        actor=actor,
        now=now,
        subject=analysis,
        before={"state": before.value} if before else {},
        after={"state": analysis.state, "version": analysis.version},
    )
