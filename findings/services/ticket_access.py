"""Who may change a ticket, and have it synchronized again."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db.models import Q

from accounts.access import require, require_on_accounts
from accounts.models import Account
from accounts.roles import Permission
from findings.models import Ticket


def require_on_ticket(actor: User | None, ticket: Ticket) -> None:
    """Who changes a ticket contributes to every account that it is about. Raises Denied."""
    if ticket.places.filter(account=None).exists():
        require(actor, Permission.CONTRIBUTE, on=ticket.organization)
    about = Q(findings__ticket_findings__ticket=ticket) | Q(ticket_places__ticket=ticket)
    accounts = Account.objects.filter(about)
    require_on_accounts(actor, Permission.CONTRIBUTE, accounts.values_list("pk", flat=True))
