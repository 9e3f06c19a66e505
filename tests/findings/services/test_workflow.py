import pytest

from accounts.access import Denied
from accounts.roles import Role
from findings.models import FindingEvent, Workflow
from findings.services.workflow import WorkflowError, finding_move
from tests.factories.accounts import person_with
from tests.findings.services.lab import Lab, box, denied, episodes, finding, only
from tests.modules import rows_for_a_module

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def scanned(django_db_setup, django_db_blocker):
    with rows_for_a_module(django_db_blocker):
        lab = Lab(registry=only("box_is_sealed"))
        lab.scan(box(is_sealed=False))
        yield lab


@pytest.fixture
def lab(scanned, db):
    return scanned.again()


@pytest.fixture
def person(lab):
    return person_with(Role.CONTRIBUTOR, organization=lab.organization)


def move(lab, actor, to, note=""):
    return finding_move(actor=actor, finding=finding(), to=to, note=note, now=lab.now)


def test_a_move_is_an_event_with_who_and_why(lab, person):
    move(lab, person, Workflow.TRIAGED, "ours")
    event = FindingEvent.objects.last()
    assert (event.kind, event.actor, event.note) == ("workflow", person, "ours")
    assert (event.before, event.after) == ({"workflow": "new"}, {"workflow": "triaged"})


def test_nobody_can_set_a_finding_resolved(lab, person):
    with pytest.raises(WorkflowError, match="Claim the fix instead"):
        move(lab, person, Workflow.RESOLVED)


def test_an_impossible_move_names_the_possible_ones(lab, person):
    move(lab, person, Workflow.FIX_CLAIMED)
    with pytest.raises(WorkflowError, match="fix_claimed can become in_progress"):
        move(lab, person, Workflow.TRIAGED)


def test_a_closed_finding_cannot_be_moved(lab, person):
    lab.wait(days=1).scan(box())
    with pytest.raises(WorkflowError, match="is closed"):
        move(lab, person, Workflow.TRIAGED)


def test_a_viewer_may_move_nothing(lab):
    viewer = person_with(Role.VIEWER, organization=lab.organization)
    with pytest.raises(Denied):
        move(lab, viewer, Workflow.TRIAGED)


def test_a_claim_that_the_next_scan_contradicts_is_rejected_even_if_nothing_changed(lab, person):
    move(lab, person, Workflow.FIX_CLAIMED)
    lab.wait(days=1).scan(box(is_sealed=False))
    (episode,) = episodes()
    assert (episode.workflow, episode.rejected_claims) == ("in_progress", 1)
    assert FindingEvent.objects.last().kind == "claim_rejected"


def test_a_claim_that_the_next_scan_confirms_is_resolved(lab, person):
    move(lab, person, Workflow.FIX_CLAIMED)
    lab.wait(days=1).scan(box())
    assert (episodes()[0].workflow, episodes()[0].rejected_claims) == ("resolved", 0)


def test_evidence_from_before_the_claim_decides_nothing(lab, person):
    scan = lab.start()
    lab.claim_account(scan)
    claim = lab.claim(scan.shards.get())
    collected = lab.harvest(claim, {"lab.box": (box(is_sealed=False),)})
    lab.wait(seconds=10)
    move(lab, person, Workflow.FIX_CLAIMED)
    lab.commit(collected)
    assert episodes()[0].workflow == "fix_claimed"


def test_unknown_does_not_reject_a_claim(lab, person):
    move(lab, person, Workflow.FIX_CLAIMED)
    lab.wait(days=1).scan(facts={"lab.box": denied()})
    assert episodes()[0].workflow == "fix_claimed"
