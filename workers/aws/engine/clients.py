"""AWS clients: one per service and region for all accounts of a process."""

from __future__ import annotations

import os
import threading
from copy import copy
from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.hooks import BaseEventHooks
from botocore.loaders import Loader, create_loader

from workers.aws.engine.bodies import refuse_truncated_bodies
from workers.aws.engine.caller import CallersCredentials
from workers.aws.engine.door import Door
from workers.aws.engine.retries import Backoff
from workers.aws.engine.stalls import Suspects
from workers.aws.engine.timestamps import parse_timestamp
from workers.aws.engine.tls import share_context

CONNECT_TIMEOUT_SECONDS = 5
READ_TIMEOUT_SECONDS = 20
CONNECTIONS = 32

CONFIG = Config(
    connect_timeout=CONNECT_TIMEOUT_SECONDS,
    read_timeout=READ_TIMEOUT_SECONDS,
    max_pool_connections=CONNECTIONS,
    retries={"mode": "standard", "total_max_attempts": 1},
    # Written once: botocore composes its own anew twice a call, at nearly the cost of signing.
    user_agent=f"cairn Botocore/{botocore.__version__}",
)


class BadEndpoint(BotoCoreError):
    """An endpoint that is no address."""

    fmt = "{problem}; give an address such as http://127.0.0.1:5000 (AWS_ENDPOINT_URL)"


@cache
def _loader(data_path: str | None) -> Loader:
    """Keeps the models of services, which take long to read, for all sessions of the process."""
    return create_loader(data_path)


class CallersProvider:
    """Stands where botocore keeps its chain of credential providers."""

    def __init__(self) -> None:
        self._credentials = CallersCredentials()

    def load_credentials(self) -> CallersCredentials:
        return self._credentials


class Clients:
    """Clients that sign for whoever calls; making one takes milliseconds, so each is kept.

    ``profile`` is a profile of the AWS configuration, whose endpoints and CA bundle are used.
    ``events`` are those of a session of the caller's own: what it hooked in there is called here.
    """

    def __init__(
        self,
        *,
        profile: str | None = None,
        backoff: Backoff | None = None,
        events: BaseEventHooks | None = None,
    ) -> None:
        self._lock = threading.Lock()
        self.suspects = Suspects()
        self._made: dict[tuple[str, str, str], Any] = {}
        self._backoff = backoff or Backoff()
        self.session = botocore.session.Session(
            profile=profile,
            event_hooks=copy(events),
            include_builtin_handlers=events is None,
        )
        self.session.register_component("credential_provider", CallersProvider())
        self.session.get_component("response_parser_factory").set_parser_defaults(
            timestamp_parser=parse_timestamp
        )
        refuse_truncated_bodies(self.session)
        self.session.register("creating-client-class", self._mix_in, unique_id="cairn-door")

    def get(self, service: str, region: str, endpoint_url: str = "") -> Any:
        """The client of a service in a region.

        Raises botocore's UnknownServiceError, and UnknownRegionError and such for bad names.
        """
        key = (service, region, endpoint_url or os.environ.get("AWS_ENDPOINT_URL", ""))
        found = self._made.get(key)
        if found is None:
            with self._lock:
                found = self._made.get(key)
                if found is None:
                    found = self._made[key] = self._make(service, region, endpoint_url)
        return found

    def _make(self, service: str, region: str, endpoint_url: str) -> Any:
        models = _loader(self.session.get_config_variable("data_path"))
        self.session.register_component("data_loader", models)
        try:
            client = self.session.create_client(
                service, region_name=region, endpoint_url=endpoint_url or None, config=CONFIG
            )
        except ValueError as error:
            raise BadEndpoint(problem=error) from error
        share_context(client)
        return client

    def _mix_in(self, **event: Any) -> None:
        event["class_attributes"]["backoff"] = self._backoff
        event["base_classes"].insert(0, Door)


@cache
def process_clients() -> Clients:
    """The clients that all organizations and accounts of this process share."""
    return Clients()


os.register_at_fork(after_in_child=process_clients.cache_clear)
