"""Receiving what trackers send: checked and kept within a second, looked into later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from findings.models import Connection, InboundDelivery
from findings.services.deliveries import LONGEST_BODY, delivery_refused, delivery_store
from workers.connections import Trackers, tracker_for
from workers.trackers.base import Hint
from workers.trackers.errors import Configuration


class Unsigned(Exception):
    """The signature is wrong or missing, or there is no secret to check it with: 401."""


class TooLong(Exception):
    """The body is longer than any delivery: 413."""


def delivery_receive(
    *,
    connection: Connection,
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
    trackers: Trackers = tracker_for,
) -> InboundDelivery:
    """Keep a delivery with a right signature, once. Raises :class:`Unsigned`, :class:`TooLong`.

    Headers and body are as they came. What is signed but not understood is kept too, with why.
    """
    if len(body) > LONGEST_BODY:
        raise TooLong
    lowered = {name.lower(): value for name, value in headers.items()}
    try:
        tracker = trackers(connection)
        is_signed = connection.is_active and tracker.verify_webhook(lowered, body)
    except Configuration:
        is_signed = False
    if not is_signed:
        delivery_refused(connection=connection)
        raise Unsigned
    try:
        hint, error = tracker.parse_hint(lowered, body), ""
    except (ValueError, RecursionError):
        hint = Hint(delivery_id="", external_ids=())
        error = "It is signed, but not of a form that is known."
    return delivery_store(
        connection=connection,
        delivery_id=hint.delivery_id,
        body=body,
        external_ids=hint.external_ids,
        error=error,
        now=now,
    )
