"""Sessions: from the hub to an account to a region, and what collectors may ask there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

import botocore.session
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError

from findings.facts.base import AWS_GLOBAL, AWS_ORGANIZATION, Gap, GapReason
from workers.aws.access import AccessError, Health, RoleAccess
from workers.aws.engine.caller import Caller, CredentialSource, utc_now
from workers.aws.engine.calls import Call
from workers.aws.engine.clients import Clients, process_clients
from workers.aws.engine.pace import Paces
from workers.aws.engine.stalls import Stalls
from workers.aws.errors import gap_of, is_aws_error
from workers.aws.listings import Listings
from workers.aws.operations import hub_operations, scanner_operations
from workers.aws.pages import pages_of
from workers.aws.roles import Assumption, ChainCredentials, RoleCredentials, refusal

__all__ = ["AccessError", "AccountSession", "Health", "Hub", "RegionSession", "RoleAccess"]

ENDPOINT_REGIONS = MappingProxyType({("aws", "trustedadvisor"): "us-east-1"})
"""https://docs.aws.amazon.com/general/latest/gr/trustedadvisor.html"""

_KIND: ContextVar[str] = ContextVar("kind")


@dataclass(frozen=True, kw_only=True)
class AccountSession:
    """One account, entered. Its regions share credentials and the pace of calls."""

    account: str
    access: RoleAccess
    credentials: CredentialSource
    clients: Clients = field(default_factory=process_clients)
    allowed: Container[str] = field(default_factory=scanner_operations)
    clock: Callable[[], datetime] = utc_now
    paces: Paces = field(default_factory=Paces)

    def region(self, name: str) -> RegionSession:
        """A session of a region, of ``aws-global`` or of ``aws-organization``."""
        return RegionSession(self, name)


class RegionSession:
    """One account in one region: what the collectors of one shard share."""

    def __init__(self, owner: AccountSession, region: str) -> None:
        self._owner = owner
        self._listings = Listings()
        self._lock = threading.Lock()
        self.region = region
        self.now = owner.clock()
        self.calls: list[Call] = []
        self.throttled: set[str] = set()
        """Kinds of facts of which a detail was given up as throttled."""
        self.caller = Caller(
            account=owner.account,
            credentials=owner.credentials,
            allowed=owner.allowed,
            paces=owner.paces,
            stalls=Stalls(self._called_region, owner.clients.suspects),
            record=self.calls.append,
            clock=owner.clock,
        )

    @property
    def account(self) -> str:
        return self._owner.account

    @property
    def partition(self) -> str:
        return self._owner.access.partition

    @property
    def home_region(self) -> str:
        return self._owner.access.home_region

    @contextmanager
    def collecting(self, kind: str) -> Iterator[None]:
        """Calls made inside are made in this account, for facts of this kind."""
        token = _KIND.set(kind)
        try:
            with self.caller.calling():
                yield
        finally:
            _KIND.reset(token)

    def client(self, service: str) -> Any:
        """The client of a service; those of account and organization are in the home region.

        Services that answer for the whole account in one region are called there.
        """
        endpoint_url = self._owner.access.endpoint_url
        region = ENDPOINT_REGIONS.get((self.partition, service), self._called_region)
        return self._owner.clients.get(service, region, endpoint_url)

    @property
    def _called_region(self) -> str:
        pseudo = self.region in (AWS_GLOBAL, AWS_ORGANIZATION)
        return self.home_region if pseudo else self.region

    def items(self, service: str, method: str, key: str, **parameters: Any) -> Iterator[Any]:
        """The items under a key (``A.B`` for one inside another) of all pages of a listing.

        A listing that has items under several keys is asked once for all of them.
        """

        pages = self._listings.ask(
            _key(service, method, parameters),
            lambda: tuple(pages_of(self.client(service), method, **parameters)),
        )
        return (item for page in pages for item in _under(page, key))

    def once(self, service: str, method: str, **parameters: Any) -> Any:
        """One response, asked once per shard however many collectors read it."""
        key = ("once", *_key(service, method, parameters))
        (response,) = self._listings.ask(
            key, lambda: (getattr(self.client(service), method)(**parameters),)
        )
        return response

    def detail(self, method: Callable[..., Any], **parameters: Any) -> Any:
        """A response about one thing, or the gap that stands for it when AWS refuses to tell."""
        try:
            return method(**parameters)
        except Exception as error:
            if not is_aws_error(error) and not isinstance(error, NotImplementedError | AccessError):
                raise
            return self._gap(error)

    def _gap(self, error: Exception) -> Gap:
        kind = _KIND.get()
        gap = gap_of(kind, error)
        if gap.reason is GapReason.THROTTLED:
            with self._lock:
                self.throttled.add(kind)
        return gap


def _key(service: str, method: str, parameters: Mapping[str, Any]) -> tuple[str, ...]:
    return (service, method, repr(sorted(parameters.items())))


def _under(page: Any, key: str) -> Any:
    for name in key.split("."):
        page = page.get(name) or {}
    return page or ()


class Hub:
    """Where Cairn stands: the credentials by which it enters the accounts.

    Without ``credentials`` they come from botocore's usual chain, at the first use.
    """

    def __init__(
        self, *, credentials: Credentials | None = None, clients: Clients | None = None
    ) -> None:
        self._given = credentials
        self._clients = clients
        self._lock = threading.Lock()
        self._sources: dict[tuple[str, RoleAccess], RoleCredentials] = {}
        self._caller: Caller | None = None

    @property
    def clients(self) -> Clients:
        return self._clients or process_clients()

    @property
    def caller(self) -> Caller:
        """The hub itself, for the calls of ``hub_operations.csv`` only; raises AccessError."""
        with self._lock:
            if self._caller is None:
                self._caller = Caller(
                    account="hub", credentials=self._credentials(), allowed=hub_operations()
                )
            return self._caller

    def _credentials(self) -> ChainCredentials:
        try:
            return ChainCredentials(self._given or botocore.session.Session().get_credentials())
        except BotoCoreError as error:
            raise refusal(error, "the hub's own credentials") from error

    def account(self, account_id: str, access: RoleAccess) -> AccountSession:
        """Enter an account by its role; raises AccessError."""
        source: CredentialSource
        if account_id == access.hub_account:
            self._require_identity(account_id, access)
            source = self.caller.credentials
        else:
            source = self._source(account_id, access)
            source.frozen()
        return AccountSession(
            account=account_id, access=access, credentials=source, clients=self.clients
        )

    def organization(self, access: RoleAccess) -> RegionSession:
        """The hub's own session, for what only it may ask: the organization and who it is."""
        own = AccountSession(
            account="hub",
            access=access,
            credentials=self.caller.credentials,
            clients=self.clients,
            allowed=hub_operations(),
        )
        return own.region(AWS_ORGANIZATION)

    def identity(self, access: RoleAccess) -> str:
        """The id of the account that the hub's credentials belong to; raises AccessError."""
        own = self.organization(access)
        try:
            with own.collecting("identity"):
                return str(own.client("sts").get_caller_identity()["Account"])
        except Exception as error:
            if not is_aws_error(error):
                raise
            raise refusal(error, "sts:GetCallerIdentity") from error

    def _require_identity(self, account_id: str, access: RoleAccess) -> None:
        if (actual := self.identity(access)) != account_id:
            raise AccessError(
                Health.DENIED,
                f"{account_id} is to be read with the hub's own credentials, but these belong to"
                f" {actual}: run Cairn in {account_id}, or give that account the scanner's role",
            )

    def _source(self, account_id: str, access: RoleAccess) -> RoleCredentials:
        with self._lock:
            known = self._sources.get((account_id, access))
        if known is not None:
            return known
        made = RoleCredentials(Assumption(self.clients, self.caller, account_id, access))
        with self._lock:
            return self._sources.setdefault((account_id, access), made)
