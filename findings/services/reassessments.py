"""Stored evidence judged again: after a change of what judges it, and by time alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Account, Organization
from findings.checks.base import Registry, Result, Run, built_in, run
from findings.checks.context import Horizon
from findings.facts.base import AWS_GLOBAL, AWS_ORGANIZATION, Place
from findings.models import Evaluation, RegionState, Scan
from findings.services.assessments import (
    Occasion,
    Subject,
    account_subject,
    organization_subject,
    region_subject,
    scanned_accounts,
    stage_assess,
)
from findings.services.contexts import account_context, overrides_of
from findings.services.current import evidence_of_shards
from findings.services.declared_tools import tools_of
from findings.services.shards import scan_definitions


def reassess(
    *,
    organization: Organization,
    registry: Registry,
    now: datetime,
    accounts: Iterable[Account] | None = None,
) -> int:
    """Judge the current evidence of an organization (or of some accounts) again, without AWS.

    What has not changed is skipped. Returns how many evaluations had to run.
    """
    chosen = scanned_accounts(organization) if accounts is None else accounts
    subjects = [subject for account in chosen for subject in _of_account(account)]
    whole = organization_subject(organization)
    occasion = Occasion(registry=registry, now=now)
    return sum(_assess(subject, occasion) for subject in [*subjects, *([whole] if whole else [])])


def reassess_due(*, registry: Registry, now: datetime, limit: int = 500) -> int:
    """Judge again where the passing of time may have changed an outcome."""
    due = Evaluation.objects.filter(Q(valid_until__lt=now) | Q(volatile_until__lt=now))
    found = due.select_related("account__organization", "account__ou").order_by("id")[:limit]
    occasion = Occasion(registry=registry, now=now)
    subjects = [_subject_of(evaluation) for evaluation in found]
    return sum(_assess(subject, occasion) for subject in subjects if subject)


def results_of(
    scan: Scan, *, registry: Registry | None = None, now: datetime | None = None
) -> Iterator[Result]:
    """Every result of a scan, passes too, from the evidence that its own shards collected."""
    checks = registry or built_in()
    accounts = list(_accounts_of(scan))
    at = now or timezone.now()
    current = evidence_of_shards(scan.shards.all(), _pseudo_places(accounts))
    definitions = [d for d in scan_definitions(scan, checks) if current.supplies(d)]
    given = Run(
        accounts={account.account_id: account_context(account) for account in accounts},
        horizon=Horizon(at),
        overrides=overrides_of(scan.organization, accounts, checks),
        tools=tools_of(scan.organization, accounts, at),
    )
    evidence = current.load(definitions, {})
    return run(definitions, evidence, current.places, given)


def _pseudo_places(accounts: Iterable[Account]) -> list[Place]:
    """Where checks of a whole account or organization are at home, collected there or not."""
    return [
        Place(account.account_id, region)
        for account in accounts
        for region in (AWS_GLOBAL, *([AWS_ORGANIZATION] if account.is_management else []))
    ]


def _accounts_of(scan: Scan) -> QuerySet[Account]:
    chosen = Account.objects.filter(pk__in=scan.scan_accounts.values("account"))
    return chosen.select_related("ou", "organization")


def _of_account(account: Account) -> list[Subject]:
    regions = RegionState.objects.in_scope().filter(account=account)
    real = regions.exclude(region__startswith="aws-").exclude(sources={})
    return [
        *(region_subject(account, state.region) for state in real.order_by("region")),
        account_subject(account),
    ]


def _subject_of(evaluation: Evaluation) -> Subject | None:
    if evaluation.stage == Evaluation.Stage.REGION:
        return region_subject(evaluation.account, evaluation.region)
    if evaluation.stage == Evaluation.Stage.ACCOUNT:
        return account_subject(evaluation.account)
    return organization_subject(evaluation.account.organization)


@transaction.atomic
def _assess(subject: Subject, occasion: Occasion) -> bool:
    return stage_assess(subject=subject, occasion=occasion)
