import pytest
from django.contrib.auth.models import AnonymousUser

from findings.models import Scan
from findings.selectors.tallies import Tally, tallies_of
from tests.factories.accounts import AccountFactory, OuFactory, person_with
from tests.factories.findings import ScanFactory, ShardFactory


@pytest.mark.parametrize(
    ("shards", "total", "done", "not_collected"),
    [
        ({}, 0, 0, 0),
        ({"pending": 2, "collecting": 1}, 3, 0, 0),
        ({"collected": 2, "out_of_scope": 1, "pending": 1}, 4, 3, 0),
        ({"failed": 1, "partial": 2, "cancelled": 3, "collected": 1}, 7, 7, 6),
    ],
)
def test_a_tally_counts_what_is_done_and_what_a_retry_would_do(shards, total, done, not_collected):
    tally = Tally(shards=shards)
    assert (tally.total, tally.done, tally.not_collected) == (total, done, not_collected)


@pytest.fixture
def scan(db):
    """Ended with a stored tally that differs from its two shards, so that each can be told."""
    scan = ScanFactory(collected_shards=40, failed_shards=2, api_calls=99, facts=7)
    ou = OuFactory(organization=scan.organization)
    own = AccountFactory(organization=scan.organization, ou=ou)
    ShardFactory(scan=scan, account=own, api_calls=3, facts=1)
    ShardFactory(scan=scan, state="failed", api_calls=5)
    return scan


def of(scan, user):
    return tallies_of([scan], user)[scan.pk]


def test_who_sees_the_organization_is_told_the_stored_tally(scan):
    viewer = person_with("viewer", organization=scan.organization)
    assert of(scan, viewer) == Tally(shards={"collected": 40, "failed": 2}, api_calls=99, facts=7)


def test_who_sees_a_part_is_told_of_that_part(scan):
    ou = scan.organization.units.get()
    viewer = person_with("viewer", organization=scan.organization, ou=ou)
    assert of(scan, viewer) == Tally(shards={"collected": 1}, api_calls=3, facts=1)


def test_who_sees_nothing_is_told_nothing(scan):
    assert of(scan, AnonymousUser()) == Tally()


@pytest.mark.parametrize("state", ["running", "cancelled"])
def test_without_a_whole_stored_tally_the_shards_are_counted(scan, state):
    Scan.objects.filter(pk=scan.pk).update(
        state=state, finished_at=None if state == "running" else scan.finished_at
    )
    scan.refresh_from_db()
    viewer = person_with("viewer", organization=scan.organization)
    assert of(scan, viewer) == Tally(shards={"collected": 1, "failed": 1}, api_calls=8, facts=1)


def test_many_scans_take_one_query(scan, django_assert_num_queries):
    viewer = person_with("viewer", organization=scan.organization)
    scans = [
        ScanFactory(
            organization=scan.organization, kind="targeted", state="running", finished_at=None
        )
        for _ in range(3)
    ]
    for each in scans:
        ShardFactory(scan=each)
    with django_assert_num_queries(3):  # the reach twice, the shards once
        assert all(tally.total == 1 for tally in tallies_of(scans, viewer).values())
