"""Metrics that are read from the broker and the database at each scrape.

So every web process tells the same, and nothing is lost when one restarts. They are about the work
only: findings are shown to those who may see them, not to whoever reaches this address.
"""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import Max
from kombu import Connection
from kombu.exceptions import ChannelError, OperationalError
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from findings.models import Scan, Shard
from portal.celery import OTHER_QUEUES, SCAN_QUEUES

BROKER_SECONDS = 2


def queue_sizes() -> dict[str, int]:
    """Messages that wait, by queue. Raises kombu's OperationalError when the broker is away."""
    options = {
        **settings.CELERY_BROKER_TRANSPORT_OPTIONS,
        "socket_connect_timeout": BROKER_SECONDS,
        "socket_timeout": BROKER_SECONDS,
    }
    with Connection(settings.CELERY_BROKER_URL, transport_options=options) as connection:
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=BROKER_SECONDS)
        return {queue: _size(connection, queue) for queue in (*SCAN_QUEUES, *OTHER_QUEUES)}


def _size(connection: Connection, queue: str) -> int:
    try:
        channel: Any = connection.default_channel  # its stubs know no queues
        size = channel.queue_declare(queue, passive=True).message_count
    except ChannelError:  # Redis knows a queue only while a message is in it
        return 0
    return int(size)


class Work(Collector):
    """What waits and what runs."""

    def collect(self) -> Iterator[Metric]:
        yield from self._messages()
        yield from self._scans()

    def _scans(self) -> Iterator[Metric]:
        waiting = Shard.objects.filter(scan__in=Scan.objects.live()).open().count()
        yield GaugeMetricFamily(
            "cairn_open_shards", "Shards of scans under way that are not ended.", value=waiting
        )
        ended = Scan.objects.aggregate(last=Max("finished_at"))["last"]
        if ended is not None:
            yield GaugeMetricFamily(
                "cairn_last_scan_end_timestamp_seconds",
                "When a scan last ended, in seconds since 1970.",
                value=ended.timestamp(),
            )

    def _messages(self) -> Iterator[Metric]:
        queues = GaugeMetricFamily(
            "cairn_queue_messages", "Messages that wait for a worker.", labels=["queue"]
        )
        try:
            for queue, size in queue_sizes().items():
                queues.add_metric([queue], size)
        except (OperationalError, OSError):
            yield GaugeMetricFamily("cairn_broker_up", "Whether the broker answers.", value=0)
            return
        yield GaugeMetricFamily("cairn_broker_up", "Whether the broker answers.", value=1)
        yield queues


registry = CollectorRegistry(auto_describe=False)
registry.register(Work())
