import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from accounts.states import AccountState
from findings.models import ScanAccount, ScoreSnapshot
from findings.services.attestations import attestation_withdraw
from findings.services.retention import retention_sweep
from findings.services.scorecards import scorecards_snapshot
from tests.factories.accounts import AccountFactory, OuFactory, TeamFactory
from tests.factories.findings import AttestationFactory, ScoreSnapshotFactory
from tests.findings.services.lab import NOW, Lab, box, denied, only

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
CHECKS = ("box_is_sealed", "region_has_box")


@pytest.fixture
def lab():
    return Lab(registry=only(*CHECKS))


def snapshot(lab):
    return scorecards_snapshot(organization=lab.organization, registry=lab.registry, now=lab.now)


def of(lab, kind="organization", row="", **wanted):
    return ScoreSnapshot.objects.get(
        organization=lab.organization, scope_kind=kind, row=row, **wanted
    )


def test_each_scope_has_its_own_and_an_ou_has_all_below_it(lab):
    top = OuFactory(organization=lab.organization, name="Top")
    low = OuFactory(organization=lab.organization, name="Low", parent=top)
    OuFactory(organization=lab.organization, name="Empty")
    team = TeamFactory(organization=lab.organization, name="shop")
    lab.account.ou, lab.account.owner_team = low, team
    lab.account.save()
    lab.scan(box(name="a"), box(name="b", is_sealed=False))
    AccountFactory(organization=lab.organization, name="other", ou=top)
    snapshot(lab)
    totals = ScoreSnapshot.objects.filter(row="")
    found = {(row.scope_kind, row.scope_name): (row.accounts, row.score) for row in totals}
    known = Decimal("75.0")
    assert found == {
        ("organization", lab.organization.name): (2, known),
        ("ou", "Top"): (2, known),
        ("ou", "Top/Low"): (1, known),
        ("team", "shop"): (1, known),
        ("account", lab.account.name): (1, known),
        ("account", "other"): (1, None),
    }


def test_it_holds_counts_coverage_level_and_the_last_scan(lab):
    lab.scan(box(name="a"), box(name="b", is_sealed=False))
    snapshot(lab)
    row = of(lab, row="O2")
    assert (row.day, row.scanned_at) == (NOW.date(), lab.now)
    assert (row.passed, row.failed, row.unknown) == (2, 1, 0)
    assert (row.score, row.coverage, row.level) == (Decimal("75.0"), Decimal("100.0"), "")
    assert not ScoreSnapshot.objects.filter(row="E1").exists()
    lab.wait(hours=1).scan(box(name="a"), box(name="b"))
    snapshot(lab)
    assert of(lab, row="O2").level == "optimized"


def test_an_unknown_result_lowers_the_coverage_alone(lab):
    lab.scan(box(name="a"), box(name="b", is_sealed=False))
    snapshot(lab)
    before = of(lab, row="O2")
    lab.wait(hours=1).scan(facts={"lab.box": denied()})
    snapshot(lab)
    after = of(lab, row="O2")
    assert after.coverage < before.coverage
    assert after.unknown > 0


def test_a_second_call_writes_nothing_and_a_change_writes_what_changed(lab):
    lab.scan(box(is_sealed=False))
    assert snapshot(lab) == ScoreSnapshot.objects.count() == 4
    assert snapshot(lab) == 0
    lab.wait(hours=1).scan(box())
    assert snapshot(lab) == 4
    assert ScoreSnapshot.objects.count() == 4
    assert of(lab, row="O2").score == 100


def test_the_day_that_is_over_stays_as_it_was(lab):
    lab.scan(box(is_sealed=False))
    snapshot(lab)
    lab.wait(days=1).scan(box())
    snapshot(lab)
    scores = ScoreSnapshot.objects.filter(row="O2", scope_kind="organization").order_by("day")
    assert [row.score for row in scores] == [Decimal("50.0"), Decimal("100.0")]


def test_a_day_ends_where_the_organization_is(lab):
    lab.organization.time_zone = "America/New_York"
    lab.organization.save()
    midnight = dt.datetime(2026, 3, 3, 5, tzinfo=dt.UTC)
    for lab.now in (midnight - dt.timedelta(seconds=1), midnight):
        snapshot(lab)
    days = ScoreSnapshot.objects.filter(scope_kind="organization").values_list("day", flat=True)
    assert {str(day) for day in days} == {"2026-03-02", "2026-03-03"}


def test_what_is_out_of_scope_later_in_the_day_is_gone_from_it(lab):
    other = AccountFactory(organization=lab.organization, name="other")
    snapshot(lab)
    assert of(lab, "account", scope_name="other").scanned_at is None
    other.state, other.left_at = AccountState.LEFT, lab.now
    other.save()
    assert snapshot(lab) == 2
    assert not ScoreSnapshot.objects.filter(scope_name="other").exists()


def test_attestations_count_and_fade_without_a_scan(lab):
    lab.scan(box())
    statement = AttestationFactory(organization=lab.organization, best_practice="OPS01-BP02")
    snapshot(lab)
    fresh = of(lab)
    assert fresh.attested == 1
    lab.wait(days=90)
    snapshot(lab)
    faded = of(lab, day=lab.now.date())
    assert faded.coverage < fresh.coverage
    assert faded.scanned_at == fresh.scanned_at
    attestation_withdraw(actor=None, attestation=statement, now=lab.now)
    snapshot(lab)
    assert of(lab, day=lab.now.date()).attested == 0


def test_an_account_that_could_not_be_entered_was_not_scanned(lab):
    lab.scan(box())
    ScanAccount.objects.update(access="denied")
    snapshot(lab)
    assert of(lab).scanned_at is None


def test_other_organizations_are_left_alone(lab):
    other = ScoreSnapshotFactory()
    lab.scan(box())
    snapshot(lab)
    assert list(ScoreSnapshot.objects.exclude(organization=lab.organization)) == [other]


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"scope_kind": "galaxy"}, "score_snapshot_scope_known"),
        ({"score": "100.1"}, "score_snapshot_score_is_percent"),
        ({"coverage": "-0.1"}, "score_snapshot_coverage_is_percent"),
    ],
)
def test_the_database_refuses_what_is_no_score(wrong, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        ScoreSnapshotFactory(**wrong)


def test_a_scope_has_one_a_day_and_row():
    one = ScoreSnapshotFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        ScoreSnapshotFactory(organization=one.organization)
    ScoreSnapshotFactory(organization=one.organization, row="O2")


def test_they_go_when_they_are_kept_long_enough():
    for days in (10, 11):
        ScoreSnapshotFactory(day=NOW.date() - days * DAY)
    assert retention_sweep(days={"score": 10}, now=NOW) == {"score": 1}
    assert ScoreSnapshot.objects.get().day == NOW.date() - 10 * DAY
