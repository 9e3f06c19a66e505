"""One attempt to deliver a message of a webhook."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from findings.models import WebhookMessage
from findings.services.credentials import CredentialsError
from findings.services.webhook_deliveries import Attempt, delivery_record, message_claim
from findings.services.webhooks import webhook_secrets
from findings.webhook_signing import signed_headers
from workers.outgoing.calls import Answer, Request
from workers.outgoing.client import Client
from workers.outgoing.errors import OutgoingError
from workers.outgoing.retry_after import retry_after


def message_send(
    *, message_id: int, client: Client, clock: Callable[[], datetime], chance: float
) -> None:
    """Claim the message, send it, keep how that ended; what another worker has is left alone."""
    message = message_claim(message_id=message_id, now=clock())
    if message is not None:
        attempt = _attempt(message, client, clock)
        delivery_record(message=message, attempt=attempt, chance=chance, now=clock())


def _attempt(message: WebhookMessage, client: Client, clock: Callable[[], datetime]) -> Attempt:
    started = time.monotonic()
    answer, error = None, ""
    try:
        answer = client.send(_request(message, clock()))
        error = _complaint(answer)
    except (OutgoingError, CredentialsError) as failure:
        error = str(failure)
    return Attempt(
        status=answer.status if answer else None,
        milliseconds=int((time.monotonic() - started) * 1000),
        error=error,
        retry_after=retry_after(answer.headers.get("retry-after"), now=clock()) if answer else None,
    )


def _request(message: WebhookMessage, now: datetime) -> Request:
    body = message.body.encode()
    signed = signed_headers(
        message_id=str(message.uid),
        body=body,
        keys=webhook_secrets(message.endpoint, now),
        now=now,
    )
    return Request(
        method="POST",
        url=message.endpoint.url,
        headers={"Content-Type": "application/json", **signed},
        body=body,
        secret_path=True,
    )


def _complaint(answer: Answer) -> str:
    """Why an answer is no success; nothing of its body, which may come from anywhere."""
    if 200 <= answer.status < 300:
        return ""
    if 300 <= answer.status < 400:
        return f"It answered {answer.status}: redirects are not followed."
    return f"It answered {answer.status}."
