"""The one sentence of truth: how much is known, where it falls short, and what is worst."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account
from findings.models import Finding, Scan, ScanAccount, Shard
from findings.selectors.standing import counts_by_account

TARGET = 80
"""Percent of an account's known results that should pass."""


def truth(user: User | AnonymousUser) -> str:
    """What a person should know first, over the accounts that the person may see."""
    accounts = Account.objects.visible_to(user).scannable()
    number = accounts.count()
    if not number:
        return _("No account is known yet: synchronize the organization or import accounts.")
    if not Scan.objects.visible_to(user).ended().exists():
        return _("Nothing was scanned yet: what the accounts do is not known.")
    return "; ".join(_clauses(accounts, number, Finding.objects.visible_to(user))) + "."


def _clauses(
    accounts: QuerySet[Account], number: int, findings: QuerySet[Finding]
) -> Iterator[str]:
    partial = accounts_not_fully_collected(accounts).count()
    if partial:
        yield _("%(partial)d of %(number)d accounts were not fully collected") % {
            "partial": partial,
            "number": number,
        }
    else:
        yield ngettext(
            "the one account was fully collected",
            "all %(number)d accounts were fully collected",
            number,
        ) % {"number": number}
    below = sum(
        counts.share is not None and counts.share < TARGET
        for counts in counts_by_account(accounts).values()
    )
    yield ngettext("%(n)d is below target", "%(n)d are below target", below) % {"n": below}
    critical = findings.filter(is_open=True, severity="critical").count()
    yield ngettext("%(n)d critical finding", "%(n)d critical findings", critical) % {"n": critical}


def accounts_not_fully_collected(accounts: QuerySet[Account]) -> QuerySet[Account]:
    """Accounts whose last full scan could not enter them, or left a part of them uncollected."""
    last = (
        Scan.objects.ended()
        .filter(kind=Scan.Kind.FULL, organization=OuterRef("organization"))
        .order_by("-id")
    )
    scanned = accounts.order_by().annotate(last_scan=Subquery(last.values("pk")[:1]))
    entered = ScanAccount.objects.filter(
        account=OuterRef("pk"), scan=OuterRef("last_scan"), access=""
    )
    left = Shard.objects.filter(account=OuterRef("pk"), scan=OuterRef("last_scan")).exclude(
        state__in=(Shard.State.COLLECTED, Shard.State.OUT_OF_SCOPE)
    )
    return scanned.filter(~Exists(entered) | Exists(left))
