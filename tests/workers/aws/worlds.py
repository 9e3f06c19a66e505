"""Callers, clients that never wait, and a hub in a simulated organization."""

from dataclasses import dataclass, field
from typing import Any

from botocore.credentials import Credentials, ReadOnlyCredentials

from simulator.world import World
from workers.aws.engine.caller import Caller
from workers.aws.engine.clients import Clients
from workers.aws.engine.retries import Backoff
from workers.aws.sessions import AccountSession, Hub, RoleAccess


@dataclass
class Keys:
    """Credentials of a caller, numbered by how often they were renewed."""

    name: str = "AKIDFIRST"
    can_renew: bool = True
    renewals: int = 0

    def frozen(self) -> ReadOnlyCredentials:
        suffix = str(self.renewals) if self.renewals else ""
        return ReadOnlyCredentials(self.name + suffix, "secret", None, None)

    def renew(self) -> bool:
        self.renewals += 1
        return self.can_renew


@dataclass
class Engine:
    """Clients that never wait, and the waits that they would have made."""

    waits: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clients = Clients(
            backoff=Backoff(sleep=self.waits.append, jitter=lambda low, high: high)
        )

    def caller(self, keys: Keys | None = None, **parts: Any) -> Caller:
        allowed = {"sts:GetCallerIdentity", "s3:GetObject"}
        given = {"account": "1", "credentials": keys or Keys(), "allowed": allowed} | parts
        return Caller(**given)


@dataclass
class Simulated:
    """A simulated organization, and a hub in its management account."""

    world: World
    url: str
    engine: Engine

    def __post_init__(self) -> None:
        keys = self.world.credentials
        self.hub = Hub(
            credentials=Credentials(keys.access_key_id, keys.secret_access_key),
            clients=self.engine.clients,
        )

    def access(self, **changed: Any) -> RoleAccess:
        given = {"external_id": self.world.external_id, "endpoint_url": self.url}
        return RoleAccess(**(given | changed))

    def account(self, account_id: str = "100000000003") -> AccountSession:
        return self.hub.account(account_id, self.access())

    def conditioned(self, condition: str) -> str:
        return next(a.id for a in self.world.accounts if a.condition == condition)
