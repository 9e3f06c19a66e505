"""Credentials of GitHub: a token as it is, or an App's key that gets a token for an hour.

https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-an-installation-access-token-for-a-github-app
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from workers.trackers.errors import Configuration

DRIFT = timedelta(seconds=60)
"""The token says that it was made earlier, since clocks differ."""
LIFETIME = timedelta(minutes=9)
"""GitHub takes none that lasts longer than ten minutes."""
SPARE = timedelta(minutes=5)
"""A token for an installation is got anew this long before it ends."""
_KEPT = 256


def app_token(app_id: str, private_key: str, now: datetime) -> str:
    """A JSON web token, signed RS256. Raises :class:`Configuration` for a key that is none."""
    key = _key_of(private_key)
    claims = {
        "iat": int((now - DRIFT).timestamp()),
        "exp": int((now + LIFETIME).timestamp()),
        "iss": app_id,
    }
    signed = f"{_part({'alg': 'RS256', 'typ': 'JWT'})}.{_part(claims)}"
    return f"{signed}.{_text(key.sign(signed.encode(), PKCS1v15(), SHA256()))}"


@lru_cache(maxsize=16)
def _key_of(private_key: str) -> RSAPrivateKey:
    """Kept, since to look whether it is a sound one takes longer than to sign with it."""
    try:
        key = load_pem_private_key(private_key.replace("\\n", "\n").encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Configuration("the App's private key is no RSA key in PEM form") from None
    if not isinstance(key, RSAPrivateKey):
        raise Configuration("the App's private key is no RSA key")
    return key


def _part(content: Mapping[str, Any]) -> str:
    return _text(json.dumps(content, separators=(",", ":")).encode())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class InstallationTokens:
    """Tokens of installations, kept in this process until shortly before they end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[str, datetime]] = {}

    def get(self, name: str, now: datetime) -> str | None:
        with self._lock:
            token, ends = self._kept.get(name, ("", now))
        return token if token and now < ends - SPARE else None

    def keep(self, name: str, token: str, ends: datetime) -> None:
        with self._lock:
            while len(self._kept) >= _KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[name] = (token, ends)

    def forget(self, name: str) -> None:
        """One that was refused: the key was changed, or the installation suspended."""
        with self._lock:
            self._kept.pop(name, None)


TOKENS = InstallationTokens()


def name_of(*parts: str) -> str:
    """What a token is kept under: tells nothing of the key that got it."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
