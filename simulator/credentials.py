"""Stateless credentials: a key says for itself which account it is for and until when.

A long-lived key is `AKIA` + 16 characters that encode the account; the key of a session is `ASIA` +
16 characters that encode account and expiry, and its session token names the role.
"""

import base64
import functools
import hashlib
import hmac
import json
from dataclasses import dataclass

_KEY = b"the simulator signs with no secret"
_CHECK_BYTES = 1


@dataclass(frozen=True, kw_only=True)
class Credentials:
    access_key_id: str
    secret_access_key: str
    session_token: str | None = None


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Who signed a request. `expires` is seconds since 1970; None for a user's own key."""

    account_id: str
    access_key_id: str
    role: str | None = None
    session: str | None = None
    expires: int | None = None

    @property
    def arn(self) -> str:
        if self.role is None:
            return f"arn:aws:iam::{self.account_id}:user/cairn"
        return f"arn:aws:sts::{self.account_id}:assumed-role/{self.role}/{self.session}"

    @property
    def user_id(self) -> str:
        if self.role is None:
            return "AIDA" + _base32(_digest(self.arn)[:10])
        return f"AROA{_base32(_digest(self.account_id + self.role)[:10])}:{self.session}"


class UnknownKey(Exception):
    """The access key, or its session token, was not handed out by the simulator."""


def user_credentials(account_id: str) -> Credentials:
    return _credentials("AKIA", account_id, expires=0)


def session_credentials(account_id: str, role: str, session: str, expires: int) -> Credentials:
    made = _credentials("ASIA", account_id, expires)
    claims = json.dumps([made.access_key_id, role, session]).encode()
    token = base64.b64encode(_digest(claims.decode())[:12] + claims).decode()
    return Credentials(
        access_key_id=made.access_key_id,
        secret_access_key=made.secret_access_key,
        session_token=token,
    )


@functools.lru_cache(maxsize=4096)  # a session signs many calls
def principal_of(access_key_id: str, session_token: str | None) -> Principal:
    """Who holds this key; raises UnknownKey."""
    prefix, body = access_key_id[:4], access_key_id[4:]
    try:
        raw = base64.b32decode(body)
    except ValueError as error:
        raise UnknownKey(access_key_id) from error
    if len(raw) != 10 or raw[9:] != _digest(prefix + raw[:9].hex())[:_CHECK_BYTES]:
        raise UnknownKey(access_key_id)
    account_id = f"{int.from_bytes(raw[:5], 'big'):012d}"
    if prefix == "AKIA":
        return Principal(account_id=account_id, access_key_id=access_key_id)
    role, session = _claims(access_key_id, session_token)
    return Principal(
        account_id=account_id,
        access_key_id=access_key_id,
        role=role,
        session=session,
        expires=int.from_bytes(raw[5:9], "big"),
    )


def _claims(access_key_id: str, session_token: str | None) -> tuple[str, str]:
    try:
        raw = base64.b64decode(session_token or "", validate=True)
        key, role, session = json.loads(raw[12:])
    except ValueError as error:
        raise UnknownKey(access_key_id) from error
    if key != access_key_id or raw[:12] != _digest(raw[12:].decode())[:12]:
        raise UnknownKey(access_key_id)
    return role, session


def _credentials(prefix: str, account_id: str, expires: int) -> Credentials:
    raw = int(account_id).to_bytes(5, "big") + expires.to_bytes(4, "big")
    check = _digest(prefix + raw.hex())[:_CHECK_BYTES]
    access_key_id = prefix + _base32(raw + check)
    secret = base64.b64encode(_digest(access_key_id + "secret")[:30]).decode()
    return Credentials(access_key_id=access_key_id, secret_access_key=secret)


def _base32(raw: bytes) -> str:
    return base64.b32encode(raw).decode()


def _digest(text: str) -> bytes:
    return hmac.new(_KEY, text.encode(), hashlib.sha256).digest()
