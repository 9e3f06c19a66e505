"""Bring what is known of an organization in line with a reading of AWS Organizations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import AccountEventKind, AccountSource, Organization
from accounts.services.account_differences import (
    difference_apply,
    organization_known,
    unit_key,
)
from accounts.services.organizations import organization_lock
from accounts.snapshot import OrganizationSnapshot, diff


class SnapshotRefused(ValueError):
    """The reading cannot be of this organization; says what to correct."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What a sync saw and changed: accounts seen, and events by kind."""

    complete: bool
    error: str
    accounts: int
    changes: Mapping[AccountEventKind, int]


@transaction.atomic
def organization_sync_apply(
    *, organization: Organization, snapshot: OrganizationSnapshot, now: datetime
) -> SyncReport:
    """Apply a reading; the same one applied twice changes nothing the second time.

    An incomplete one changes only what it saw. Raises :class:`SnapshotRefused` when the reading is
    of another organization, before anything is written.
    """
    locked = organization_lock(organization)
    _refuse_foreign(locked, snapshot)
    _take_over_imported(locked, snapshot)
    difference = diff(organization_known(locked), snapshot, _imported(locked))
    events = difference_apply(
        organization=locked, difference=difference, source=AccountSource.ORGANIZATIONS, now=now
    )
    _note(locked, snapshot, now)
    organization.refresh_from_db()
    return SyncReport(
        complete=snapshot.complete,
        error=snapshot.error,
        accounts=len(snapshot.accounts),
        changes=Counter(AccountEventKind(event.kind) for event in events),
    )


def organization_sync_failed(*, organization: Organization, error: str, now: datetime) -> None:
    """Note that the organization could not be read at all; what is known stays as it is."""
    organization.last_sync_error = error
    organization.last_sync_failed_at = now
    organization.save(update_fields=["last_sync_error", "last_sync_failed_at"])


def _refuse_foreign(organization: Organization, snapshot: OrganizationSnapshot) -> None:
    expected = organization.aws_organization_id
    if expected and snapshot.organization_id and snapshot.organization_id != expected:
        raise SnapshotRefused(
            f"The credentials read the organization {snapshot.organization_id}, but "
            f"{organization} is {expected}. Use credentials of its management account "
            f"{organization.management_account_id} or of its delegated administrator."
        )
    management = snapshot.management_account_id
    if management and management != organization.management_account_id:
        raise SnapshotRefused(
            f"The management account of the organization that was read is {management}, but "
            f"{organization} is set up with {organization.management_account_id or 'none'}. "
            "Correct its management account, or use other credentials."
        )
    if snapshot.complete and not snapshot.accounts:
        raise SnapshotRefused(
            "The listing names no account, not even the management account, so it is not believed."
        )


def _take_over_imported(organization: Organization, snapshot: OrganizationSnapshot) -> None:
    """An account that was imported and is now listed is kept by the sync from here on."""
    listed = [account.id for account in snapshot.accounts]
    imported = organization.accounts.filter(source=AccountSource.IMPORT)
    imported.filter(account_id__in=listed).update(source=AccountSource.ORGANIZATIONS)


def _imported(organization: Organization) -> frozenset[str]:
    accounts = organization.accounts.filter(source=AccountSource.IMPORT)
    units = organization.units.filter(aws_id="")
    return frozenset(accounts.values_list("account_id", flat=True)) | {unit_key(u) for u in units}


def _note(organization: Organization, snapshot: OrganizationSnapshot, now: datetime) -> None:
    organization.aws_organization_id = snapshot.organization_id or organization.aws_organization_id
    if snapshot.complete:
        organization.last_synced_at = now
        organization.last_sync_error = ""
        organization.last_sync_failed_at = None
    else:
        organization.last_sync_error = (
            snapshot.error or "The listing of the organization broke off."
        )
        organization.last_sync_failed_at = now
    organization.save(
        update_fields=[
            "aws_organization_id",
            "last_synced_at",
            "last_sync_error",
            "last_sync_failed_at",
        ]
    )
