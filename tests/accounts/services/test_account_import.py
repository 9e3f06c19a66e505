import pytest

from accounts.access import Denied
from accounts.account_files import FileRefused, parse_accounts
from accounts.models import Account, AccountSource, AuditEntry, OrganizationalUnit
from accounts.roles import Role
from accounts.services.account_import import accounts_import
from tests.factories.accounts import (
    NOW,
    AccountFactory,
    OrganizationFactory,
    OuFactory,
    person_with,
)

pytestmark = pytest.mark.django_db

FILE = """account_id,name,email,ou,tags
111111111111,web,web@example.com,Workloads/Prod,team=web
222222222222,shop,,,
"""


@pytest.fixture
def organization():
    return OrganizationFactory(management_account_id="")


def imported(organization, text=FILE, actor=None):
    accounts = parse_accounts(text.encode(), "accounts.csv")
    return accounts_import(actor=actor, organization=organization, accounts=accounts, now=NOW)


def test_accounts_join_with_their_ous(organization):
    report = imported(organization)
    web = Account.objects.get(name="web")
    assert (report.accounts, report.joined, report.changed, report.unchanged) == (2, 2, 0, 0)
    assert (web.ou_path, web.tags, web.source) == (
        "Workloads/Prod",
        {"team": "web"},
        AccountSource.IMPORT,
    )
    assert (web.environment, web.state) == ("production", "ACTIVE")
    assert web.events.get().kind == "joined"
    assert web.memberships.get().ou == web.ou


def test_the_same_file_again_changes_nothing(organization):
    imported(organization)
    report = imported(organization)
    assert (report.joined, report.changed, report.unchanged) == (0, 0, 2)
    assert OrganizationalUnit.objects.count() == 2
    assert AuditEntry.objects.count() == 1


def test_what_the_file_does_not_name_stays(organization):
    imported(organization)
    report = imported(organization, "account_id,name\n111111111111,shop front\n")
    web = Account.objects.get(account_id="111111111111")
    assert (report.joined, report.changed) == (0, 1)
    assert (web.name, web.email, web.ou_path) == ("shop front", "web@example.com", "Workloads/Prod")
    assert Account.objects.get(name="shop").state == "ACTIVE"


def test_an_empty_cell_empties(organization):
    imported(organization)
    imported(organization, "account_id,name,ou,tags\n111111111111,web,,\n")
    web = Account.objects.get(name="web")
    assert (web.ou, web.tags, web.email) == (None, {}, "web@example.com")


def test_an_ou_that_aws_named_is_used(organization):
    workloads = OuFactory(organization=organization, name="Workloads")
    imported(organization)
    assert Account.objects.get(name="web").ou.parent == workloads


def test_accounts_that_aws_tells_about_are_refused_by_line_and_nothing_is_imported(organization):
    AccountFactory(organization=organization, account_id="222222222222")
    with pytest.raises(FileRefused) as caught:
        imported(organization)
    assert str(caught.value) == (
        "line 3: 222222222222 is read from AWS Organizations; leave it out."
    )
    assert Account.objects.count() == 1
    assert not OrganizationalUnit.objects.exists()


def test_an_account_that_left_its_organization_may_be_imported(organization):
    AccountFactory(organization=organization, account_id="222222222222", state="LEFT", left_at=NOW)
    imported(organization)
    shop = Account.objects.get(account_id="222222222222")
    assert (shop.state, shop.source) == ("ACTIVE", AccountSource.IMPORT)
    assert "rejoined" in shop.events.values_list("kind", flat=True)


def test_the_same_account_may_be_in_another_organization(organization):
    AccountFactory(account_id="111111111111")
    assert imported(organization).joined == 2


def test_importing_is_for_administrators_and_audited(organization):
    with pytest.raises(Denied):
        imported(organization, actor=person_with(Role.APPROVER, organization=organization))
    actor = person_with(Role.ADMINISTRATOR, organization=organization)
    imported(organization, actor=actor)
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action) == (actor, "accounts.import")
    assert entry.after["accounts"] == ["111111111111", "222222222222"]
    assert Account.objects.get(name="web").events.get().actor == actor
