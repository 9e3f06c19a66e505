"""Credentials, secrets of webhooks and addresses of Slack, encrypted with CREDENTIAL_KEYS.

The first key encrypts, every key decrypts: so a key is replaced by putting a new one before it,
running ``manage.py rotate_keys``, and taking the old one away.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import transaction
from django.db.models import Model

from findings.models import Connection, Subscriber, WebhookEndpoint

_STORED: tuple[tuple[type[Model], tuple[str, ...]], ...] = (
    (Connection, ("credentials",)),
    (WebhookEndpoint, ("secret", "previous_secret")),
    (Subscriber, ("slack",)),
)
"""Every column that is encrypted so."""


class CredentialsError(ValueError):
    """They cannot be kept or read; the message says which setting is the cause, and no secret."""


def encrypt(credentials: Mapping[str, str]) -> bytes:
    """Empty for none. Raises :class:`CredentialsError`."""
    if not credentials:
        return b""
    return _keys().encrypt(json.dumps(dict(credentials), sort_keys=True).encode())


def decrypt(stored: bytes | memoryview) -> dict[str, str]:
    """Raises :class:`CredentialsError`."""
    if not stored:
        return {}
    try:
        found: dict[str, str] = json.loads(_keys().decrypt(bytes(stored)))
    except InvalidToken:
        raise CredentialsError(
            "The credentials were encrypted with a key that CREDENTIAL_KEYS does not hold. Add that"
            " key, or enter the credentials again."
        ) from None
    return found


def credentials_of(connection: Connection) -> dict[str, str]:
    """In clear, for the worker that speaks to the tracker. Raises :class:`CredentialsError`."""
    return decrypt(connection.credentials)


def credentials_rotate() -> int:
    """Encrypt all of them anew with the first key; how many. Raises :class:`CredentialsError`.

    Either all are encrypted anew or none.
    """
    number = 0
    with transaction.atomic():
        for model, columns in _STORED:
            rows: list[Any] = list(model._default_manager.select_for_update())
            held = [row for row in rows if any(getattr(row, column) for column in columns)]
            for row in held:
                for column in columns:
                    setattr(row, column, encrypt(decrypt(getattr(row, column))))
            model._default_manager.bulk_update(held, columns)
            number += len(held)
    return number


def _keys() -> MultiFernet:
    if not settings.CREDENTIAL_KEYS:
        raise CredentialsError(
            "CREDENTIAL_KEYS is not set: credentials cannot be kept. Give every machine the same"
            " key, 32 random bytes in URL-safe base64."
        )
    return MultiFernet([Fernet(key) for key in settings.CREDENTIAL_KEYS])
