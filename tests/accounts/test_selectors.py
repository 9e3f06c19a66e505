import pytest

from accounts.access import Denied
from accounts.models import Account
from accounts.roles import Role
from accounts.selectors import accounts_listed, ous_in_tree, owner_explained
from tests.factories.accounts import (
    AccountFactory,
    OrganizationFactory,
    OuFactory,
    OwnershipRuleFactory,
    TeamFactory,
    UserFactory,
    person_with,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization():
    return OrganizationFactory()


@pytest.fixture
def ous(organization):
    workloads = OuFactory(organization=organization, name="Workloads")
    return workloads, OuFactory(organization=organization, name="Prod", parent=workloads)


@pytest.fixture
def shop(organization, ous):
    return AccountFactory(
        organization=organization, ou=ous[1], name="shop", email="anna@example.com"
    )


@pytest.fixture
def viewer(organization):
    return person_with(Role.VIEWER, organization=organization)


def test_accounts_are_found_by_name_id_ou_and_organization(organization, ous, shop, viewer):
    web = AccountFactory(organization=organization, name="web", account_id="987600000000")
    AccountFactory(name="shop elsewhere")
    assert list(accounts_listed(user=viewer, search="SHO")) == [shop]
    assert list(accounts_listed(user=viewer, search="9876")) == [web]
    assert list(accounts_listed(user=viewer, ou=ous[0])) == [shop]
    assert list(accounts_listed(user=viewer, organization=organization)) == [web, shop]


def test_a_mail_address_is_found_only_by_those_who_may_see_it(organization, shop, viewer):
    contributor = person_with(Role.CONTRIBUTOR, organization=organization)
    assert list(accounts_listed(user=viewer, search="anna@")) == []
    assert list(accounts_listed(user=contributor, search="anna@")) == [shop]


def test_the_tree_counts_what_the_person_sees(organization, ous, shop, viewer):
    AccountFactory(organization=organization, ou=ous[0], owner_team=None)
    rows = ous_in_tree(user=viewer, organization=organization)
    assert [(row.ou.name, row.depth, row.accounts) for row in rows] == [
        ("Workloads", 0, 1),
        ("Prod", 1, 1),
    ]
    part = person_with(Role.VIEWER, organization=organization, ou=ous[1])
    rows = ous_in_tree(user=part, organization=organization)
    assert [(row.ou.name, row.accounts) for row in rows] == [("Prod", 1)]
    assert ous_in_tree(user=UserFactory(), organization=organization) == []


def test_a_person_learns_why_a_team_owns_an_account(organization, shop, viewer):
    OwnershipRuleFactory(team=TeamFactory(organization=organization), ou=shop.ou)
    (verdict,) = owner_explained(user=viewer, account=shop)
    assert verdict.fits
    with pytest.raises(Denied):
        owner_explained(user=UserFactory(), account=shop)


def test_what_is_left_or_excluded_is_not_scanned(organization):
    active = AccountFactory(organization=organization)
    AccountFactory(organization=organization, excluded=True, excluded_reason="sold")
    AccountFactory(organization=organization, state="SUSPENDED")
    assert list(Account.objects.scannable()) == [active]
    assert Account.objects.active().count() == 2
    assert Account.objects.members().count() == 3
