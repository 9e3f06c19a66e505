"""Real boto3 against a real server of a world of its own."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
import urllib3
from botocore.config import Config

from simulator.credentials import Credentials, session_credentials, user_credentials
from simulator.server import serve
from simulator.world import World

EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
FAR_FUTURE = 4_000_000_000
ONE_TRY = Config(retries={"total_max_attempts": 1}, read_timeout=5)


class Caller:
    """Makes boto3 clients of one simulator, for the management account or another."""

    def __init__(self, world: World, url: str) -> None:
        self.world = world
        self.url = url

    def client(
        self,
        service: str,
        region: str = "us-east-1",
        credentials: Credentials | None = None,
        config: Config = ONE_TRY,
    ) -> Any:
        keys = credentials or self.world.credentials
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.url,
            aws_access_key_id=keys.access_key_id,
            aws_secret_access_key=keys.secret_access_key,
            aws_session_token=keys.session_token,
            config=config,
        )

    def get(self, name: str) -> dict[str, Any]:
        """What the simulator says under /_simulator/."""
        return self.post(name, method="GET")

    def post(self, name: str, method: str = "POST", **content: Any) -> dict[str, Any]:
        body = json.dumps(content) if method == "POST" else None
        reply = urllib3.request(method, f"{self.url}/_simulator/{name}", body=body)
        return {"http_status": reply.status, **reply.json()}

    def member(self, service: str, account_id: str, region: str = "us-east-1") -> Any:
        """A client of a user of a member account."""
        return self.client(service, region, user_credentials(account_id))

    def assumed_by_hand(self, account_id: str) -> Credentials:
        """Keys of the scanner's role that needed no call."""
        return session_credentials(account_id, self.world.role_name, "cairn", FAR_FUTURE)

    def assumed(self, account_id: str, **changed: Any) -> Credentials:
        """The keys of the scanner's role in an account."""
        asked = {
            "RoleArn": f"arn:aws:iam::{account_id}:role/{self.world.role_name}",
            "RoleSessionName": "cairn",
            "ExternalId": self.world.external_id,
        }
        asked = {name: value for name, value in (asked | changed).items() if value is not None}
        made = self.client("sts").assume_role(**asked)["Credentials"]
        return Credentials(
            access_key_id=made["AccessKeyId"],
            secret_access_key=made["SecretAccessKey"],
            session_token=made["SessionToken"],
        )


@pytest.fixture
def simulator() -> Iterator[Callable[..., Caller]]:
    """Starts a simulator: `simulator(accounts=3, faults=[...], canary="TOKEN")`."""
    with ExitStack() as stack:

        def start(*, canary: str | None = None, **parts: Any) -> Caller:
            world = World(**({"epoch": EPOCH} | parts))
            return Caller(world, stack.enter_context(serve(world, canary=canary)))

        yield start


@pytest.fixture
def default(simulator: Callable[..., Caller]) -> Caller:
    """The default world on day 1."""
    return simulator()
