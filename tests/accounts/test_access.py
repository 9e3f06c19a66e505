import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.access import (
    Denied,
    Permission,
    can,
    require,
    scoped,
    visible_accounts,
    visible_grants,
    visible_organizations,
)
from accounts.models import Account, AccountEvent, AuditEntry, OrganizationalUnit, Team
from accounts.models.reach import reach_of
from accounts.roles import Role
from tests.factories.accounts import (
    NOW,
    AccountFactory,
    GrantFactory,
    OrganizationFactory,
    OuFactory,
    TeamFactory,
    UserFactory,
    person_with,
)

pytestmark = pytest.mark.django_db


class World:
    """Two organizations; in the first an OU below an OU, a team, and an account in each place."""

    def __init__(self):
        self.organization = OrganizationFactory(name="First")
        self.workloads = OuFactory(organization=self.organization, name="Workloads")
        self.prod = OuFactory(organization=self.organization, name="Prod", parent=self.workloads)
        self.web_team = TeamFactory(organization=self.organization, name="Web")
        self.root = self.account("root")
        self.shared = self.account("shared", ou=self.workloads)
        self.shop = self.account("shop", ou=self.prod)
        self.web = self.account("web", owner_team=self.web_team)
        self.foreign = AccountFactory(organization__name="Second", name="foreign")

    def account(self, name, **fields):
        return AccountFactory(organization=self.organization, name=name, **fields)


@pytest.fixture
def world():
    return World()


def names(accounts):
    return sorted(account.name for account in accounts)


def test_a_stranger_sees_nothing(world):
    stranger = UserFactory()
    assert names(visible_accounts(stranger)) == []
    assert not visible_organizations(stranger).exists()
    assert not OrganizationalUnit.objects.visible_to(stranger).exists()
    assert not Team.objects.visible_to(stranger).exists()
    assert not can(stranger, Permission.VIEW, world.shop)


def test_a_superuser_sees_and_may_do_everything(world):
    superuser = UserFactory(is_superuser=True)
    assert len(visible_accounts(superuser)) == 5
    assert can(superuser, Permission.ADMINISTER)
    assert can(superuser, Permission.ADMINISTER, world.foreign)


def test_the_system_may_do_everything(world):
    assert can(None, Permission.ADMINISTER, world.shop)


@pytest.mark.parametrize("rights", [{}, {"is_superuser": True}])
def test_the_inactive_see_nothing(world, rights):
    person = UserFactory(is_active=False, **rights)
    GrantFactory(user=person, organization=world.organization)
    assert names(visible_accounts(person)) == []
    assert not can(person, Permission.VIEW, world.organization)


def test_the_anonymous_see_nothing(world):
    assert names(visible_accounts(AnonymousUser())) == []
    assert not can(AnonymousUser(), Permission.VIEW, world.shop)


def test_a_grant_on_an_organization_reaches_all_of_it_and_nothing_else(world):
    viewer = person_with(Role.VIEWER, organization=world.organization)
    assert names(visible_accounts(viewer)) == ["root", "shared", "shop", "web"]
    assert list(visible_organizations(viewer)) == [world.organization]
    assert not can(viewer, Permission.VIEW, world.foreign)


def test_a_grant_on_an_ou_reaches_what_is_below(world):
    viewer = person_with(Role.VIEWER, organization=world.organization, ou=world.workloads)
    assert names(visible_accounts(viewer)) == ["shared", "shop"]
    ous = OrganizationalUnit.objects.visible_to(viewer)
    assert names(ous) == ["Prod", "Workloads"]
    assert can(viewer, Permission.VIEW, world.prod)


def test_a_grant_on_an_ou_does_not_reach_what_is_above_or_beside(world):
    viewer = person_with(Role.VIEWER, organization=world.organization, ou=world.prod)
    assert names(visible_accounts(viewer)) == ["shop"]
    assert not can(viewer, Permission.VIEW, world.workloads)
    assert not can(viewer, Permission.VIEW, world.shared)


def test_ous_whose_paths_look_alike_are_told_apart(world):
    trick = OuFactory(organization=world.organization, name="Workloads/Prod")
    AccountFactory(organization=world.organization, name="trick", ou=trick)
    assert trick.path == world.prod.path
    viewer = person_with(Role.VIEWER, organization=world.organization, ou=world.workloads)
    assert "trick" not in names(visible_accounts(viewer))


def test_a_lineage_that_begins_with_the_same_digits_is_another(world):
    OrganizationalUnit.objects.filter(pk=world.workloads.pk).update(lineage="1/")
    OrganizationalUnit.objects.filter(pk=world.prod.pk).update(lineage="11/")
    viewer = person_with(Role.VIEWER, organization=world.organization, ou=world.workloads)
    assert names(visible_accounts(viewer)) == ["shared"]


def test_a_grant_on_a_teams_accounts_reaches_those(world):
    viewer = person_with(Role.VIEWER, organization=world.organization, accounts_of=world.web_team)
    assert names(visible_accounts(viewer)) == ["web"]
    assert can(viewer, Permission.VIEW, world.web)
    assert not can(viewer, Permission.VIEW, world.root)


def test_the_ou_of_a_teams_account_is_visible_once(world):
    world.account("web 2", ou=world.prod, owner_team=world.web_team)
    world.account("web 3", ou=world.prod, owner_team=world.web_team)
    viewer = person_with(Role.VIEWER, organization=world.organization, accounts_of=world.web_team)
    assert list(OrganizationalUnit.objects.visible_to(viewer)) == [world.prod]


def test_accounts_without_an_owner_are_in_no_teams_reach(world):
    viewer = person_with(Role.VIEWER, organization=world.organization, ou=world.prod)
    assert not can(viewer, Permission.VIEW, world.root)


def test_a_grant_to_a_team_is_held_by_its_members(world):
    member, other = UserFactory(), UserFactory()
    team = TeamFactory(organization=world.organization, members=[member])
    GrantFactory(team=team, organization=world.organization, ou=world.prod)
    assert names(visible_accounts(member)) == ["shop"]
    assert names(visible_accounts(other)) == []
    team.members.remove(member)
    assert names(visible_accounts(member)) == []


def test_several_grants_add_up_without_doubling(world):
    person = person_with(Role.VIEWER, organization=world.organization, ou=world.prod)
    GrantFactory(user=person, organization=world.organization, ou=world.workloads)
    team = TeamFactory(organization=world.organization, members=[person])
    GrantFactory(team=team, organization=world.organization, accounts_of=world.web_team)
    assert names(visible_accounts(person)) == ["shared", "shop", "web"]


def test_an_expired_grant_is_gone_at_its_end(world):
    end = timezone.now()
    gone = person_with(Role.VIEWER, organization=world.organization, expires_at=end)
    held = person_with(
        Role.VIEWER, organization=world.organization, expires_at=end + dt.timedelta(hours=1)
    )
    assert names(visible_accounts(gone)) == []
    assert not can(gone, Permission.VIEW, world.shop)
    assert "shop" in names(visible_accounts(held))


ALL = set(Permission)


@pytest.mark.parametrize(
    ("role", "permitted"),
    [
        (Role.VIEWER, {Permission.VIEW}),
        (Role.CONTRIBUTOR, ALL - {Permission.APPROVE, Permission.ADMINISTER}),
        (Role.APPROVER, ALL - {Permission.ADMINISTER}),
        (Role.ADMINISTRATOR, ALL),
    ],
)
@pytest.mark.parametrize("scope", ["organization", "ou", "accounts_of"])
def test_roles_permit_their_acts_on_accounts_in_reach(world, role, permitted, scope):
    narrow = {"ou": {"ou": world.prod}, "accounts_of": {"accounts_of": world.web_team}}
    person = person_with(role, organization=world.organization, **narrow.get(scope, {}))
    account = world.web if scope == "accounts_of" else world.shop
    assert {p for p in Permission if can(person, p, account)} == permitted
    assert not any(can(person, p, world.foreign) for p in Permission)
    assert not any(can(person, p) for p in Permission)


def test_a_narrow_role_is_none_on_the_whole(world):
    person = person_with(Role.ADMINISTRATOR, organization=world.organization, ou=world.prod)
    assert can(person, Permission.VIEW, world.organization)
    assert not can(person, Permission.CONTRIBUTE, world.organization)
    assert not can(person, Permission.ADMINISTER, world.organization)
    assert not can(person, Permission.ADMINISTER, world.web_team)


def test_a_permission_narrows_the_visible_accounts(world):
    person = person_with(Role.VIEWER, organization=world.organization)
    GrantFactory(user=person, role=Role.APPROVER, organization=world.organization, ou=world.prod)
    assert names(visible_accounts(person, Permission.APPROVE)) == ["shop"]
    assert len(visible_accounts(person)) == 4


def test_a_refusal_says_what_and_where_and_is_understood_by_django(world):
    viewer = person_with(Role.VIEWER, organization=world.organization)
    with pytest.raises(Denied, match="You may not approve on shop") as caught:
        require(viewer, Permission.APPROVE, world.shop)
    assert isinstance(caught.value, PermissionDenied)
    with pytest.raises(Denied, match="in this installation"):
        require(viewer, Permission.ADMINISTER)


def test_queries_and_objects_agree_for_everybody(world):
    scopes = [{}, {"ou": world.workloads}, {"ou": world.prod}, {"accounts_of": world.web_team}]
    people = [person_with(Role.VIEWER, organization=world.organization, **s) for s in scopes]
    for person in [*people, UserFactory(), UserFactory(is_superuser=True)]:
        seen = set(visible_accounts(person))
        for account in Account.objects.all():
            assert can(person, Permission.VIEW, account) == (account in seen)
        ous = set(OrganizationalUnit.objects.visible_to(person))
        for ou in OrganizationalUnit.objects.all():
            assert can(person, Permission.VIEW, ou) == (ou in ous)


def test_a_reach_is_undivided_where_it_holds_no_organization_in_part(world):
    first, second = world.organization, world.foreign.organization
    person = person_with(Role.VIEWER, organization=first, ou=world.prod)
    assert not reach_of(person).is_undivided
    GrantFactory(user=person, role=Role.VIEWER, organization=first)
    assert reach_of(person).is_undivided
    team = TeamFactory(organization=second)
    GrantFactory(user=person, role=Role.VIEWER, organization=second, accounts_of=team)
    assert not reach_of(person).is_undivided
    assert reach_of(UserFactory()).is_undivided


def test_rows_are_scoped_by_their_account(world):
    for account in (world.shop, world.shared, world.foreign):
        AccountEvent.objects.create(account=account, kind="joined", at=NOW)
    viewer = person_with(Role.VIEWER, organization=world.organization, ou=world.prod)
    events = scoped(AccountEvent.objects.all(), viewer)
    assert [event.account for event in events] == [world.shop]


def test_rows_without_an_account_are_seen_by_those_who_see_the_whole(world):
    rules = [
        world.organization.ownership_rules.create(team=world.web_team, position=1),
        world.organization.ownership_rules.create(
            team=world.web_team, position=2, account=world.shop
        ),
    ]
    whole = person_with(Role.VIEWER, organization=world.organization)
    part = person_with(Role.VIEWER, organization=world.organization, ou=world.prod)
    other = person_with(Role.VIEWER, organization=world.foreign.organization)

    def seen(person):
        every = world.organization.ownership_rules.order_by("position")
        return list(scoped(every, person, organization_field="organization"))

    assert (seen(whole), seen(part), seen(other)) == (rules, rules[1:], [])


def test_only_administrators_see_grants_and_the_audit_log(world):
    AuditEntry.objects.create(
        action="x.y", target_type="x", target_uid="1", organization=world.organization
    )
    AuditEntry.objects.create(action="x.y", target_type="x", target_uid="2")
    whole = person_with(Role.ADMINISTRATOR, organization=world.organization)
    part = person_with(Role.ADMINISTRATOR, organization=world.organization, ou=world.workloads)
    below = GrantFactory(user=part, organization=world.organization, ou=world.prod)
    approver = person_with(Role.APPROVER, organization=world.organization)
    elsewhere = person_with(Role.ADMINISTRATOR, organization=world.foreign.organization)

    def audit(person):
        return AuditEntry.objects.visible_to(person).count()

    assert visible_grants(whole).count() == 4
    assert set(visible_grants(part)) == {below, part.grants.get(ou=world.workloads)}
    assert [visible_grants(p).count() for p in (approver, elsewhere)] == [0, 1]
    assert [audit(p) for p in (whole, part, approver, elsewhere)] == [1, 0, 0, 0]
    assert audit(UserFactory(is_superuser=True)) == 2


def test_asking_takes_one_query_for_the_grants(world, django_assert_num_queries):
    viewer = person_with(Role.VIEWER, organization=world.organization, ou=world.workloads)
    GrantFactory(user=viewer, organization=world.organization, accounts_of=world.web_team)
    with django_assert_num_queries(2):
        list(visible_accounts(viewer))
