"""The exchange with trackers as pages tell of it: what waits to be sent, what came in."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db.models import Count, Q, QuerySet

from accounts.models.reach import reach_of
from accounts.roles import Permission
from findings.models import Connection, InboundDelivery, OutboxMessage

_WAITING = Q(status=OutboxMessage.Status.WAITING)
_OUTBOX = {
    "dead": Q(status=OutboxMessage.Status.DEAD),
    "failing": _WAITING & Q(attempts__gt=0),
    "waiting": _WAITING & Q(attempts=0),
}
OUTBOX_STATES = tuple(_OUTBOX)
"""*dead*: given up, until a person replays it; *failing*: tried, and to be tried again."""


def outbox_counts(user: User) -> dict[str, int]:
    """How many messages are in each state, of tickets that the person sees as a whole."""
    counted = {name: Count("pk", filter=condition) for name, condition in _OUTBOX.items()}
    return OutboxMessage.objects.visible_to(user).aggregate(**counted)


def outbox_in(user: User, state: str) -> QuerySet[OutboxMessage]:
    messages = OutboxMessage.objects.visible_to(user).filter(_OUTBOX[state])
    return messages.select_related("ticket__connection", "ticket__organization")


def sees_deliveries(user: User) -> bool:
    return reach_of(user, Permission.ADMINISTER).is_on_whole_organizations


def deliveries_seen(user: User, status: str = "") -> QuerySet[InboundDelivery]:
    """What trackers sent, without the bodies."""
    seen = InboundDelivery.objects.visible_to(user).select_related("connection").defer("body")
    return seen.filter(status=status) if status else seen


def connections_that_refused(user: User) -> QuerySet[Connection]:
    """Connections to which something without a right signature was sent."""
    whole = reach_of(user, Permission.ADMINISTER).on_whole_organizations("organization")
    return Connection.objects.filter(whole, refused_deliveries__gt=0).order_by("name", "pk")
