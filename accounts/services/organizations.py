from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from accounts.access import Permission, require
from accounts.environments import default_environment_rules
from accounts.models import Organization
from accounts.services.audit import audit_record, fields_of
from accounts.services.classification import accounts_classify

SETTINGS = (
    "name",
    "partition",
    "management_account_id",
    "role_name",
    "external_id",
    "session_name",
    "session_tags",
    "home_region",
    "regions",
    "time_zone",
    "environment_rules",
)


def organization_lock(organization: Organization) -> Organization:
    """The organization as it is now, locked until the transaction ends.

    Whatever changes accounts takes this lock first: so changes do not interleave, and the ids of
    the events of one organization grow in the order in which they are committed.
    """
    return Organization.objects.select_for_update().get(pk=organization.pk)


@transaction.atomic
def organization_create(
    *,
    actor: User | None,
    name: str,
    management_account_id: str = "",
    role_name: str = "CairnScanner",
    external_id: str = "",
    regions: Sequence[str] = (),
    home_region: str = "us-east-1",
    partition: str = "aws",
    session_name: str = "cairn",
    session_tags: Mapping[str, str] | None = None,
    time_zone: str = "UTC",
    environment_rules: Sequence[Mapping[str, object]] | None = None,
    now: datetime | None = None,
) -> Organization:
    """Add an organization; no ``regions`` means every region that is enabled in an account.

    Without ``management_account_id`` it has no AWS Organization behind it: import its accounts.
    Raises ValidationError by field.
    """
    rules = default_environment_rules() if environment_rules is None else list(environment_rules)
    organization = Organization(
        name=name.strip(),
        partition=partition,
        management_account_id=management_account_id,
        role_name=role_name,
        external_id=external_id,
        session_name=session_name,
        session_tags=dict(session_tags or {}),
        home_region=home_region,
        regions=list(regions),
        time_zone=time_zone,
        environment_rules=rules,
    )
    return organization_save(actor=actor, organization=organization, now=now or timezone.now())


@transaction.atomic
def organization_save(
    *, actor: User | None, organization: Organization, now: datetime
) -> Organization:
    """Save the settings of a new organization, or of one that carries new values.

    Raises ValidationError by field.
    """
    stored = None if organization.pk is None else organization_lock(organization)
    require(actor, Permission.ADMINISTER, stored)
    before = fields_of(stored, SETTINGS) if stored else {}
    after = fields_of(organization, SETTINGS)
    changed = [name for name in SETTINGS if not stored or before[name] != after[name]]
    if not changed:
        return organization
    organization.full_clean()
    organization.save(update_fields=SETTINGS if stored else None)
    audit_record(
        actor=actor,
        action="organization.change" if stored else "organization.create",
        target=organization,
        before={name: before[name] for name in changed} if stored else None,
        after={name: after[name] for name in changed},
        now=now,
    )
    if stored and "environment_rules" in changed:
        accounts_classify(organization=organization, actor=actor, now=now)
    return organization
