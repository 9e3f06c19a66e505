"""Which accounts a selection means. Its errors tell a person nothing that they may not see."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import User

from accounts.models import Account, Organization, OrganizationalUnit
from findings.facts.base import AWS_GLOBAL, AWS_ORGANIZATION
from findings.planning import Selection, SelectionError
from findings.services.assessments import scanned_accounts


def accounts_selected(
    *, organization: Organization, selection: Selection, actor: User | None
) -> list[Account]:
    """The accounts of a selection that can be scanned; for the system as actor none is hidden.

    Raises :class:`SelectionError`.
    """
    accounts = list(scanned_accounts(organization))
    if selection.accounts:
        _refuse_unknown(organization, selection, accounts, actor)
        accounts = [a for a in accounts if a.account_id in selection.accounts]
    if selection.ous:
        lineages = tuple(_lineage(organization, name, actor) for name in selection.ous)
        accounts = [a for a in accounts if a.ou and a.ou.lineage.startswith(lineages)]
    _refuse_foreign_regions(organization, selection)
    return accounts


def _refuse_unknown(
    organization: Organization,
    selection: Selection,
    scanned: Iterable[Account],
    actor: User | None,
) -> None:
    found = {account.account_id for account in scanned}
    all_known = organization.accounts.filter(account_id__in=selection.accounts)
    known = {a.account_id: a for a in (all_known.visible_to(actor) if actor else all_known)}
    for account_id in selection.accounts:
        account = known.get(account_id)
        if account is None:
            whose = " that you may see" if actor else ""
            raise SelectionError(f"{account_id} is not an account of {organization}{whose}.")
        if account_id not in found:
            excluded = f"excluded ({account.excluded_reason})" if account.excluded else ""
            raise SelectionError(
                f"{account_id} is not scanned: it is {excluded or account.state.lower()}."
            )


def _lineage(organization: Organization, name: str, actor: User | None) -> str:
    present = OrganizationalUnit.objects.filter(organization=organization).present()
    known = present.visible_to(actor) if actor else present
    asked = known.none() if "\0" in name else known  # PostgreSQL refuses NUL in a text
    ou = asked.filter(aws_id=name).first() or asked.filter(path=name).first()
    if ou is None:
        paths = ", ".join(known.order_by("path").values_list("path", flat=True))
        advice = (
            f"there are: {paths}"
            if actor and paths
            else "give a path such as Workloads/Prod, or the id that AWS gave it"
        )
        raise SelectionError(f"{name!r} is not an OU of {organization}; {advice}.")
    return ou.lineage


def _refuse_foreign_regions(organization: Organization, selection: Selection) -> None:
    scanned = {*organization.regions, AWS_GLOBAL, AWS_ORGANIZATION}
    strange = set(selection.regions) - scanned
    if organization.regions and strange:
        raise SelectionError(
            f"{', '.join(sorted(strange))} is not scanned in {organization}; its regions are"
            f" {', '.join(organization.regions)}."
        )
