import pytest

from findings.selectors.selections import selection_seen
from tests.factories.accounts import OuFactory, UserFactory, person_with
from tests.factories.findings import ScanFactory, ScheduleFactory

pytestmark = pytest.mark.django_db

SELECTION = {
    "ous": ["Prod"],
    "accounts": ["123456789012"],
    "regions": ["eu-west-1"],
    "rows": ["O2"],
}
WITHOUT_PLACES = {"regions": ["eu-west-1"], "rows": ["O2"]}


@pytest.fixture(params=[ScanFactory, ScheduleFactory])
def row(request):
    return request.param(selection=SELECTION)


def part_viewer(row):
    ou = OuFactory(organization=row.organization)
    return person_with("viewer", organization=row.organization, ou=ou)


def test_who_sees_the_organization_sees_the_whole_selection(row):
    assert selection_seen(row, person_with("viewer", organization=row.organization)) == SELECTION
    assert selection_seen(row, UserFactory(is_superuser=True)) == SELECTION


def test_who_sees_a_part_is_not_told_of_places(row):
    assert selection_seen(row, part_viewer(row)) == WITHOUT_PLACES


def test_who_made_it_sees_what_they_chose(row):
    maker = part_viewer(row)
    row.requested_by = row.created_by = maker
    assert selection_seen(row, maker) == SELECTION
