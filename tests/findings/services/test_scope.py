import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.states import AccountState
from findings.facts.base import AWS_GLOBAL
from findings.models import (
    CheckStatus,
    Evaluation,
    EventSequence,
    Finding,
    RegionState,
    Shard,
)
from findings.services.scope import account_regions_found, scope_apply
from tests.factories.accounts import AccountFactory, OrganizationFactory
from tests.findings.services.lab import (
    OTHER_REGION,
    REGION,
    Lab,
    box,
    episodes,
    finding,
    only,
    open_findings,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def lab():
    return Lab(registry=only("box_is_sealed"))


def apply(lab):
    scope_apply(organization=lab.organization, registry=lab.registry, now=lab.now)


def change(lab, **fields):
    for name, value in fields.items():
        setattr(lab.account, name, value)
    lab.account.save()
    apply(lab.wait(days=1))


@pytest.mark.parametrize("state", ["SUSPENDED", "PENDING_CLOSURE", "CLOSED"])
def test_an_account_that_aws_closes_is_out_of_scope_and_may_return(lab, state):
    lab.scan(box(is_sealed=False))
    change(lab, state=state)
    assert episodes()[0].close_cause == "out_of_scope"
    assert not CheckStatus.objects.exists()
    change(lab, state=AccountState.ACTIVE)
    lab.scan(box(is_sealed=False))
    assert [episode.closed_at for episode in episodes()] == [None]


def test_an_account_that_left_closes_as_left_and_starts_anew_when_it_is_back(lab):
    lab.scan(box(is_sealed=False))
    change(lab, state=AccountState.LEFT, left_at=lab.now)
    assert episodes()[0].close_cause == "account_left"
    change(lab, state=AccountState.ACTIVE, left_at=None)
    lab.scan(box(is_sealed=False))
    assert [episode.open_cause for episode in episodes()] == ["first_collected", "scope_changed"]


def test_an_excluded_account_is_out_of_scope(lab):
    lab.scan(box(is_sealed=False))
    change(lab, excluded=True, excluded_reason="a playground")
    assert episodes()[0].close_cause == "out_of_scope"
    assert not Evaluation.objects.exists()


def test_another_organization_is_not_touched(lab):
    other = Lab(registry=lab.registry)
    other.scan(box(is_sealed=False))
    lab.scan(box(is_sealed=False))
    change(lab, excluded=True, excluded_reason="a playground")
    assert [f.account for f in open_findings().values()] == [other.account]


def test_a_region_that_is_no_longer_listed_is_excluded_and_can_come_back():
    lab = Lab(registry=only("box_is_sealed"), regions=(REGION, OTHER_REGION))
    lab.scan(box(is_sealed=False))
    lab.organization.regions = [REGION]
    lab.organization.save()
    apply(lab)
    assert {f.region for f in Finding.objects.open()} == {REGION}
    assert RegionState.objects.get(region=OTHER_REGION).state == "excluded"
    lab.organization.regions = [REGION, OTHER_REGION]
    lab.organization.save()
    lab.wait(days=1).scan(box(is_sealed=False))
    assert Finding.objects.open().count() == 2
    assert RegionState.objects.get(region=OTHER_REGION).state == "enabled"


def test_pseudo_regions_are_never_excluded(lab):
    lab.scan()
    assert RegionState.objects.get(region=AWS_GLOBAL).state == "enabled"


def test_findings_of_a_check_that_is_no_more_close_as_check_changed(lab):
    lab.scan(box(is_sealed=False))
    lab.registry = only("region_has_box")
    apply(lab)
    assert episodes()[0].close_cause == "check_changed"
    assert not CheckStatus.objects.filter(check_id="box_is_sealed").exists()


def test_a_renamed_check_takes_its_findings_along(lab):
    lab.scan(box(is_sealed=False))
    lab.registry = only("account_boxes_are_sealed", aliases=("box_is_sealed",))
    apply(lab)
    moved = finding("account_boxes_are_sealed")
    assert moved.is_open
    assert moved.events.order_by("number").last().before == {"check": "box_is_sealed"}
    assert Finding.objects.count() == 1


def test_applying_it_twice_changes_nothing_the_second_time(lab):
    lab.scan(box(is_sealed=False))
    change(lab, excluded=True, excluded_reason="a playground")
    before = list(Finding.objects.values())
    apply(lab.wait(days=1))
    assert list(Finding.objects.values()) == before


def test_regions_that_an_account_turns_out_to_have_become_shards_and_others_are_opted_out():
    lab = Lab(registry=only("box_is_sealed"), organization=OrganizationFactory(regions=[]))
    lab.account = AccountFactory(organization=lab.organization)
    scan = lab.start()
    member = lab.claim_account(scan)
    assert member.finds_regions
    account_regions_found(scan_account=member, regions=[REGION, OTHER_REGION], now=lab.now)
    assert set(scan.shards.values_list("region", flat=True)) == {REGION, OTHER_REGION}
    account_regions_found(scan_account=member, regions=[REGION], now=lab.now)
    assert RegionState.objects.get(region=OTHER_REGION).state == "opted_out"
    assert Shard.objects.count() == 2


def test_places_are_held_before_events_are_numbered(lab):
    """In the order in which a commit takes them; else PostgreSQL ends one of the two."""
    lab.scan(box(is_sealed=False))
    lab.account.state = AccountState.LEFT
    lab.account.left_at = lab.now
    lab.account.save()
    with CaptureQueriesContext(connection) as captured:
        apply(lab)
    asked = [query["sql"] for query in captured]
    tables = [RegionState._meta.db_table, EventSequence._meta.db_table]
    held, numbered = (
        next(place for place, sql in enumerate(asked) if f'"{table}"' in sql and _is_lock(sql))
        for table in tables
    )
    assert held < numbered


def _is_lock(sql):
    return "FOR UPDATE" in sql or connection.vendor == "sqlite"
