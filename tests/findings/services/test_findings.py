"""The life of a finding, from scan to scan."""

import datetime as dt

import pytest

from findings.models import Episode, Finding, FindingEvent
from tests.findings.services.lab import (
    NOW,
    OTHER_REGION,
    REGION,
    STABLE,
    Crate,
    Lab,
    box,
    denied,
    episodes,
    finding,
    only,
    open_findings,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def lab():
    return Lab(registry=only("box_is_sealed"))


def events(kind=None):
    found = FindingEvent.objects.order_by("number")
    return [e.cause for e in (found.filter(kind=kind) if kind else found)]


@pytest.mark.one_database
def test_a_failing_resource_opens_a_finding_and_a_passing_one_does_not(lab):
    lab.scan(box("a", is_sealed=False), box("b"))
    assert set(open_findings()) == {("box_is_sealed", "a")}


def test_a_finding_says_what_failed_part_by_part(lab):
    lab.scan(box(is_sealed=False))
    assert finding().message == "not met: sealed"
    assert finding().parts == [{"name": "sealed", "status": "fail", "message": ""}]


@pytest.mark.one_database
def test_the_first_scan_is_a_baseline_whose_clock_starts_after_thirty_days(lab):
    lab.scan(box(is_sealed=False))
    (episode,) = episodes()
    assert (episode.open_cause, episode.is_baseline) == ("first_collected", True)
    assert episode.clock_starts_at == NOW + dt.timedelta(days=30)


def test_a_pass_resolves_the_finding_as_verified(lab):
    lab.scan(box(is_sealed=False))
    scan = lab.wait(days=1).scan(box())
    (episode,) = episodes()
    assert (episode.close_cause, episode.workflow) == ("verified", "resolved")
    assert (episode.closed_at, episode.closed_by) == (lab.now, scan)
    assert (finding().is_open, finding().evidence_status) == (False, "pass")


def test_a_second_failure_after_a_verified_fix_is_a_regression_in_a_new_episode(lab):
    for is_sealed in (False, True, False):
        lab.wait(days=1).scan(box(is_sealed=is_sealed))
    assert [(e.number, e.open_cause) for e in episodes()] == [
        (1, "first_collected"),
        (2, "regressed"),
    ]
    assert Finding.objects.count() == 1


@pytest.mark.one_database
def test_a_resource_that_came_after_the_first_scan_is_new(lab):
    lab.scan(box("a"))
    lab.wait(days=1).scan(box("a"), box("b", is_sealed=False))
    (episode,) = episodes(resource="b")
    assert (episode.open_cause, episode.clock_starts_at) == ("new_resource", lab.now)


@pytest.mark.one_database
def test_a_known_resource_that_begins_to_fail_is_newly_failing(lab):
    lab.scan(box())
    lab.wait(days=1).scan(box(is_sealed=False))
    assert episodes()[0].open_cause == "newly_failing"


def test_unknown_changes_nothing_but_since_when_it_was_not_verified(lab):
    lab.scan(box(is_sealed=False))
    before = Finding.objects.values().get()
    lab.wait(days=1).scan(facts={"lab.box": denied()})
    first = lab.now
    lab.wait(days=1).scan(facts={"lab.box": denied()})
    after = Finding.objects.values().get()
    assert after == before | {"unverified_since": first}
    assert FindingEvent.objects.count() == 1


@pytest.mark.one_database
def test_a_field_that_was_not_collected_doubts_only_the_finding_that_reads_it(lab):
    lab.scan(box("a", is_sealed=False), box("b", is_sealed=False))
    lab.wait(days=1).scan(box("a", is_sealed=denied()), box("b", is_sealed=False))
    assert finding(resource="a").unverified_since == lab.now
    assert finding(resource="b").unverified_since is None
    assert len(open_findings()) == 2


@pytest.mark.one_database
def test_a_finding_that_is_seen_again_is_no_longer_in_doubt(lab):
    lab.scan(box(is_sealed=False))
    lab.wait(days=1).scan(facts={"lab.box": denied()})
    lab.wait(days=1).scan(box(is_sealed=False))
    assert finding().unverified_since is None
    assert len(episodes()) == 1


@pytest.mark.one_database
def test_a_resource_is_gone_when_its_complete_listing_does_not_have_it(lab):
    lab.scan(box(is_sealed=False))
    lab.wait(days=1).scan()
    assert (episodes()[0].close_cause, episodes()[0].workflow) == ("resource_gone", "new")
    assert finding().evidence_status == "gone"


@pytest.mark.one_database
def test_a_listing_with_a_gap_closes_nothing(lab):
    lab.scan(box("a", is_sealed=False))
    lab.wait(days=1).scan(facts={"lab.box": denied()})
    assert len(open_findings()) == 1


def test_a_new_failing_successor_within_a_fortnight_inherits_the_clock(lab):
    lab.scan(box("other"))
    lab.wait(days=1).scan(box("other"), box("a", is_sealed=False))
    started = lab.now
    lab.wait(days=1).scan(box("other"))
    lab.wait(days=13).scan(box("other"), box("b", is_sealed=False))
    (episode,) = episodes(resource="b")
    assert episode.predecessor == episodes(resource="a")[0]
    assert (episode.clock_starts_at, episode.opened_at) == (started, lab.now)


def test_a_successor_after_a_fortnight_has_its_own_clock(lab):
    lab.scan(box("other"))
    lab.wait(days=1).scan(box("other"), box("a", is_sealed=False))
    lab.wait(days=1).scan(box("other"))
    lab.wait(days=15).scan(box("other"), box("b", is_sealed=False))
    assert episodes(resource="b")[0].predecessor is None


def test_one_predecessor_has_one_successor(lab):
    lab.scan()
    lab.wait(days=1).scan(box("a", is_sealed=False))
    lab.wait(days=1).scan(box("b", is_sealed=False), box("c", is_sealed=False))
    inherited = [episodes(resource=name)[0].predecessor for name in "bc"]
    assert sorted(inherited, key=bool) == [None, episodes(resource="a")[0]]


@pytest.mark.one_database
def test_a_resource_made_again_under_its_name_is_the_same_finding(lab):
    lab.scan(box("other"))
    lab.wait(days=1).scan(box("other"), box("a", is_sealed=False))
    lab.wait(days=1).scan(box("other"))
    lab.wait(days=1).scan(box("other"), box("a", is_sealed=False))
    first, second = episodes(resource="a")
    assert (second.open_cause, second.predecessor) == ("new_resource", first)
    assert Finding.objects.filter(resource="a").count() == 1


def test_what_no_longer_applies_closes_as_out_of_scope_and_returns_to_its_episode(lab):
    lab.scan(box(is_sealed=False))
    lab.wait(days=1).scan(box(is_sealed=False, label="sample"))
    assert episodes()[0].close_cause == "out_of_scope"
    lab.wait(days=1).scan(box(is_sealed=False))
    (episode,) = episodes()
    assert (episode.closed_at, episode.close_cause) == (None, "")
    assert finding().is_open
    assert events() == ["first_collected", "out_of_scope", ""]


@pytest.mark.one_database
def test_what_passed_while_it_was_out_of_scope_regresses_when_it_fails_again(lab):
    lab.scan(box(is_sealed=False))
    lab.wait(days=1).scan(box(is_sealed=False, label="sample"))
    lab.wait(days=1).scan(box())
    assert finding().evidence_status == "pass"
    lab.wait(days=1).scan(box(is_sealed=False))
    assert [e.open_cause for e in episodes()] == ["first_collected", "regressed"]


@pytest.mark.one_database
def test_a_finding_of_another_region_is_another_finding():
    lab = Lab(registry=only("box_is_sealed"), regions=(REGION, OTHER_REGION))
    lab.scan(box(is_sealed=False))
    assert {f.region for f in Finding.objects.all()} == {REGION, OTHER_REGION}
    lab.wait(days=1).scan(facts={REGION: {"lab.box": (box(),)}, OTHER_REGION: {"lab.box": ()}})
    assert {(e.finding.region, e.close_cause) for e in Episode.objects.all()} == {
        (REGION, "verified"),
        (OTHER_REGION, "resource_gone"),
    }


@pytest.mark.one_database
def test_a_message_that_changed_is_an_event_with_both_texts():
    lab = Lab(registry={"crate_is_new": STABLE["crate_is_new"]})
    for days in (40, 50):
        crate = Crate(name="a", made_at=NOW - dt.timedelta(days=days))
        lab.wait(days=1).scan(facts={"lab.crate": (crate,)})
    event = FindingEvent.objects.get(kind="changed")
    assert (event.before["message"], event.after["message"]) == (
        "made 2026-01-21",
        "made 2026-01-11",
    )


@pytest.mark.one_database
def test_words_of_what_moves_by_itself_are_kept_fresh_without_an_event():
    lab = Lab(registry=only("box_is_new"))
    for days in (40, 50):
        lab.wait(days=1).scan(box(made_at=NOW - dt.timedelta(days=days)))
    assert finding("box_is_new").message == "made 2026-01-11"
    assert finding("box_is_new").changed_at == NOW + dt.timedelta(days=1)
    assert FindingEvent.objects.count() == 1


def test_the_same_scan_again_writes_neither_finding_nor_event(lab):
    lab.scan(box(is_sealed=False))
    before = list(Finding.objects.values()), list(Episode.objects.values())
    lab.wait(days=1).scan(box(is_sealed=False))
    assert (list(Finding.objects.values()), list(Episode.objects.values())) == before
    assert FindingEvent.objects.count() == 1


def test_events_are_numbered_without_a_gap(lab):
    for boxes in ((box("a", False), box("b", False)), (box("a"),), (box("a", False),)):
        lab.wait(days=1).scan(*boxes)
    numbers = list(FindingEvent.objects.values_list("number", flat=True))
    assert numbers == list(range(1, 6))


@pytest.mark.one_database
def test_of_two_results_with_one_identity_the_worse_counts(lab):
    lab.scan(box("a"), box("a", is_sealed=False), box("a"))
    assert set(open_findings()) == {("box_is_sealed", "a")}
