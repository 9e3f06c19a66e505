from datetime import UTC, datetime

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.factories.findings import ScanFactory, ShardFactory
from tests.services.tasks import leave_mark

pytestmark = pytest.mark.django_db


def samples(client):
    response = client.get("/metrics")
    assert response.status_code == 200
    families = text_string_to_metric_families(response.content.decode())
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


def test_waiting_messages_are_counted_by_queue(client, broker_url):
    leave_mark.apply_async(("/nowhere",), queue="sync")
    found = samples(client)
    assert found["cairn_queue_messages", "sync"] == 1
    assert found["cairn_queue_messages", "aws"] == 0


def test_without_a_broker_the_metrics_still_answer_and_say_so(client, settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    found = samples(client)
    assert found["cairn_broker_up",] == 0
    assert ("cairn_queue_messages", "aws") not in found


def test_open_shards_of_live_scans_and_the_end_of_the_last_scan_are_told(client, broker_url):
    live = ScanFactory(state="running", finished_at=None)
    ShardFactory(scan=live, state="pending")
    ShardFactory(scan=live, state="collected")
    ended_at = datetime(2026, 1, 2, tzinfo=UTC)
    ScanFactory(state="finished", finished_at=ended_at)
    found = samples(client)
    assert found["cairn_open_shards",] == 1
    assert found["cairn_last_scan_end_timestamp_seconds",] == ended_at.timestamp()
