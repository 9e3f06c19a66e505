"""Scans that did not look, each in its own way, close no action item; one that looks does."""

import pytest

from accounts.models import Account
from accounts.services.accounts import account_exclude, account_include
from findings.catalogue.tools import Tool
from findings.models import ActionItem, Scan
from findings.services.scans import scan_cancel
from tests.factories.accounts import AccountFactory, UserFactory
from tests.factories.findings import DeclaredToolFactory, SuppressedFindingFactory
from tests.findings.services.guarded import OPEN, SEALED, Guarded
from tests.findings.services.lab import (
    DAY,
    NOW,
    OTHER_REGION,
    REGION,
    Lab,
    box,
    denied,
    finding,
    only,
)
from tests.modules import rows_for_a_module

pytestmark = pytest.mark.django_db
CHECK = "box_is_sealed"


@pytest.fixture
def boss():
    return UserFactory(is_superuser=True)


def in_two_regions(facts=SEALED):
    guarded = Guarded(lab=Lab(registry=only(CHECK), regions=(REGION, OTHER_REGION)), added_at=NOW)
    guarded.scan(facts)
    guarded.claim()
    return guarded


@pytest.fixture(scope="module")
def claimed_once(django_db_setup, django_db_blocker):
    with rows_for_a_module(django_db_blocker):
        guarded = Guarded()
        guarded.scan(OPEN)
        guarded.claim()
        yield guarded


@pytest.fixture
def claimed(claimed_once, db):
    """What failed in both accounts, and is said to be done."""
    return claimed_once.again()


@pytest.fixture(scope="module")
def half_claimed_once(django_db_setup, django_db_blocker):
    with rows_for_a_module(django_db_blocker):
        yield in_two_regions({REGION: SEALED, OTHER_REGION: OPEN})


@pytest.fixture
def half_claimed(half_claimed_once, db):
    """What fails in one of two regions, and is said to be done."""
    return half_claimed_once.again()


def test_of_another_region():
    guarded = in_two_regions()
    assert guarded.scan(regions=[OTHER_REGION]) == ("claimed", "open")
    assert guarded.scan(regions=[REGION]) == ("verified", "guarded")


def test_of_other_accounts():
    guarded = Guarded()
    third = AccountFactory(organization=guarded.lab.organization)
    guarded.scan()
    guarded.claim()
    assert guarded.scan(accounts=[third.account_id]) == ("claimed", "open")


def test_of_a_row_that_reads_other_facts():
    guarded = Guarded(lab=Lab(registry=only(CHECK, "account_has_shelf_for_boxes")))
    guarded.scan()
    guarded.claim()
    shelves = {"lab.shelf": (), "lab.box": denied()}
    assert guarded.scan(shelves) == ("claimed", "open")


@pytest.mark.parametrize(
    "boxes",
    [
        (box(), box("b", is_sealed=denied(operation="lab:GetSeal"))),
        (box(label="sample", is_sealed=False),),
        (),
    ],
)
def test_whose_results_are_unknown_or_not_applicable(claimed, boxes):
    state, _ = claimed.scan({"lab.box": boxes})
    assert state == "claimed"


def test_that_was_cancelled():
    guarded = Guarded()
    guarded.claim()
    scan = guarded.lab.wait(hours=1).start()
    guarded.lab.collect(scan, SEALED)
    scan_cancel(actor=None, scan=scan, now=guarded.lab.now)
    assert guarded.follow() == ("claimed", "open")
    assert Scan.objects.get(pk=scan.pk).state == "cancelled"


def test_where_a_declared_tool_stands_in():
    registry = only(CHECK, alternatives=(Tool.TRACING,))
    guarded = Guarded(lab=Lab(registry=registry))
    guarded.scan(OPEN)
    DeclaredToolFactory(organization=guarded.lab.organization)
    guarded.claim()
    assert guarded.scan(OPEN) == ("claimed", "open")
    assert guarded.scan(SEALED) == ("claimed", "open")


def test_a_suppression_hides_nothing_from_the_guard():
    guarded = Guarded()
    guarded.scan(OPEN, accounts=[guarded.lab.account.account_id])
    found = finding(account=guarded.lab.account)
    SuppressedFindingFactory(
        finding=found, episode=found.episodes.get(), from_at=NOW, until_at=NOW + 99 * DAY
    )
    guarded.claim()
    assert guarded.scan(OPEN) == ("open", "open")


@pytest.mark.parametrize("way", ["excluded", "suspended", "left"])
def test_without_one_of_its_accounts(boss, claimed, way):
    guarded = claimed
    if way == "excluded":
        account_exclude(actor=boss, account=guarded.other, reason="sold", now=guarded.lab.now)
    else:
        left = {"state": "LEFT", "left_at": guarded.lab.now}
        fields = left if way == "left" else {"state": "SUSPENDED"}
        Account.objects.filter(pk=guarded.other.pk).update(**fields)
    for _ in range(2):
        assert guarded.scan() == ("claimed", "open")
    if way == "excluded":
        account_include(actor=boss, account=guarded.other, now=guarded.lab.now)
        assert guarded.scan() == ("verified", "guarded")


def test_of_an_organization_whose_list_leaves_out_the_region_that_fails(half_claimed):
    guarded = half_claimed
    organization = guarded.lab.organization
    organization.regions = [REGION]
    organization.save()
    for _ in range(2):
        assert guarded.scan() == ("claimed", "open")
    organization.regions = [REGION, OTHER_REGION]
    organization.save()
    assert guarded.scan() == ("verified", "guarded")


def test_of_a_region_that_a_policy_or_the_account_itself_has_closed(half_claimed):
    guarded = half_claimed
    for state in ("denied_by_policy", "opted_out"):
        scan = guarded.lab.wait(hours=1).scan(facts=SEALED, states={OTHER_REGION: state})
        assert (scan.state, guarded.follow()) == ("finished", ("claimed", "open"))
    assert guarded.scan() == ("verified", "guarded")


def test_a_region_that_was_left_out_before_the_item_was_made_is_no_part_of_it(half_claimed):
    guarded = half_claimed
    organization = guarded.lab.organization
    organization.regions = [REGION]
    organization.save()
    guarded.scan()
    ActionItem.objects.update(added_at=guarded.lab.now)
    assert guarded.scan() == ("verified", "guarded")


def test_where_what_failed_became_not_applicable_but_not_where_it_is_gone():
    guarded = Guarded(added_at=NOW)
    guarded.scan({"lab.box": (box(), box("b", is_sealed=False))})
    guarded.claim()
    exempt = {"lab.box": (box(), box("b", is_sealed=False, label="sample"))}
    assert guarded.scan(exempt) == ("claimed", "open")
    assert guarded.scan() == ("verified", "guarded")
