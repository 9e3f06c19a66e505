"""Suppressions: what they select and cover, and how pages and the API tell of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Left

from accounts.access import Target, can
from accounts.models import Account, Organization
from accounts.roles import Permission
from findings.catalogue.pillar import Severity
from findings.models import (
    CheckStatus,
    Finding,
    SuppressedFinding,
    Suppression,
    SuppressionEvent,
)
from findings.models.suppression import SuppressionQuerySet
from findings.selectors.scopes import people_of

SOON = timedelta(days=14)
SAMPLE = 20


def findings_selected(suppression: Suppression) -> QuerySet[Finding]:
    """The open findings that a suppression is for, whether it is in force or not."""
    if suppression.finding_id is not None:
        return _of_one_finding(suppression)
    exact = {"check_id": suppression.check_id, "region": suppression.region}
    found = Finding.objects.filter(organization=suppression.organization_id).open()
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if suppression.account_id is not None:
        found = found.filter(account=suppression.account_id)
    if suppression.ou is not None:
        found = found.filter(account__ou__lineage__startswith=suppression.ou.lineage)
    if suppression.tag_key:
        found = found.filter(account__in=_accounts_tagged(suppression))
    return found.filter(**_named(suppression.resource)) if suppression.resource else found


def _of_one_finding(suppression: Suppression) -> QuerySet[Finding]:
    found = Finding.objects.filter(pk__in=[suppression.finding_id]).open()
    if suppression.episode_id is None:
        return found
    return found.filter(episodes=suppression.episode_id, episodes__closed_at=None)


def _accounts_tagged(suppression: Suppression) -> list[int]:
    """Keys and values of JSON are compared here: the databases differ in how they would."""
    rows = Account.objects.filter(organization=suppression.organization_id)
    key, value = suppression.tag_key, suppression.tag_value
    return [
        pk
        for pk, tags in rows.values_list("pk", "tags")
        if tags and key in tags and value in ("", tags[key])
    ]


def _named(resource: str) -> dict[str, object]:
    """Conditions on the key; not LIKE, which on SQLite overlooks upper and lower case."""
    if not resource.endswith("*"):
        return {"resource": resource}
    start = resource[:-1]
    return {"pk__in": Finding.objects.filter(resource__startswith=start).annotate(
        start=Left("resource", len(start))
    ).filter(start=start).values("pk")}  # fmt: skip


def suppressed_at(findings: QuerySet[Finding], instant: datetime) -> QuerySet[Finding]:
    """The findings that were suppressed at an instant."""
    return findings.filter(_is_suppressed(instant))


def not_suppressed_at(findings: QuerySet[Finding], instant: datetime) -> QuerySet[Finding]:
    return findings.filter(~_is_suppressed(instant))


def _is_suppressed(instant: datetime) -> Exists:
    return Exists(SuppressedFinding.objects.at(instant).filter(finding=OuterRef("pk")))


def with_suppressed_until(findings: QuerySet[Finding], instant: datetime) -> QuerySet[Finding]:
    """Each finding with ``suppressed_until``: the end of what covers it longest, or None."""
    spans = SuppressedFinding.objects.at(instant).filter(finding=OuterRef("pk"))
    longest = spans.order_by("-until_at").values("until_at")[:1]
    return findings.annotate(suppressed_until=Subquery(longest))


def decisions_on(
    findings: Iterable[Finding], instant: datetime, user: User
) -> dict[int, SuppressedFinding]:
    """Finding (internal id) -> what covers it longest at an instant, for those a person sees.

    ``is_seen`` of a row: whether the person sees the suppression as well, whose scope may be wider.
    """
    rows = SuppressedFinding.objects.at(instant).visible_to(user)
    rows = rows.filter(finding__in=[finding.pk for finding in findings])
    seen = Suppression.objects.visible_to(user).filter(pk=OuterRef("suppression"))
    rows = rows.annotate(is_seen=Exists(seen))
    return {row.finding_id: row for row in rows.order_by("until_at").select_related("suppression")}


@dataclass(frozen=True, slots=True, kw_only=True)
class SeverityMatched:
    severity: Severity
    findings: int
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a suppression would cover now, within what a person may see."""

    findings: int
    accounts: int
    already: int
    """Of them are suppressed now."""
    severities: tuple[SeverityMatched, ...]
    """Those that match, critical first, with the end that their severity allows."""
    sample: tuple[Finding, ...]
    is_beyond_maximum: bool


def preview_of(
    suppression: Suppression, user: User, *, days: Mapping[str, int], now: datetime
) -> Preview:
    """A live view of a saved or unsaved suppression; ``days`` as SUPPRESSION_DAYS."""
    seen = findings_selected(suppression).visible_to(user).order_by()  # type: ignore[attr-defined]
    numbers = {
        row["severity"]: row["number"]
        for row in seen.values("severity").annotate(number=Count("pk"))
    }
    number, most = sum(numbers.values()), suppression.maximum
    return Preview(
        findings=number,
        accounts=seen.aggregate(number=Count("account", distinct=True))["number"],
        already=suppressed_at(seen, now).count(),
        severities=tuple(
            SeverityMatched(
                severity=severity,
                findings=numbers[severity.value],
                ends_at=suppression.end_for(severity.value, days),
            )
            for severity in Severity
            if severity.value in numbers
        ),
        sample=tuple(
            seen.select_related("account__ou").order_by("severity_rank", "-opened_at", "-id")[
                :SAMPLE
            ]
        ),
        is_beyond_maximum=most is not None and number > most,
    )


@dataclass(frozen=True, slots=True)
class Compensation:
    """The accounts (internal ids) where a compensating check fails, and where it is not known."""

    fails: tuple[int, ...] = ()
    unknown: tuple[int, ...] = ()


def compensation_in(check: str, accounts: Sequence[int]) -> Compensation:
    """How a compensating check stands: it is known only where something passes and nothing else."""
    rows = CheckStatus.objects.filter(check_id=check, account__in=accounts)
    fails = {row.account_id for row in rows if row.failed}
    doubted = {row.account_id for row in rows if row.unknown}
    passes = {row.account_id for row in rows if row.passed} - doubted
    return Compensation(
        fails=tuple(sorted(fails)), unknown=tuple(sorted(set(accounts) - fails - passes))
    )


def approvers_besides(person: User | None, target: Target, now: datetime) -> bool:
    """Whether anybody else may approve on all of a target."""
    organization = target if isinstance(target, Organization) else getattr(
        target, "organization", None
    )  # fmt: skip
    with_grants = people_of([organization] if organization else [], now)
    everybody = User.objects.filter(is_superuser=True, is_active=True)
    others = User.objects.filter(Q(pk__in=with_grants.values("pk")) | Q(pk__in=everybody))
    return any(
        can(other, Permission.APPROVE, target)
        for other in others.exclude(pk__in=[person.pk] if person else [])
    )


def may_decide(user: User, suppression: Suppression, now: datetime) -> bool:
    """The approver differs from the asker, unless there is no other approver of the scope."""
    target = suppression.target
    if not can(user, Permission.APPROVE, target):
        return False
    return suppression.asked_by_id != user.pk or not approvers_besides(user, target, now)


def suppressions_seen(user: User | AnonymousUser) -> SuppressionQuerySet:
    return Suppression.objects.visible_to(user).select_related(
        "organization", "ou", "account", "finding", "asked_by", "decided_by", "revoked_by", "renews"
    )


def with_changed_at(suppressions: SuppressionQuerySet) -> SuppressionQuerySet:
    """Each with ``changed_at``: when it was asked for, decided, ended, or last warned."""
    told = SuppressionEvent.objects.filter(suppression=OuterRef("pk")).order_by("-number")
    return suppressions.annotate(changed_at=Coalesce(Subquery(told.values("at")[:1]), "asked_at"))


def suppressions_to_decide(user: User, now: datetime) -> SuppressionQuerySet:
    """Requests on all of whose scope the person may approve, their own as well."""
    return suppressions_seen(user).asked(now).decidable_by(user)


def suppressions_asked(user: User, now: datetime) -> SuppressionQuerySet:
    """Everything that waits for a decision, whoever decides."""
    return suppressions_seen(user).asked(now)


def own_to_decide(user: User | AnonymousUser, now: datetime) -> int:
    """How many of their own requests a person decides, because nobody else could."""
    if not isinstance(user, User):
        return 0
    own = Suppression.objects.asked(now).decidable_by(user).filter(asked_by=user)
    return sum(
        may_decide(user, row, now) for row in own.select_related("organization", "ou", "account")
    )


def suppressions_active(user: User, now: datetime) -> SuppressionQuerySet:
    """In force now, or approved for later."""
    return suppressions_seen(user).standing(now)


def suppressions_ending(user: User, now: datetime) -> QuerySet[Suppression]:
    """In force, and over within 14 days."""
    return suppressions_active(user, now).filter(ends_at__lte=now + SOON)


def suppressions_over(user: User, now: datetime) -> QuerySet[Suppression]:
    """What was refused, revoked, tripped or has expired."""
    over = Q(is_approved=False) | Q(revoked_at__isnull=False) | Q(tripped_at__isnull=False)
    return suppressions_seen(user).filter(over | Q(ends_at__lte=now))
