import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from accounts.access import Denied
from accounts.models import AuditEntry, Grant
from accounts.roles import Role
from accounts.services.grants import grant_give, grant_withdraw
from tests.factories.accounts import (
    NOW,
    GrantFactory,
    OrganizationFactory,
    OuFactory,
    TeamFactory,
    UserFactory,
    person_with,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization():
    return OrganizationFactory()


@pytest.fixture
def administrator(organization):
    return person_with(Role.ADMINISTRATOR, organization=organization)


def give(actor, organization, role=Role.VIEWER, **grant):
    return grant_give(actor=actor, role=role, organization=organization, now=NOW, **grant)


def test_a_role_is_given_and_audited(organization, administrator):
    anna = UserFactory(username="anna")
    give(administrator, organization, user=anna)
    assert Grant.objects.get(user=anna).role == Role.VIEWER
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor) == ("grant.give", administrator)
    assert (entry.after["user"], entry.after["role"]) == ("anna", "viewer")


def test_another_role_on_the_same_scope_replaces_the_first(organization, administrator):
    anna = UserFactory()
    first = give(administrator, organization, user=anna)
    second = give(administrator, organization, Role.APPROVER, user=anna)
    assert (first.pk, first.uid) == (second.pk, second.uid)
    entry = AuditEntry.objects.first()
    assert (entry.action, entry.before["role"], entry.after["role"]) == (
        "grant.change",
        "viewer",
        "approver",
    )


def test_the_same_grant_again_is_no_change(organization, administrator):
    anna = UserFactory()
    give(administrator, organization, user=anna)
    give(administrator, organization, user=anna)
    assert AuditEntry.objects.count() == 1


def test_a_role_is_withdrawn_and_audited(organization, administrator):
    grant = GrantFactory(organization=organization, user=UserFactory(username="anna"))
    grant_withdraw(actor=administrator, grant=grant, now=NOW)
    assert not Grant.objects.filter(user__username="anna").exists()
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.before["user"], entry.after) == ("grant.withdraw", "anna", None)


def test_a_grant_needs_exactly_one_grantee(organization, administrator):
    both = {"user": UserFactory(), "team": TeamFactory(organization=organization)}
    for grantee in ({}, both):
        with pytest.raises(ValidationError, match="either to a person or to a team"):
            give(administrator, organization, **grantee)


def test_a_grant_has_one_scope(organization, administrator):
    with pytest.raises(ValidationError, match="an OU or a team's accounts"):
        give(
            administrator,
            organization,
            user=UserFactory(),
            ou=OuFactory(organization=organization),
            accounts_of=TeamFactory(organization=organization),
        )


@pytest.mark.parametrize(
    ("part", "factory"), [("team", TeamFactory), ("ou", OuFactory), ("accounts_of", TeamFactory)]
)
def test_parts_of_another_organization_are_refused(organization, part, factory):
    grantee = {} if part == "team" else {"user": UserFactory()}
    with pytest.raises(ValidationError, match="not part of the chosen organization"):
        give(None, organization, **grantee, **{part: factory()})


def test_an_end_lies_ahead(organization, administrator):
    with pytest.raises(ValidationError, match="lies ahead"):
        give(administrator, organization, user=UserFactory(), expires_at=NOW)
    give(administrator, organization, user=UserFactory(), expires_at=NOW + dt.timedelta(seconds=1))


def test_an_unknown_role_is_refused(organization, administrator):
    with pytest.raises(ValidationError, match="not a valid choice"):
        give(administrator, organization, "owner", user=UserFactory())


def test_an_administrator_of_an_ou_gives_roles_in_it_only(organization):
    above = OuFactory(organization=organization)
    ou = OuFactory(organization=organization, parent=above)
    below = OuFactory(organization=organization, parent=ou)
    team = TeamFactory(organization=organization)
    actor = person_with(Role.ADMINISTRATOR, organization=organization, ou=ou)
    give(actor, organization, user=UserFactory(), ou=ou)
    give(actor, organization, user=UserFactory(), ou=below)
    for scope in ({}, {"ou": above}, {"accounts_of": team}):
        with pytest.raises(Denied):
            give(actor, organization, user=UserFactory(), **scope)


def test_an_ou_does_not_open_another_organization(organization):
    ou = OuFactory(organization=organization)
    actor = person_with(Role.ADMINISTRATOR, organization=organization, ou=ou)
    with pytest.raises(ValidationError):
        give(actor, OrganizationFactory(), user=actor, ou=ou)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CONTRIBUTOR, Role.APPROVER])
def test_others_give_and_withdraw_nothing(organization, role):
    actor = person_with(role, organization=organization)
    with pytest.raises(Denied):
        give(actor, organization, Role.ADMINISTRATOR, user=actor)
    with pytest.raises(Denied):
        grant_withdraw(actor=actor, grant=Grant.objects.get(user=actor), now=NOW)
