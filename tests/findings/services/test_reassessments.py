import datetime as dt

import pytest

from findings.checks.outcomes import Status
from findings.facts.base import AWS_GLOBAL
from findings.models import Finding, Observation
from findings.services.reassessments import reassess, reassess_due, results_of
from tests.findings.services.lab import (
    DAY,
    NOW,
    OTHER_REGION,
    REGION,
    STABLE,
    Crate,
    Lab,
    Shelf,
    box,
    denied,
    open_findings,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def lab():
    return Lab()


def crates(*made):
    return {"lab.crate": tuple(Crate(name=str(n), made_at=at) for n, at in enumerate(made))}


def test_nothing_is_judged_again_while_nothing_has_changed(lab):
    lab.scan(box())
    again = reassess(organization=lab.organization, registry=lab.registry, now=lab.now)
    assert again == 0


def test_what_time_alone_turned_is_found_without_a_scan():
    lab = Lab(registry={"crate_is_new": STABLE["crate_is_new"]})
    lab.scan(facts=crates(NOW, NOW - 10 * DAY))
    after = NOW + 20 * DAY
    assert reassess_due(registry=lab.registry, now=after) == 0
    assert reassess_due(registry=lab.registry, now=after + dt.timedelta(seconds=1)) == 1
    assert set(open_findings()) == {("crate_is_new", "1")}
    assert Finding.objects.get().episodes.get().open_cause == "newly_failing"


def test_volatile_fields_are_judged_by_the_last_observation(lab):
    lab.scan(box())
    reassess_due(registry=lab.registry, now=NOW + 2 * DAY)
    assert ("box_is_looked_at", "a") in open_findings()


def test_without_their_observation_volatile_fields_are_unknown_and_close_nothing(lab):
    lab.scan(box(looked_at=NOW - 2 * DAY))
    Observation.objects.all().delete()
    reassess(organization=lab.organization, registry=lab.registry, now=NOW + DAY)
    assert ("box_is_looked_at", "a") in open_findings()


def test_the_results_of_a_scan_hold_passes_too(lab):
    shelf = {AWS_GLOBAL: {"lab.shelf": (Shelf(label="x"),)}}
    scan = lab.scan(facts={REGION: {"lab.box": (box("a"), box("b", is_sealed=False))}, **shelf})
    found = {
        (r.check, r.region, r.resource): r.status
        for r in results_of(scan, registry=lab.registry, now=NOW)
    }
    assert found["box_is_sealed", REGION, "a"] is Status.PASS
    assert found["box_is_sealed", REGION, "b"] is Status.FAIL
    assert found["account_has_shelf_for_boxes", AWS_GLOBAL, ""] is Status.PASS


def test_the_results_of_a_scan_stay_what_they_were(lab):
    first = lab.scan(box(is_sealed=False))
    lab.wait(days=1).scan(box())
    sealed = [r for r in results_of(first, registry=lab.registry) if r.check == "box_is_sealed"]
    assert [r.status for r in sealed] == [Status.FAIL]


def test_the_results_of_a_targeted_scan_are_those_of_its_rows():
    lab = Lab(regions=(REGION, OTHER_REGION))
    scan = lab.scan(box(), selection={"rows": ["O1"], "regions": [REGION]})
    found = {(r.check, r.region) for r in results_of(scan, registry=lab.registry)}
    assert found == {("box_is_new", REGION)}


def test_what_was_not_collected_is_unknown_in_the_results(lab):
    scan = lab.scan(facts={"lab.box": denied()})
    found = {
        r.status for r in results_of(scan, registry=lab.registry) if r.check.startswith("box_is")
    }
    assert found == {Status.UNKNOWN}
