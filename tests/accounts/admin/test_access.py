import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, AuditEntry, Grant, OwnershipRule, Team
from accounts.roles import Role
from tests.factories.accounts import GrantFactory, TeamFactory, UserFactory

pytestmark = pytest.mark.one_database


def add(name):
    return reverse(f"admin:accounts_{name}_add")


def page(row, what="change"):
    return reverse(f"admin:accounts_{row._meta.model_name}_{what}", args=[row.pk])


def errors(answer):
    assert answer.status_code == 200
    return str(answer.context["adminform"].form.errors)


@pytest.fixture
def administrator(staff, ours):
    return staff(Role.ADMINISTRATOR, organization=ours.organization)


@pytest.fixture
def anna(db):
    return UserFactory(username="anna")


def actions():
    entries = AuditEntry.objects.exclude(action="ours.change")
    return list(entries.values_list("action", flat=True))


def test_a_team_is_added_with_people_by_name(client, administrator, ours, anna):
    form = {"organization": ours.organization.pk, "name": "Web", "members": "anna, ours-member"}
    assert client.post(add("team"), form).status_code == 302
    members = Team.objects.get(name="Web").members.values_list("username", flat=True)
    assert sorted(members) == ["anna", "ours-member"]
    assert actions() == ["team.create"]


def test_an_unknown_or_inactive_member_is_told_by_name(client, administrator, ours, anna):
    anna.is_active = False
    anna.save()
    form = {"organization": ours.organization.pk, "name": "Web", "members": "anna"}
    assert "no active person with the user name &#x27;anna&#x27;" in errors(
        client.post(add("team"), form)
    )


def test_members_are_shown_and_changed(client, administrator, ours, anna):
    assert "ours-member" in client.get(page(ours.team)).content.decode()
    client.post(page(ours.team), {"name": "Renamed", "members": "anna"})
    ours.team.refresh_from_db()
    assert (ours.team.name, list(ours.team.members.all())) == ("Renamed", [anna])


def test_members_are_not_shown_to_viewers(client, staff, ours):
    staff(Role.VIEWER, organization=ours.organization)
    assert "ours-member" not in client.get(page(ours.team)).content.decode()


def test_a_team_of_the_same_name_is_told(client, administrator, ours):
    form = {"organization": ours.organization.pk, "name": "ours team", "members": ""}
    assert "has a team of this name already" in errors(client.post(add("team"), form))


def test_another_organization_cannot_be_chosen(client, administrator, ours, theirs):
    form = {"organization": theirs.organization.pk, "name": "Web", "members": ""}
    assert "Select a valid choice" in errors(client.post(add("team"), form))


def test_a_team_is_deleted_unless_it_owns_something(client, administrator, ours):
    idle = TeamFactory(organization=ours.organization, name="idle")
    client.post(page(idle, "delete"), {"post": "yes"})
    client.post(page(ours.team, "delete"), {"post": "yes"})
    assert [team.name for team in Team.objects.all()] == ["ours team"]
    assert actions() == ["team.delete"]


def test_a_rule_is_added_and_gives_the_owner(client, administrator, ours):
    form = {
        "organization": ours.organization.pk,
        "position": 2,
        "team": ours.team.pk,
        "ou": ours.ou.pk,
    }
    assert client.post(add("ownershiprule"), form).status_code == 302
    assert Account.objects.get().owner_team == ours.team
    assert actions() == ["ownership_rule.add"]


def test_parts_of_another_organization_cannot_be_chosen_for_a_rule(
    client, administrator, ours, theirs
):
    form = {
        "organization": ours.organization.pk,
        "position": 2,
        "team": theirs.team.pk,
        "ou": theirs.ou.pk,
        "account": theirs.account.pk,
    }
    told = client.post(add("ownershiprule"), form).context["adminform"].form.errors
    assert sorted(told) == ["account", "ou", "team"]


def test_parts_of_two_organizations_do_not_mix_in_a_rule(client, superuser, ours, theirs):
    form = {"organization": ours.organization.pk, "position": 2, "team": theirs.team.pk}
    assert "not part of the chosen organization" in errors(client.post(add("ownershiprule"), form))


def test_a_rule_is_deleted(client, administrator, ours):
    client.post(page(ours.rule, "delete"), {"post": "yes"})
    assert not OwnershipRule.objects.exists()
    assert actions() == ["ownership_rule.delete"]


def give(client, ours, **form):
    whole = {"role": "viewer", "organization": ours.organization.pk, **form}
    return client.post(add("grant"), whole)


def test_a_grant_is_given_changed_and_withdrawn(client, administrator, ours, anna):
    assert give(client, ours, user="anna").status_code == 302
    grant = Grant.objects.get(user=anna)
    form = {"role": "approver", "organization": ours.organization.pk, "user": "anna"}
    client.post(page(grant), form)
    grant.refresh_from_db()
    assert grant.role == "approver"
    client.post(page(grant, "delete"), {"post": "yes"})
    assert not Grant.objects.filter(user=anna).exists()
    assert actions() == ["grant.withdraw", "grant.change", "grant.give"]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"user": "nobody"}, "no active person"),
        ({}, "either to a person or to a team"),
        ({"user": "anna", "expires_at_0": "2020-01-01", "expires_at_1": "00:00"}, "lies ahead"),
        ({"user": "ours-member"}, "has a grant on this scope already"),
        ({"user": "anna", "role": "owner"}, "Select a valid choice"),
    ],
)
def test_a_wrong_grant_is_told(client, administrator, ours, anna, form, said):
    assert said in errors(give(client, ours, **form))


def test_an_administrator_of_an_ou_gives_roles_in_it_only(client, staff, ours, anna):
    staff(Role.ADMINISTRATOR, organization=ours.organization, ou=ours.ou)
    assert give(client, ours, user="anna", ou=ours.ou.pk).status_code == 302
    assert give(client, ours, user="anna").status_code == 403
    assert give(client, ours, user="anna", accounts_of=ours.team.pk).status_code == 403
    assert [grant.ou for grant in anna.grants.all()] == [ours.ou]


def test_an_administrator_of_an_ou_neither_sees_nor_withdraws_grants_above(client, staff, ours):
    staff(Role.ADMINISTRATOR, organization=ours.organization, ou=ours.ou)
    client.post(page(ours.grant, "delete"), {"post": "yes"})
    assert Grant.objects.filter(pk=ours.grant.pk).exists()


def test_an_administrator_of_an_ou_adds_neither_teams_nor_rules(client, staff, ours):
    staff(Role.ADMINISTRATOR, organization=ours.organization, ou=ours.ou)
    assert client.get(add("team")).status_code == 403
    assert client.get(add("ownershiprule")).status_code == 403


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CONTRIBUTOR, Role.APPROVER])
def test_nobody_else_gives_grants(client, staff, ours, anna, role):
    staff(role, organization=ours.organization)
    assert give(client, ours, user="anna").status_code == 403
    assert not anna.grants.exists()


def test_an_expired_administrator_is_a_stranger(client, staff, ours):
    person = staff(Role.ADMINISTRATOR, organization=ours.organization)
    person.grants.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert client.get(reverse("admin:accounts_account_changelist")).status_code == 403


def test_a_grant_of_several_roles_counts_the_highest(client, staff, ours):
    person = staff(Role.VIEWER, organization=ours.organization)
    GrantFactory(user=person, role=Role.ADMINISTRATOR, organization=ours.organization, ou=ours.ou)
    form = {"excluded": "on", "excluded_reason": "sold"}
    assert client.post(page(ours.account), form).status_code == 302
