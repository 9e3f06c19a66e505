import datetime as dt
from dataclasses import replace

import pytest

from findings.checks.base import kinds_of
from findings.checks.outcomes import failed
from findings.facts.base import AWS_GLOBAL, AWS_ORGANIZATION
from findings.models import CheckStatus, Evaluation, Finding, RegionState
from findings.services import assessments
from findings.services.current import CurrentEvidence, current_evidence
from tests.findings.services.lab import (
    DAY,
    NOW,
    OTHER_REGION,
    REGION,
    STABLE,
    Crate,
    Lab,
    Shelf,
    Sign,
    box,
    denied,
    finding,
    only,
    open_findings,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ran(monkeypatch):
    """The checks that were run, one set per evaluation."""
    evaluations = []
    original = assessments.run

    def noting(definitions, *rest):
        evaluations.append({definition.id for definition in definitions})
        return original(definitions, *rest)

    monkeypatch.setattr(assessments, "run", noting)
    return evaluations


@pytest.fixture
def scanned():
    lab = Lab()
    lab.scan(box("a"), box("b", is_sealed=False))
    return lab


def stable(name):
    return {name: STABLE[name]}


def counts(check, region=REGION):
    status = CheckStatus.objects.get(check_id=check, region=region)
    return status.passed, status.failed, status.unknown, status.not_applicable


def test_results_are_counted_by_check_and_place():
    Lab().scan(box("a"), box("b", is_sealed=False), box("c", label="sample"), box("d", denied()))
    assert counts("box_is_sealed") == (1, 1, 1, 1)
    assert CheckStatus.objects.get(check_id="box_is_sealed").gaps == ["access_denied"]


@pytest.mark.one_database
def test_a_check_with_nothing_to_judge_has_no_status():
    lab = Lab(registry=only("box_is_sealed"))
    lab.scan(box())
    lab.wait(days=1).scan()
    assert not CheckStatus.objects.exists()


def test_an_account_check_waits_for_all_regions_and_is_at_home_in_aws_global():
    lab = Lab(registry=only("account_has_shelf_for_boxes"), regions=(REGION, OTHER_REGION))
    boxes = {"lab.box": (box(label="x"),)}
    lab.scan(
        facts={REGION: {}, OTHER_REGION: boxes, AWS_GLOBAL: {"lab.shelf": (Shelf(label="y"),)}}
    )
    assert finding("account_has_shelf_for_boxes", "").region == AWS_GLOBAL
    assert finding("account_has_shelf_for_boxes", "").parts[1]["status"] == "fail"


@pytest.mark.one_database
def test_one_uncollected_region_makes_an_account_check_unknown_but_not_its_decided_parts():
    lab = Lab(registry=only("account_has_shelf_for_boxes"), regions=(REGION, OTHER_REGION))
    shelf = {"lab.shelf": (Shelf(label="y"),)}
    lab.scan(facts={REGION: {"lab.box": denied()}, OTHER_REGION: {}, AWS_GLOBAL: shelf})
    assert counts("account_has_shelf_for_boxes", AWS_GLOBAL) == (0, 0, 1, 0)
    lab.wait(days=1).scan(facts={REGION: {"lab.box": denied()}, AWS_GLOBAL: {"lab.shelf": ()}})
    assert counts("account_has_shelf_for_boxes", AWS_GLOBAL) == (0, 1, 0, 0)


@pytest.mark.one_database
def test_a_region_that_was_never_collected_is_unknown_to_an_account_check():
    lab = Lab(registry=only("account_has_shelf_for_boxes"), regions=(REGION, OTHER_REGION))
    shelf = {"lab.shelf": (Shelf(label=""),), "lab.box": ()}
    lab.scan(facts=shelf, selection={"regions": [REGION, AWS_GLOBAL]})
    assert counts("account_has_shelf_for_boxes", AWS_GLOBAL) == (0, 0, 1, 0)


@pytest.mark.one_database
def test_a_check_that_reads_the_organization_is_judged_at_the_place_of_its_resource():
    lab = Lab(registry=only("box_label_is_on_sign"))
    boxes = {"lab.box": (box("a", label="x"), box("b", label="y"))}
    lab.scan(facts={REGION: boxes, AWS_ORGANIZATION: {"lab.sign": (Sign(text="x"),)}})
    assert set(open_findings(region=REGION)) == {("box_label_is_on_sign", "b")}


def test_unchanged_evidence_runs_only_checks_that_read_volatile_fields(ran):
    lab = Lab(registry=only("region_has_box"))
    lab.scan(box())
    ran.clear()
    lab.wait(hours=1).scan(box(looked_at=NOW + dt.timedelta(hours=1)))
    assert ran == [{"region_has_box"}]


def test_checks_of_stable_facts_are_skipped_until_something_changes(ran):
    lab = Lab(registry=stable("shelf_is_labelled"))
    lab.scan(facts={"lab.shelf": (Shelf(label="x"),)})
    ran.clear()
    lab.wait(days=1).scan(facts={"lab.shelf": (Shelf(label="x"),)})
    assert ran == []
    lab.wait(days=1).scan(facts={"lab.shelf": (Shelf(label=""),)})
    assert ran == [{"shelf_is_labelled"}]
    assert finding("shelf_is_labelled", "").is_open


def test_a_pass_turns_by_itself_once_its_time_has_come(ran):
    lab = Lab(registry=stable("crate_is_new"))
    lab.scan(facts={"lab.crate": (Crate(name="a", made_at=NOW),)})
    evaluation = Evaluation.objects.get(stage="region")
    assert evaluation.valid_until == NOW + 30 * DAY
    ran.clear()
    lab.wait(days=30).scan(facts={"lab.crate": (Crate(name="a", made_at=NOW),)})
    assert ran == []
    lab.wait(seconds=1).scan(facts={"lab.crate": (Crate(name="a", made_at=NOW),)})
    assert ran == [{"crate_is_new"}]
    assert set(open_findings()) == {("crate_is_new", "a")}


def test_a_changed_account_is_judged_again_and_says_so():
    lab = Lab(registry=stable("crate_is_not_in_production"))
    lab.scan(facts={"lab.crate": (Crate(name="a", made_at=NOW),)})
    assert not open_findings()
    lab.account.environment = "production"
    lab.account.save()
    lab.wait(days=1).scan(facts={"lab.crate": (Crate(name="a", made_at=NOW),)})
    assert finding("crate_is_not_in_production").episodes.get().open_cause == "scope_changed"


def test_a_new_version_of_a_check_opens_findings_as_check_changed():
    lab = Lab(registry=only("box_is_sealed"))
    lab.scan(box("a"), box("b"))
    (stricter,) = only("box_is_sealed", version=2).values()
    lab.registry = {stricter.id: replace(stricter, function=lambda *_: failed("stricter now"))}
    lab.wait(days=1).scan(box("a"), box("b"))
    assert {f.episodes.get().open_cause for f in Finding.objects.all()} == {"check_changed"}
    assert {f.check_version for f in Finding.objects.all()} == {2}


def test_a_check_added_over_facts_that_were_known_opens_as_check_changed():
    lab = Lab(registry=only("region_has_box"))
    lab.scan(box(is_sealed=False))
    lab.registry = only("region_has_box", "box_is_sealed")
    lab.wait(days=1).scan(box(is_sealed=False))
    assert finding().episodes.get().open_cause == "check_changed"


@pytest.mark.one_database
def test_what_could_not_be_collected_before_opens_as_first_collected():
    lab = Lab(registry=only("box_is_sealed"))
    lab.scan(facts={"lab.box": denied()})
    lab.wait(days=1).scan(box(is_sealed=False))
    episode = finding().episodes.get()
    assert (episode.open_cause, episode.is_baseline) == ("first_collected", False)


@pytest.mark.one_database
def test_what_was_known_once_and_denied_in_between_is_not_first_collected():
    lab = Lab(registry=only("box_is_sealed"))
    lab.scan(box())
    lab.wait(days=1).scan(facts={"lab.box": denied()})
    lab.wait(days=1).scan(box(is_sealed=False))
    assert finding().episodes.get().open_cause == "newly_failing"


@pytest.mark.one_database
def test_checks_taken_in_turn_see_their_own_kinds_alone_and_the_same_facts(scanned):
    current = current_evidence(RegionState.objects.all())
    registry = scanned.registry
    whole = current.load(registry.values(), {}).shards
    turns = list(current.in_turn(registry.values(), {}))
    assert sorted(d.id for d, _ in turns) == sorted(registry)
    for definition, evidence in turns:
        assert evidence.shards == {
            place: {kind: found for kind, found in facts.items() if kind in definition.needs}
            for place, facts in whole.items()
        }


@pytest.mark.one_database
def test_checks_taken_in_turn_read_each_kind_once(scanned, monkeypatch):
    read = []
    original = CurrentEvidence.load_kinds

    def noting(current, kinds, fresh):
        read.extend(kinds)
        return original(current, kinds, fresh)

    monkeypatch.setattr(CurrentEvidence, "load_kinds", noting)
    list(current_evidence(RegionState.objects.all()).in_turn(STABLE.values(), {}))
    assert sorted(read) == sorted(kinds_of(STABLE.values()))
