"""Django system checks of the configuration, run by `manage.py check` and before every start."""

import base64
import binascii
import os
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

CREDENTIAL_KEY_BYTES = 32
LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}

Messages = list[CheckMessage]


@register(Tags.security)
def credential_keys(app_configs: Sequence[AppConfig] | None, **_: Any) -> Messages:
    if all(_is_credential_key(key) for key in settings.CREDENTIAL_KEYS):
        return []
    hint = "Each key is 32 random bytes in URL-safe base64, as Fernet.generate_key() makes them."
    return [Error("CREDENTIAL_KEYS holds a key of the wrong form.", hint=hint, id="cairn.E001")]


@register
def visibility_timeout(app_configs: Sequence[AppConfig] | None, **_: Any) -> Messages:
    if settings.VISIBILITY_TIMEOUT > settings.CELERY_TASK_TIME_LIMIT:
        return []
    return [
        Warning(
            "CAIRN_VISIBILITY_TIMEOUT is not longer than a task may run: such a task would be "
            "delivered again while it still runs.",
            hint=f"Give more than {settings.CELERY_TASK_TIME_LIMIT} seconds, or leave it out.",
            id="cairn.W001",
        )
    ]


@register(Tags.database)
def database_of_many_machines(app_configs: Sequence[AppConfig] | None, **_: Any) -> Messages:
    engine = settings.DATABASES["default"]["ENGINE"]
    if settings.EMBEDDED or not engine.endswith("sqlite3"):
        return []
    return [
        Warning(
            "BROKER_URL is set, but the database is SQLite, which serves one machine only.",
            hint="Set DATABASE_URL to a PostgreSQL database when workers run elsewhere.",
            id="cairn.W002",
        )
    ]


@register(Tags.security)
def debug_is_local(app_configs: Sequence[AppConfig] | None, **_: Any) -> Messages:
    if not settings.DEBUG or set(settings.ALLOWED_HOSTS) <= LOOPBACK:
        return []
    return [
        Error(
            "DEBUG shows settings and queries to every visitor, and ALLOWED_HOSTS is not local.",
            hint="Set DEBUG=false, or leave ALLOWED_HOSTS out.",
            id="cairn.E002",
        )
    ]


@register(Tags.security)
def https_is_known(app_configs: Sequence[AppConfig] | None, **_: Any) -> Messages:
    if not settings.HTTPS or settings.TRUST_PROXY:
        return []
    return [
        Warning(
            "Cookies need https, but nothing tells Cairn which requests came by it.",
            hint="Set CAIRN_TRUST_PROXY=true behind a proxy that sets X-Forwarded-Proto, or "
            "CAIRN_HTTPS=false where the portal is reached by plain http.",
            id="cairn.W003",
        )
    ]


@register
def home_is_writable(app_configs: Sequence[AppConfig] | None, **_: Any) -> Messages:
    home = settings.HOME
    if not settings.EMBEDDED or os.access(home, os.W_OK | os.X_OK):
        return []
    return [
        Error(
            f"{home} cannot be written to; it holds the broker's files and the logs.",
            hint="Set CAIRN_HOME to a directory of the user that runs Cairn.",
            id="cairn.E003",
        )
    ]


def _is_credential_key(key: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(key)) == CREDENTIAL_KEY_BYTES
    except (binascii.Error, ValueError):
        return False
