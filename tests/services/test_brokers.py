import redis
from django.conf import settings

from tests.services.brokers import empty
from tests.services.tasks import leave_mark


def queue_length(url: str) -> int:
    with redis.Redis(unix_socket_path=url.removeprefix("redis+socket://")) as client:
        return client.llen("default")


def test_a_task_that_is_sent_waits_in_the_real_broker(broker_url):
    leave_mark.delay("/nowhere")
    assert queue_length(broker_url) == 1
    assert broker_url == settings.CELERY_BROKER_URL


def test_the_broker_is_emptied_for_each_test(broker_url):
    leave_mark.delay("/nowhere")
    empty(broker_url)
    assert queue_length(broker_url) == 0
