from prometheus_client.parser import text_string_to_metric_families

from tests.services.tasks import leave_mark


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
