"""One attempt to send a message to a person or a team, by whichever channel."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime

from findings.notifying.events import Channel
from findings.notifying.letters import slack_payload
from findings.services.credentials import CredentialsError
from findings.services.notification_messages import (
    Outcome,
    Parcel,
    message_claim,
    message_hand_over,
    message_record,
)
from findings.services.subscribers import slack_url_of
from workers.mail import mail_send
from workers.outgoing.calls import Request
from workers.outgoing.client import Client
from workers.outgoing.errors import OutgoingError
from workers.outgoing.retry_after import retry_after

VAIN = (400, 403, 404, 410)
"""What Slack answers to a URL or a body that it will never take.

Source: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
"""
SLACKS_WORD = re.compile(r"[a-z_]{1,40}")


def message_send(
    *, message_id: int, client: Client, clock: Callable[[], datetime], chance: float
) -> None:
    """Claim the message, send it, keep how that ended; what another worker has is left alone."""
    parcel = message_claim(message_id=message_id, now=clock())
    if parcel is None:
        return
    if parcel.message.channel == Channel.WEBHOOK:
        message_hand_over(parcel=parcel, now=clock())
        return
    is_mail = parcel.message.channel == Channel.EMAIL
    outcome = mail_send(parcel) if is_mail else _post(parcel, client, clock)
    message_record(parcel=parcel, outcome=outcome, chance=chance, now=clock())


def _post(parcel: Parcel, client: Client, clock: Callable[[], datetime]) -> Outcome:
    try:
        answer = client.send(
            Request(
                method="POST",
                url=slack_url_of(parcel.message.subscriber),
                headers={"Content-Type": "application/json; charset=utf-8"},
                body=json.dumps(slack_payload(parcel.letter)).encode(),
                secret_path=True,
            )
        )
    except (OutgoingError, CredentialsError) as failure:
        return Outcome(error=str(failure))
    if 200 <= answer.status < 300:
        return Outcome()
    word = answer.body.decode("ascii", "replace").strip()
    told = f": {word}" if SLACKS_WORD.fullmatch(word) else ""
    return Outcome(
        error=f"Slack answered {answer.status}{told}.",
        is_final=answer.status in VAIN,
        retry_after=retry_after(answer.headers.get("retry-after"), now=clock()),
    )
