import pytest

from findings.facts.base import Gap, GapReason
from findings.selectors.coverage import gaps_of_scan
from tests.factories.accounts import AccountFactory, OuFactory, UserFactory, person_with
from tests.findings.services.lab import OTHER_REGION, REGION, Lab, box, denied, only

pytestmark = pytest.mark.django_db


@pytest.fixture
def lab():
    return Lab(registry=only("box_is_sealed"), regions=(REGION, OTHER_REGION))


@pytest.fixture
def everyone():
    return UserFactory(is_superuser=True)


def numbers(groups):
    return [(group.operation, group.accounts, group.shards) for group in groups]


def test_gaps_are_grouped_by_reason_operation_and_code(lab, everyone):
    AccountFactory(organization=lab.organization)
    throttled = Gap(kind="lab.box", reason=GapReason.THROTTLED, operation="lab:GetLabel")
    scan = lab.scan(
        facts={
            REGION: {"lab.box": denied()},
            OTHER_REGION: {"lab.box": (box("a", label=throttled), box("b", label=throttled))},
        }
    )
    groups = gaps_of_scan(scan, everyone)
    assert numbers(groups) == [("lab:GetLabel", 2, 2), ("lab:ListBoxes", 2, 2)]
    assert [group.reason for group in groups] == [GapReason.THROTTLED, GapReason.ACCESS_DENIED]
    assert groups[1].kinds == ("lab.box",)
    assert groups[1].key == "access_denied~lab:ListBoxes~AccessDenied"


def test_the_gap_of_most_shards_comes_first(lab, everyone):
    scan = lab.scan(
        facts={
            REGION: {"lab.box": denied(operation="lab:B")},
            OTHER_REGION: {"lab.box": denied(operation="lab:A")},
        }
    )
    assert [group.operation for group in gaps_of_scan(scan, everyone)] == ["lab:A", "lab:B"]


def test_a_whole_scan_has_no_gaps(lab, everyone):
    assert gaps_of_scan(lab.scan(box()), everyone) == []


def test_what_is_out_of_scope_is_no_gap(lab, everyone):
    scan = lab.scan(
        facts={"lab.box": denied()},
        states={REGION: "denied_by_policy", OTHER_REGION: "opted_out"},
    )
    assert gaps_of_scan(scan, everyone) == []


def test_gaps_of_accounts_that_the_person_may_not_see_are_not_counted(lab):
    ou = OuFactory(organization=lab.organization)
    AccountFactory(organization=lab.organization, ou=ou)
    scan = lab.scan(facts={"lab.box": denied()})
    viewer = person_with("viewer", organization=lab.organization, ou=ou)
    assert numbers(gaps_of_scan(scan, viewer)) == [("lab:ListBoxes", 1, 2)]
