"""Attestations: dated statements about practices that no API shows."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.access import can, require
from accounts.roles import Permission
from accounts.services.audit import audit_record, fields_of
from findings.models import Attestation

FIELDS = (
    "organization",
    "ou",
    "account",
    "best_practice",
    "statement",
    "link",
    "owner_team",
    "owner",
    "starts_at",
    "ends_at",
    "half_life_days",
)


class AttestationIsOver(ValueError):
    """It has lapsed or was withdrawn already; the message says when."""


@transaction.atomic
def attestation_make(*, actor: User | None, attestation: Attestation, now: datetime) -> Attestation:
    """Save a new statement. Raises ValidationError by field; without a start it starts now."""
    require(actor, Permission.APPROVE, on=attestation.target)
    attestation.statement = attestation.statement.strip()
    attestation.starts_at = attestation.starts_at or now
    attestation.attested_by, attestation.attested_at = actor, now
    attestation.withdrawn_at = attestation.withdrawn_by = None
    attestation.full_clean(exclude=["attested_by"])
    if attestation.ends_at <= now:
        raise ValidationError({"ends_at": "This is over."})
    owner = attestation.owner
    if owner and not can(owner, Permission.VIEW, on=attestation.organization):
        raise ValidationError({"owner": f"{owner} may see nothing of {attestation.organization}."})
    attestation.save(force_insert=True)
    audit_record(
        actor=actor,
        action="attestation.make",
        target=attestation,
        before=None,
        after=fields_of(attestation, FIELDS),
        now=now,
    )
    return attestation


@transaction.atomic
def attestation_withdraw(
    *, actor: User | None, attestation: Attestation, now: datetime
) -> Attestation:
    """Let it count no more, from now on. Raises AttestationIsOver."""
    require(actor, Permission.APPROVE, on=attestation.target)
    held = Attestation.objects.select_for_update(of=("self",)).get(pk=attestation.pk)
    if held.state(now) is Attestation.State.WITHDRAWN:
        raise AttestationIsOver(f"It was withdrawn already, {held.withdrawn_at:%Y-%m-%d %H:%M}.")
    if held.state(now) is Attestation.State.LAPSED:
        raise AttestationIsOver(f"It has lapsed already, {held.ends_at:%Y-%m-%d %H:%M}.")
    attestation.withdrawn_at, attestation.withdrawn_by = now, actor
    attestation.save(update_fields=["withdrawn_at", "withdrawn_by"])
    audit_record(
        actor=actor,
        action="attestation.withdraw",
        target=attestation,
        before={"ends_at": attestation.ends_at},
        after={"withdrawn_at": now},
        now=now,
    )
    return attestation
