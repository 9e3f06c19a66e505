import pytest

from findings.selectors.account_list import AccountFilter, account_page
from findings.selectors.standing import Counts
from tests.factories.accounts import (
    AccountFactory,
    OrganizationFactory,
    OuFactory,
    UserFactory,
)
from tests.factories.findings import NOW, CheckStatusFactory, FindingFactory, ShardFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def everyone():
    return UserFactory(is_superuser=True)


def names(page):
    return [line.account.name for line in page.lines]


def test_a_line_tells_where_the_account_stands(everyone):
    account = AccountFactory()
    CheckStatusFactory(account=account, passed=2)
    FindingFactory(account=account, severity="critical")
    ShardFactory(account=account, scan__organization=account.organization)
    ShardFactory(account=account, scan__organization=account.organization, state="failed")
    (line,) = account_page(everyone, AccountFilter(), now=NOW).lines
    assert line.counts == Counts(passed=2)
    assert line.findings == {"total": 1, "critical": 1, "high": 0}
    assert line.collected_at == NOW


def test_organizations_come_one_after_another_each_with_its_root_first(everyone):
    for organization in (OrganizationFactory(), OrganizationFactory()):
        ou = OuFactory(organization=organization, name="Prod")
        AccountFactory(organization=organization, ou=ou, name=f"a{organization.pk}")
        AccountFactory(organization=organization, name=f"z{organization.pk}")
    page = account_page(everyone, AccountFilter(), now=NOW)
    assert [name[0] for name in names(page)] == ["z", "a", "z", "a"]
    assert names(page)[0][1:] == names(page)[1][1:]


def test_pages_hold_accounts_of_equal_names_apart(everyone, monkeypatch):
    monkeypatch.setattr("findings.selectors.account_list.PAGE", 1)
    organization = OrganizationFactory()
    made = {AccountFactory(organization=organization, name="same").pk for _ in range(3)}
    seen, key = [], ""
    for _ in range(3):
        page = account_page(everyone, AccountFilter(), key, now=NOW)
        seen += [line.account.pk for line in page.lines]
        key = page.next_key
    assert (set(seen), len(seen), key) == (made, 3, "")


def test_accounts_that_left_are_shown_only_when_asked_for(everyone):
    AccountFactory(name="here")
    AccountFactory(name="gone", state="LEFT", left_at=NOW)
    assert names(account_page(everyone, AccountFilter(), now=NOW)) == ["here"]
    assert names(account_page(everyone, AccountFilter(state="LEFT"), now=NOW)) == ["gone"]
