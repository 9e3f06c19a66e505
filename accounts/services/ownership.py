from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.access import Permission, require
from accounts.models import Account, AccountEvent, Organization, OwnershipRule, Team
from accounts.ownership import Subject, owning_rule
from accounts.services.audit import audit_record, fields_of
from accounts.services.classification import accounts_classify
from accounts.services.organizations import organization_lock

CONDITIONS = ("ou", "account", "tag_key", "tag_value", "service", "check_id", "region")
STATE = ("position", "team", *CONDITIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerChange:
    """What a set of rules would change: an account with its owner now and then."""

    account: Account
    before: Team | None
    after: Team | None


def ownership_preview(
    *, actor: User | None, organization: Organization, rules: Sequence[OwnershipRule]
) -> list[OwnerChange]:
    """The accounts whose owner would change if these were the rules; nothing is written."""
    require(actor, Permission.ADMINISTER, organization)
    changes = []
    for account in organization.accounts.members().select_related("ou", "owner_team"):
        rule = owning_rule(rules, Subject(account=account))
        after = rule.team if rule else None
        if after != account.owner_team:
            changes.append(OwnerChange(account=account, before=account.owner_team, after=after))
    return changes


@transaction.atomic
def ownership_rule_save(*, actor: User | None, rule: OwnershipRule, now: datetime) -> OwnershipRule:
    """Save a new or changed rule and derive the owners again."""
    organization = organization_lock(rule.organization)
    require(actor, Permission.ADMINISTER, organization)
    stored = OwnershipRule.objects.filter(pk=rule.pk).first()
    if stored and stored.organization_id != rule.organization_id:
        raise ValidationError({"organization": "A rule stays in its organization."})
    before = fields_of(stored, STATE) if stored else None
    if before == fields_of(rule, STATE):
        return rule
    rule.full_clean()
    rule.save()
    audit_record(
        actor=actor,
        action="ownership_rule.change" if stored else "ownership_rule.add",
        target=rule,
        before=before,
        after=fields_of(rule, STATE),
        now=now,
    )
    accounts_classify(organization=organization, actor=actor, now=now)
    return rule


@transaction.atomic
def ownership_rule_delete(*, actor: User | None, rule: OwnershipRule, now: datetime) -> None:
    """Delete a rule and derive the owners again."""
    organization = organization_lock(rule.organization)
    require(actor, Permission.ADMINISTER, organization)
    before = fields_of(rule, STATE)
    audit_record(
        actor=actor,
        action="ownership_rule.delete",
        target=rule,
        before=before,
        after=None,
        now=now,
    )
    rule.delete()
    accounts_classify(organization=organization, actor=actor, now=now)


@transaction.atomic
def ownership_rules_order(
    *,
    actor: User | None,
    organization: Organization,
    rules: Sequence[OwnershipRule],
    now: datetime,
) -> None:
    """Put all rules of the organization into this order; the last that fits wins."""
    locked = organization_lock(organization)
    require(actor, Permission.ADMINISTER, locked)
    stored = {rule.pk: rule for rule in locked.ownership_rules.all()}
    if sorted(stored) != sorted(rule.pk for rule in rules):
        raise ValidationError("Name every rule of the organization exactly once.")
    before = [str(rule) for rule in stored.values()]
    ordered = [stored[rule.pk] for rule in rules]
    for position, rule in enumerate(ordered, start=1):
        rule.position = position
    OwnershipRule.objects.bulk_update(ordered, ["position"])
    audit_record(
        actor=actor,
        action="ownership_rules.order",
        target=locked,
        before={"rules": before},
        after={"rules": [str(rule) for rule in ordered]},
        now=now,
    )
    accounts_classify(organization=locked, actor=actor, now=now)


@transaction.atomic
def ownership_recompute(
    *, actor: User | None, organization: Organization, now: datetime
) -> list[AccountEvent]:
    """Derive owner and environment of every account again; returns the events of what changed."""
    locked = organization_lock(organization)
    require(actor, Permission.ADMINISTER, locked)
    return accounts_classify(organization=locked, actor=actor, now=now)
