"""The client of foreign servers as this installation has it set."""

from functools import cache

from django.conf import settings

from findings.outgoing_addresses import AllowList
from workers.outgoing.client import Client


def process_client() -> Client:
    """With the allow list and the proxy of the settings."""
    return _client(tuple(settings.OUTGOING_ALLOW), settings.OUTGOING_PROXY)


@cache
def _client(allow: tuple[str, ...], proxy: str) -> Client:
    return Client(allow=AllowList.parse(allow), proxy=proxy)
