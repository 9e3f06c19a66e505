from types import SimpleNamespace

import pytest
from django.contrib import admin
from django.contrib.auth.models import User

from accounts.models import AccountEvent, AuditEntry, Membership
from accounts.roles import Role
from tests.factories.accounts import (
    NOW,
    AccountFactory,
    GrantFactory,
    OrganizationFactory,
    OuFactory,
    OwnershipRuleFactory,
    TeamFactory,
    UserFactory,
)


def populated(name):
    """An organization with one row of every model, each with the organization's name in it."""
    organization = OrganizationFactory(name=f"{name} organization")
    ou = OuFactory(organization=organization, name=f"{name} ou")
    member = UserFactory(username=f"{name}-member")
    team = TeamFactory(organization=organization, name=f"{name} team", members=[member])
    account = AccountFactory(organization=organization, ou=ou, name=f"{name} account")
    AccountEvent.objects.create(account=account, kind="renamed", at=NOW, before=f"{name} before")
    Membership.objects.create(account=account, ou=ou, started_at=NOW)
    rule = OwnershipRuleFactory(team=team, tag_key=f"{name}-key")
    grant = GrantFactory(organization=organization, user=member)
    AuditEntry.objects.create(
        organization=organization,
        action=f"{name}.change",
        target_type="x",
        target_uid="1",
        target_name=f"{name} target",
    )
    return SimpleNamespace(
        organization=organization, ou=ou, team=team, account=account, rule=rule, grant=grant
    )


@pytest.fixture(autouse=True)
def without_sidebar(monkeypatch):
    """The list of all models beside each page takes longer than the page."""
    monkeypatch.setattr(admin.AdminSite, "enable_nav_sidebar", False)


@pytest.fixture
def ours(db):
    return populated("ours")


@pytest.fixture
def theirs(db):
    return populated("theirs")


@pytest.fixture
def staff(client):
    """Signs in a member of staff, with a role on something if one is given."""

    def sign_in(role: Role | None = None, **scope) -> User:
        person = UserFactory(is_staff=True)
        if role:
            GrantFactory(user=person, role=role, **scope)
        client.force_login(person)
        return person

    return sign_in


@pytest.fixture
def superuser(client, db):
    person = UserFactory(username="root", is_staff=True, is_superuser=True)
    client.force_login(person)
    return person
