"""What a scan bears without losing anything."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Account
from findings.services.reassessments import results_of
from tests.flow.harness import answers_of, excused, open_subjects, said_of

pytestmark = pytest.mark.django_db

ACCOUNT = "100000000002"


@pytest.mark.one_database
def test_a_scan_under_throttling_of_thirty_percent_is_complete(demo):
    demo = demo(accounts=3, regions=1, faults=["throttle%30"])
    scan = demo.scan()
    answers = answers_of(demo.world, timezone.now())
    said = said_of(demo, scan)
    assert {s: v for s, v in said.items() if answers.get(s) != v} == {}
    assert {s for s in answers if s not in said} <= excused(demo.world, results_of(scan))
    assert "throttled" not in scan.gaps


def test_a_listing_of_the_organization_that_breaks_off_moves_and_closes_nothing(demo):
    demo = demo(accounts=6, regions=1)
    demo.scan(rows=["P1"])
    before = open_subjects(), list(Account.objects.values_list("account_id", "state", "ou"))
    demo.world.faults.set(["listing_breaks:organizations"])
    demo.sync()
    assert before[0]
    after = open_subjects(), list(Account.objects.values_list("account_id", "state", "ou"))
    assert after == before
    assert demo.organization.last_sync_error


def test_slow_answers_do_not_lose_a_lease(demo):
    demo = demo(accounts=2, regions=1, faults=[f"slow=200:cloudtrail@{ACCOUNT}"])
    scan = demo.scan()
    assert set(scan.shards.values_list("attempts", flat=True)) == {1}
    assert timezone.now() - scan.started_at < timedelta(minutes=1)
