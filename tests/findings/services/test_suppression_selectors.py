"""Which findings a suppression selects: names as they are written, OUs with all below."""

import pytest

from accounts.models import AccountEvent
from accounts.states import AccountEventKind
from findings.models import SuppressedFinding, Suppression
from tests.factories.accounts import AccountFactory, OuFactory
from tests.factories.findings import EpisodeFactory, FindingFactory
from tests.findings.services.suppressing import CHECK

pytestmark = pytest.mark.django_db


def opened(there, **fields):
    found = FindingFactory(**{"check_id": CHECK, "organization": there.lab.organization, **fields})
    EpisodeFactory(finding=found)
    return found


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ({"resource": "logs/Shop"}, {"logs/Shop"}),
        ({"resource": "logs/*"}, {"logs/Shop", "logs/shop", "logs/%"}),
        ({"resource": "logs/S*"}, {"logs/Shop"}),
        ({"resource": "logs/%*"}, {"logs/%"}),
        ({"region": "us-east-1"}, {"logs/shop"}),
        ({"tag_key": "Environment"}, {"logs/shop", "logs/%"}),
        ({"tag_key": "Environment", "tag_value": "sandbox"}, {"logs/shop"}),
        ({"tag_key": "0"}, set()),
    ],
)
def test_a_selector_takes_names_as_they_are_written(there, selector, names):
    ours = there.lab.organization
    opened(there, account=there.lab.account, resource="logs/Shop")
    tagged = AccountFactory(organization=ours, tags={"Environment": "sandbox"})
    opened(there, account=tagged, resource="logs/shop", region="us-east-1")
    other = AccountFactory(organization=ours, tags={"Environment": "Sandbox"})
    opened(there, account=other, resource="logs/%")
    opened(there, account=AccountFactory(organization=ours, tags=None), resource="nothing")
    there.suppress(**selector)
    assert there.covered() == names


def test_an_account_that_moves_takes_its_findings_in_and_out_of_an_ou(there):
    organization, account = there.lab.organization, there.lab.account
    outer = OuFactory(organization=organization)
    inner = OuFactory(organization=organization, parent=outer)
    there.suppress(ou=outer)
    assert there.covered() == set()
    for ou, covered in ((inner, {"a"}), (None, set()), (outer, {"a"})):
        account.ou = ou
        account.save()
        moved_at = there.lab.wait(days=1).now
        AccountEvent.objects.create(account=account, kind=AccountEventKind.MOVED, at=moved_at)
        there.follow(minutes=1)
        assert there.covered() == covered
    spans = SuppressedFinding.objects.order_by("pk").values_list("until_at", flat=True)
    assert len(spans) == 2
    assert spans[0] < spans[1] == Suppression.objects.get().ends_at
