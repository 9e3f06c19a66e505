import pytest

from findings.catalogue.pillar import Severity
from findings.models import Scan, Workflow
from findings.selectors.differences import difference_of
from findings.services.workflow import finding_move
from tests.factories.accounts import OuFactory, UserFactory, person_with
from tests.findings.services.lab import Lab, box, finding, only

pytestmark = pytest.mark.django_db


@pytest.fixture
def everyone():
    return UserFactory(is_superuser=True)


@pytest.fixture
def lab():
    return Lab(registry=only("box_is_sealed"))


def changes(scan, user):
    return {change.name: change.total for change in difference_of(scan, user)}


def test_each_change_is_counted_under_its_own_name(lab, everyone):
    first = lab.scan(box("a", is_sealed=False), box("b", is_sealed=False), box("c"))
    assert changes(first, everyone) == {"new": 2}
    second = lab.wait(days=1).scan(box("a"), box("c"))
    assert changes(second, everyone) == {"resolved": 1, "closed": 1}
    third = lab.wait(days=1).scan(box("a", is_sealed=False), box("c", is_sealed=False))
    assert changes(third, everyone) == {"new": 1, "regressed": 1}


def test_a_scan_that_found_the_same_changed_nothing(lab, everyone):
    lab.scan(box(is_sealed=False))
    assert difference_of(lab.wait(days=1).scan(box(is_sealed=False)), everyone) == []


def test_a_claim_that_the_scan_contradicts_is_counted(lab, everyone):
    lab.scan(box(is_sealed=False))
    finding_move(actor=everyone, finding=finding(), to=Workflow.FIX_CLAIMED, now=lab.now)
    scan = lab.wait(days=1).scan(box(is_sealed=False))
    assert changes(scan, everyone) == {"claim_rejected": 1}


def test_a_change_is_broken_down_by_severity(lab, everyone):
    (change,) = difference_of(lab.scan(box(is_sealed=False)), everyone)
    assert list(change.by_severity) == list(Severity)
    assert change.by_severity[Severity.HIGH] == 1
    assert change.total == 1


def test_findings_that_the_person_may_not_see_are_not_counted(lab):
    scan = lab.scan(box(is_sealed=False))
    ou = OuFactory(organization=lab.organization)
    viewer = person_with("viewer", organization=lab.organization, ou=ou)
    assert difference_of(scan, viewer) == []


def test_what_another_scan_did_is_not_counted(lab, everyone):
    lab.scan(box(is_sealed=False))
    other = lab.request(rows=["O2"])
    assert difference_of(Scan.objects.get(pk=other.pk), everyone) == []
