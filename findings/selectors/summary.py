"""The one sentence of truth: how much is known, where it falls short, and what is worst."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account
from findings.models import Finding, Scan, ScanAccount, Shard
from findings.selectors.standing import counts_by_account

TARGET = 80
"""Percent of an account's known results that should pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Numbers of accounts that can be scanned, and what is known and wrong in them."""

    accounts: int
    is_scanned: bool
    not_fully_collected: int = 0
    below_target: int = 0
    critical_findings: int = 0

    @property
    def sentence(self) -> str:
        if not self.accounts:
            return _("No account is known yet: synchronize the organization or import accounts.")
        if not self.is_scanned:
            return _("Nothing was scanned yet: what the accounts do is not known.")
        below, critical = self.below_target, self.critical_findings
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
                "the one account was fully collected",
                "all %(number)d accounts were fully collected",
                self.accounts,
            )
            % numbers
        )


def summary_of(user: User | AnonymousUser) -> Summary:
    """The summary over the accounts that the person may see."""
    accounts = Account.objects.visible_to(user).scannable()
    if not Scan.objects.visible_to(user).ended().exists():
        return Summary(accounts=accounts.count(), is_scanned=False)
    findings = Finding.objects.visible_to(user).open()
    shares = [counts.share for counts in counts_by_account(accounts).values()]
    numbers = accounts.order_by().aggregate(
        all=Count("pk"), missing=Count("pk", filter=_is_not_fully_collected())
    )
    return Summary(
        accounts=numbers["all"],
        is_scanned=True,
        not_fully_collected=numbers["missing"],
        below_target=sum(share is not None and share < TARGET for share in shares),
        critical_findings=findings.filter(severity="critical").count(),
    )


def truth(user: User | AnonymousUser) -> str:
    """What a person should know first, over the accounts that the person may see."""
    return summary_of(user).sentence


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
