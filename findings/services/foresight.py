"""What was known when an incident began: proposed from history, confirmed by a person."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from accounts.models import Account
from accounts.roles import Permission
from accounts.services.audit import audit_record
from findings.checks.base import Registry
from findings.foresight import Foresight, Judged
from findings.models import ForesightEntry, Incident
from findings.selectors.as_of import ou_as_of
from findings.services.incident_access import require_on_incident
from findings.services.known import Known, known_as_of


@transaction.atomic
def foresight_propose(
    *,
    actor: User | None,
    incident: Incident,
    registry: Registry,
    now: datetime,
) -> list[ForesightEntry]:
    """Propose a class for each related check in each account; an incident without any is blind.

    What a person confirmed stays; proposals that nobody confirmed are made anew.
    """
    require_on_incident(actor, Permission.CONTRIBUTE, incident)
    accounts = list(incident.accounts.all())
    known = known_as_of(
        accounts=accounts,
        checks=incident.checks,
        at=incident.started_at,
        registry=registry,
    )
    known = known or [_without_a_check(incident, account) for account in accounts]
    ForesightEntry.objects.filter(incident=incident, confirmed="").delete()
    for one in known:
        _propose(incident, one, now)
    return list(ForesightEntry.objects.filter(incident=incident))


def _without_a_check(incident: Incident, account: Account) -> Known:
    return Known(
        check="",
        account=account,
        ou=ou_as_of(account, incident.started_at),
        region="",
        judged=Judged(Foresight.BLIND_NO_CHECK),
    )


def _propose(incident: Incident, one: Known, now: datetime) -> None:
    warning = one.judged.warning
    ForesightEntry.objects.update_or_create(
        incident=incident,
        account=one.account,
        region=one.region,
        check_id=one.check,
        defaults={
            "ou": one.ou,
            "proposed": one.judged.foresight.value,
            "warning_seconds": None if warning is None else int(warning.total_seconds()),
            "proposed_at": now,
        },
    )


@transaction.atomic
def foresight_confirm(
    *, actor: User | None, entry: ForesightEntry, foresight: Foresight, now: datetime
) -> ForesightEntry:
    """Say which class it was, the proposed one or another."""
    require_on_incident(actor, Permission.CONTRIBUTE, entry.incident)
    before = entry.confirmed
    entry.confirmed, entry.confirmed_by, entry.confirmed_at = foresight.value, actor, now
    entry.save(update_fields=["confirmed", "confirmed_by", "confirmed_at"])
    audit_record(
        actor=actor,
        action="foresight.confirm",
        target=entry.incident,
        before={"class": before, "proposed": entry.proposed, "check": entry.check_id},
        after={"class": entry.confirmed},
        now=now,
    )
    return entry


def foresight_withdraw(
    *, actor: User | None, incident: Incident, is_moved: bool, now: datetime
) -> None:
    """Take back what is of accounts and checks that an incident no longer names.

    All of it where it began at another instant. Inside the transaction that changed it.
    """
    entries = ForesightEntry.objects.filter(incident=incident)
    if not is_moved:
        named = Q(account__in=incident.accounts.all()) & Q(check_id__in=["", *incident.checks])
        entries = entries.exclude(pk__in=entries.filter(named).values("pk"))
    for entry in entries.exclude(confirmed="").select_related("account"):
        audit_record(
            actor=actor,
            action="foresight.withdraw",
            target=incident,
            before={
                "class": entry.confirmed,
                "check": entry.check_id,
                "account": entry.account.account_id,
            },
            after=None,
            now=now,
        )
    entries.delete()
