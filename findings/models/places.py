from __future__ import annotations

from typing import Protocol

from accounts.models import Account, OrganizationalUnit


class Placed(Protocol):
    """A row that holds for an account, an OU with all below it, or an organization."""

    account_id: int | None

    @property
    def ou(self) -> OrganizationalUnit | None: ...


def reaches(row: Placed, account: Account) -> bool:
    """Whether a row is for an account: its own, of an OU above it, or of everything."""
    if row.account_id:
        return row.account_id == account.pk
    if row.ou:
        return account.ou is not None and account.ou.lineage.startswith(row.ou.lineage)
    return True
