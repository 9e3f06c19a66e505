"""Which team owns an account or a finding: ordered rules, the last one that fits wins. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from accounts.models import Account, OwnershipRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is owned: an account as a whole, or a finding in it (with check, service and region)."""

    account: Account
    resource_tags: Mapping[str, str] = field(default_factory=dict)
    service: str = ""
    check_id: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether one rule fits the subject, and why not."""

    rule: OwnershipRule
    fits: bool
    reason: str


def owning_rule(rules: Iterable[OwnershipRule], subject: Subject) -> OwnershipRule | None:
    """The last rule that fits, or None: nobody owns it."""
    fitting = [rule for rule in rules if _obstacle(rule, subject) is None]
    return fitting[-1] if fitting else None


def explain(rules: Iterable[OwnershipRule], subject: Subject) -> tuple[Verdict, ...]:
    """Every rule in order, with what keeps it from fitting; the last that fits is the owner."""
    rules = list(rules)
    winner = owning_rule(rules, subject)
    return tuple(_verdict(rule, subject, winner) for rule in rules)


def _verdict(rule: OwnershipRule, subject: Subject, winner: OwnershipRule | None) -> Verdict:
    obstacle = _obstacle(rule, subject)
    if obstacle is not None:
        return Verdict(rule=rule, fits=False, reason=obstacle)
    won = "fits, and is the last that does" if rule is winner else "fits, but a later rule does too"
    return Verdict(rule=rule, fits=True, reason=won)


def _obstacle(rule: OwnershipRule, subject: Subject) -> str | None:
    return next(_obstacles(rule, subject), None)


def _obstacles(rule: OwnershipRule, subject: Subject) -> Iterator[str]:
    account = subject.account
    if rule.organization_id != account.organization_id:
        yield "is a rule of another organization"
    if rule.ou and not (account.ou and account.ou.lineage.startswith(rule.ou.lineage)):
        yield f"the account is not in {rule.ou}"
    if rule.account_id and rule.account_id != account.pk:
        yield "is about another account"
    if rule.tag_key:
        yield from _tag_obstacles(rule, subject)
    for name, wanted, given in (
        ("service", rule.service, subject.service),
        ("check", rule.check_id, subject.check_id),
        ("region", rule.region, subject.region),
    ):
        if wanted and not given:
            yield f"is about findings of one {name}, not about whole accounts"
        elif wanted and wanted != given:
            yield f"the {name} is {given}, not {wanted}"


def _tag_obstacles(rule: OwnershipRule, subject: Subject) -> Iterator[str]:
    """A resource's own tag outweighs the one of its account."""
    account_tags = subject.account.tags
    tags = {**(account_tags or {}), **subject.resource_tags}
    value = tags.get(rule.tag_key)
    if value is not None and rule.tag_value in ("", value):
        return
    if value is None and account_tags is None:
        yield "the account's tags were not collected"
    else:
        yield f"has no tag {rule.tag_key}={rule.tag_value or '*'}"
