"""Who is calling AWS: a context variable that has no default.

A call outside of any account fails before it is signed, so nothing is ever read with other
credentials than those of the account that was meant. Threads of a pool start without a caller:
submit work to them through ``contextvars.copy_context().run`` or enter the caller inside.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from botocore.credentials import ReadOnlyCredentials

from workers.aws.engine.calls import Call
from workers.aws.engine.pace import Paces
from workers.aws.engine.stalls import Stalls


class NoCaller(RuntimeError):
    """A call to AWS was made outside of any account."""

    def __init__(self) -> None:
        super().__init__(
            "a call to AWS needs an account: enter Caller.calling() first (a thread pool does not"
            " carry context variables: submit through contextvars.copy_context().run)"
        )


class CredentialSource(Protocol):
    """Where the credentials of one account come from."""

    def frozen(self) -> ReadOnlyCredentials:
        """Credentials that are valid now."""

    def renew(self) -> bool:
        """Drop what AWS called expired; whether there is any hope of better ones."""


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True, eq=False)
class Caller:
    """One account in one place, as the door sees it."""

    account: str
    credentials: CredentialSource
    allowed: Container[str]
    paces: Paces = field(default_factory=Paces)
    stalls: Stalls = field(default_factory=Stalls)
    record: Callable[[Call], object] = lambda _call: None
    clock: Callable[[], datetime] = utc_now

    @contextmanager
    def calling(self) -> Iterator[None]:
        """Calls made inside are made as this caller."""
        token = _CALLER.set(self)
        try:
            yield
        finally:
            _CALLER.reset(token)


_CALLER: ContextVar[Caller] = ContextVar("caller")


def current_caller() -> Caller:
    """The caller of this context; raises NoCaller."""
    try:
        return _CALLER.get()
    except LookupError:
        raise NoCaller from None


class CallersCredentials:
    """What the shared clients sign with, in place of botocore's: those of whoever is calling."""

    method = "cairn-caller"

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        return current_caller().credentials.frozen()

    def get_deferred_property(self, property_name: str) -> Callable[[], str | None]:
        return lambda: getattr(self.get_frozen_credentials(), property_name)
