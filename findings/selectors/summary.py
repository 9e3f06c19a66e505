"""The one sentence of truth: how much is known, where it falls short, and what is worst."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account
from findings.catalogue.pillar import Severity
from findings.models import Finding, Scan, ScanAccount, Shard
from findings.selectors.standing import counts_by_account, open_findings

TARGET = 80
"""Percent of an account's known results that should pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Numbers of accounts that can be scanned, and what is known and wrong in them."""

    accounts: int
    last_scan: Scan | None = None
    """The last that has ended."""
    not_fully_collected: int = 0
    below_target: int = 0
    open_findings: Mapping[Severity, int] = field(default_factory=dict)
    """Without those that are suppressed, which are a number of their own."""
    suppressed: int = 0

    @property
    def sentence(self) -> str:
        if not self.accounts:
            return _("No account is known yet: synchronize the organization or import accounts.")
        if self.last_scan is None:
            return _("Nothing was scanned yet: what the accounts do is not known.")
        below, critical = self.below_target, self.open_findings[Severity.CRITICAL]
        clauses = (
            self._collected(),
            ngettext("%(n)d is below target", "%(n)d are below target", below) % {"n": below},
            ngettext("%(n)d critical finding", "%(n)d critical findings", critical)
            % {"n": critical},
        )
        return "; ".join(clauses) + "."

    def _collected(self) -> str:
        numbers = {"missing": self.not_fully_collected, "number": self.accounts}
        if self.not_fully_collected:
            return (
                ngettext(
                    "%(missing)d of %(number)d accounts was not fully collected",
                    "%(missing)d of %(number)d accounts were not fully collected",
                    self.not_fully_collected,
                )
                % numbers
            )
        return (
            ngettext(
                "The one account was fully collected",
                "All %(number)d accounts were fully collected",
                self.accounts,
            )
            % numbers
        )


def summary_of(user: User | AnonymousUser, now: datetime) -> Summary:
    """The summary over the accounts that the person may see."""
    accounts = Account.objects.visible_to(user).scannable()
    last_scan = Scan.objects.visible_to(user).ended().first()
    if last_scan is None:
        return Summary(accounts=accounts.count())
    found = open_findings(Finding.objects.visible_to(user), now)
    shares = [counts.share for counts in counts_by_account(accounts, now).values()]
    numbers = accounts.order_by().aggregate(
        all=Count("pk"), missing=Count("pk", filter=_is_not_fully_collected())
    )
    return Summary(
        accounts=numbers["all"],
        last_scan=last_scan,
        not_fully_collected=numbers["missing"],
        below_target=sum(share is not None and share < TARGET for share in shares),
        open_findings=found.by_severity,
        suppressed=found.suppressed,
    )


def truth(user: User | AnonymousUser, now: datetime) -> str:
    """What a person should know first, over the accounts that the person may see."""
    return summary_of(user, now).sentence


def accounts_not_fully_collected(accounts: QuerySet[Account]) -> QuerySet[Account]:
    """Accounts whose last full scan could not enter them, or left a part of them uncollected."""
    return accounts.filter(_is_not_fully_collected())


def _is_not_fully_collected() -> Q:
    last = (
        Scan.objects.ended()
        .filter(kind=Scan.Kind.FULL, organization=OuterRef(OuterRef("organization")))
        .order_by("-id")
    )
    of_last = {"account": OuterRef("pk"), "scan": Subquery(last.values("pk")[:1])}
    entered = ScanAccount.objects.filter(**of_last, access="")
    left = Shard.objects.filter(**of_last).exclude(
        state__in=(Shard.State.COLLECTED, Shard.State.OUT_OF_SCOPE)
    )
    return Q(~Exists(entered) | Exists(left))
