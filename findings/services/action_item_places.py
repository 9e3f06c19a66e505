"""What the ticket of an action item is told: in which accounts its guard holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import Account
from findings.catalogue.pillar import Severity
from findings.checks.base import built_in
from findings.guards import Look, standings
from findings.models import ActionItem, TicketPlace
from findings.selectors.claims import obstacles_in
from findings.services.guard_looks import looks_of
from findings.services.ticket_places import PlaceTold, Work, ticket_tell_places

State = TicketPlace.State


def action_item_tell(
    *, item: ActionItem, now: datetime, looks: Sequence[Look] | None = None
) -> None:
    """Bring its ticket to how it stands; inside the transaction that changed it.

    ``looks`` are those at its accounts, in the order of ``item.accounts``, where they are known.
    """
    if item.ticket:
        ticket_tell_places(ticket=item.ticket, places=places_of(item, looks), now=now)


def work_of(item: ActionItem) -> Work:
    zone = ZoneInfo(item.organization.time_zone)
    return Work(
        organization=item.organization,
        title=item.title,
        note=item.text,
        check=item.check_id,
        severity=Severity(item.incident.severity),
        due_on=item.due_at.astimezone(zone).date(),
        team=item.owner_team,
        places=places_of(item),
    )


def places_of(item: ActionItem, looks: Sequence[Look] | None = None) -> list[PlaceTold]:
    """Its accounts as evidence has them, then whatever else its incident names.

    Who sees the ticket has to see all of these, because its words may tell of the incident.
    """
    accounts = list(item.accounts.select_related("organization").order_by("pk"))
    if looks is None:
        definition = built_in().get(item.check_id)
        looks = [Look() for _ in accounts]
        if definition:
            looks = looks_of(definition, accounts, since=item.added_at)
    if item.state == ActionItem.State.VERIFIED:
        states = [State.VERIFIED for _ in accounts]
    else:
        found = standings(looks, claimed_at=item.claimed_at)
        states = [State(one.value) for one in found]
    unseen = _unseen(item, accounts) if State.CLAIMED in states else {}
    guarded = [
        PlaceTold(
            account=account.pk, state=state, message=_message(look, state, unseen.get(account.pk))
        )
        for account, look, state in zip(accounts, looks, states, strict=True)
    ]
    named: list[int | None] = list(item.incident.accounts.values_list("pk", flat=True))
    known = {one.account for one in guarded}
    more = [pk for pk in named or [None] if pk not in known]
    return [*guarded, *(PlaceTold(account=pk, state=State.NAMED) for pk in more)]


def _unseen(item: ActionItem, accounts: Sequence[Account]) -> dict[int, str]:
    """Why a claim waits at an account (its pk): what cannot be seen verifies nothing.

    It is decided by the first scan that sees all of them, or taken back by people.
    """
    scanned = Account.objects.scannable().filter(pk__in=[account.pk for account in accounts])
    known = set(scanned.values_list("pk", flat=True))
    found = {one.pk: "it is not scanned any more" for one in accounts if one.pk not in known}
    scan, definition = item.claim_scan, built_in().get(item.check_id)
    if scan is None or scan.is_live:
        return found
    for one in obstacles_in(scan, definition.needs if definition else ()):
        where = f" in {one.region}" if one.region else ""
        found.setdefault(one.account.pk, f"{one.reason.replace('_', ' ')}{where}")
    return found


def _message(look: Look, state: State, unseen: str | None) -> str:
    if state is State.CLAIMED and unseen:
        return f"cannot be verified, not collected: {unseen}"
    if state is not State.OPEN or not look.failed or look.newest is None:
        return ""
    results = "1 result fails" if look.failed == 1 else f"{look.failed} results fail"
    return f"{results}, collected until {look.newest:%Y-%m-%d %H:%M} UTC"
