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
    organization = _administered(rule.organization, actor)
    if _save(rule, actor, now):
        accounts_classify(organization=organization, actor=actor, now=now)
    return rule


@transaction.atomic
def ownership_rule_delete(*, actor: User | None, rule: OwnershipRule, now: datetime) -> None:
    """Delete a rule and derive the owners again."""
    organization = _administered(rule.organization, actor)
    _delete(rule, actor, now)
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
    locked = _administered(organization, actor)
    _order(locked, rules, actor, now)
    accounts_classify(organization=locked, actor=actor, now=now)


@transaction.atomic
def ownership_rules_set(
    *,
    actor: User | None,
    organization: Organization,
    rules: Sequence[OwnershipRule],
    now: datetime,
) -> None:
    """Let these be all rules, in this order: others are deleted, owners derived once at the end.

    So no account changes its owner for a moment between two rules.
    """
    locked = _administered(organization, actor)
    kept = {rule.pk for rule in rules}
    for rule in locked.ownership_rules.exclude(pk__in=kept - {None}):
        _delete(rule, actor, now)
    stored = list(locked.ownership_rules.all())
    last = stored[-1].position if stored else 0
    new = [rule for rule in rules if rule.pk is None]
    for position, rule in enumerate(new, start=last + 1):
        rule.position = position
    for rule in rules:
        _save(rule, actor, now)
    if [rule.pk for rule in rules] != [rule.pk for rule in locked.ownership_rules.all()]:
        _order(locked, rules, actor, now)
    accounts_classify(organization=locked, actor=actor, now=now)


def _administered(organization: Organization, actor: User | None) -> Organization:
    """The organization, locked, if the person may change its rules."""
    locked = organization_lock(organization)
    require(actor, Permission.ADMINISTER, locked)
    return locked


def _save(rule: OwnershipRule, actor: User | None, now: datetime) -> bool:
    """Whether there was anything to save."""
    stored = OwnershipRule.objects.filter(pk=rule.pk).first()
    if stored and stored.organization_id != rule.organization_id:
        raise ValidationError({"organization": "A rule stays in its organization."})
    before = fields_of(stored, STATE) if stored else None
    if before == fields_of(rule, STATE):
        return False
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
    return True


def _delete(rule: OwnershipRule, actor: User | None, now: datetime) -> None:
    audit_record(
        actor=actor,
        action="ownership_rule.delete",
        target=rule,
        before=fields_of(rule, STATE),
        after=None,
        now=now,
    )
    rule.delete()


def _order(
    locked: Organization, rules: Sequence[OwnershipRule], actor: User | None, now: datetime
) -> None:
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


@transaction.atomic
def ownership_recompute(
    *, actor: User | None, organization: Organization, now: datetime
) -> list[AccountEvent]:
    """Derive owner and environment of every account again; returns the events of what changed."""
    locked = organization_lock(organization)
    require(actor, Permission.ADMINISTER, locked)
    return accounts_classify(organization=locked, actor=actor, now=now)
