"""Real Celery workers over a real broker, of which one is killed in the middle of a scan."""

from collections import Counter

import pytest
from django.utils import timezone

from findings.models import Episode, Finding, FindingEvent, Scan, ScanAccount, Shard
from findings.services.evidence import evidence_verify
from findings.services.reassessments import results_of
from tests.flow.harness import answers_of, excused, open_subjects, running_demo, said_of
from tests.services.waiting import wait_until
from workers.tasks.shards import sweep

PATIENCE = 120


@pytest.fixture
def demo(service_environment):
    """Slow enough that a worker can be killed while shards are in flight."""
    with running_demo(accounts=2, regions=2, faults=["slow=40"]) as demo:
        yield demo


def environment_of(demo):
    keys = demo.world.credentials
    return {
        "CAIRN_AWS_ENDPOINT_URL": demo.url,
        "AWS_ACCESS_KEY_ID": keys.access_key_id,
        "AWS_SECRET_ACCESS_KEY": keys.secret_access_key,
    }


def states(scan):
    return Counter(Shard.objects.filter(scan=scan).values_list("state", flat=True))


def is_in_the_middle(scan):
    found = states(scan)
    return found[Shard.State.COLLECTING] and sum(found[state] for state in Shard.OPEN) < sum(
        found.values()
    )


def let_leases_run_out():
    """What ninety seconds of waiting would do."""
    now = timezone.now()
    Shard.objects.filter(state=Shard.State.COLLECTING).update(lease_until=now)
    ScanAccount.objects.exclude(lease_until=None).update(lease_until=now)


def test_a_scan_whose_worker_is_killed_ends_complete_with_nothing_twice(demo, start_worker):
    first = start_worker(environment_of(demo))
    scan = demo.request()
    wait_until(lambda: is_in_the_middle(scan), "shards are in flight", PATIENCE)
    first.kill()
    left = states(scan)
    assert left[Shard.State.COLLECTING] > 0
    start_worker(environment_of(demo))
    let_leases_run_out()
    sweep.delay()
    wait_until(lambda: Scan.objects.ended().filter(pk=scan.pk).exists(), "the end", PATIENCE)
    scan.refresh_from_db()
    assert set(states(scan)) <= {"collected", "partial", "out_of_scope"}
    assert_complete(demo, scan)
    assert_nothing_twice(scan)


def assert_complete(demo, scan):
    answers = answers_of(demo.world, timezone.now())
    said = said_of(demo, scan)
    assert {s: (answers.get(s), v) for s, v in said.items() if answers.get(s) != v} == {}
    assert answers.keys() - said.keys() <= excused(demo.world, results_of(scan))
    assert open_subjects() == {s for s, status in said.items() if status == "fail"}
    assert list(evidence_verify(scan=scan)) == []


def assert_nothing_twice(scan):
    findings = Finding.objects.count()
    assert findings > 0
    assert Episode.objects.count() == findings
    opened = FindingEvent.objects.filter(kind="opened")
    assert opened.count() == opened.values("finding").distinct().count() == findings
    again = Shard.objects.filter(scan=scan, attempts__gt=1)
    assert 0 < again.count() < Shard.objects.filter(scan=scan).count()
