import pytest
from django.core.exceptions import ValidationError

from accounts.access import Denied
from accounts.models import AuditEntry, Team
from accounts.roles import Role
from accounts.services.teams import team_delete, team_save
from tests.factories.accounts import (
    NOW,
    GrantFactory,
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
def administrator(organization):
    return person_with(Role.ADMINISTRATOR, organization=organization)


def test_a_team_is_created_with_members(organization, administrator):
    anna = UserFactory(username="anna")
    team = Team(organization=organization, name="Web")
    team_save(actor=administrator, team=team, members=[anna], now=NOW)
    assert list(team.members.all()) == [anna]
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.before) == ("team.create", None)
    assert entry.after == {"name": "Web", "members": ["anna"]}


def test_changed_members_are_audited(organization, administrator):
    anna, ben = UserFactory(username="anna"), UserFactory(username="ben")
    team = TeamFactory(organization=organization, members=[anna])
    team_save(actor=administrator, team=team, members=[ben], now=NOW)
    entry = AuditEntry.objects.get()
    assert (entry.before["members"], entry.after["members"]) == (["anna"], ["ben"])


def test_members_that_are_not_given_stay(organization, administrator):
    team = TeamFactory(organization=organization, members=[UserFactory()])
    team.name = "Renamed"
    team_save(actor=administrator, team=team, now=NOW)
    assert team.members.count() == 1


def test_a_team_name_is_unique_in_its_organization(organization, administrator):
    TeamFactory(organization=organization, name="Web")
    TeamFactory(name="Data")
    with pytest.raises(ValidationError, match="has a team of this name"):
        team_save(actor=administrator, team=Team(organization=organization, name="Web"), now=NOW)
    team_save(actor=administrator, team=Team(organization=organization, name="Data"), now=NOW)


def test_teams_are_for_administrators_of_the_whole_organization(organization):
    ou = OuFactory(organization=organization)
    team = TeamFactory(organization=organization)
    for actor in (
        person_with(Role.APPROVER, organization=organization),
        person_with(Role.ADMINISTRATOR, organization=organization, ou=ou),
        person_with(Role.ADMINISTRATOR, organization=OrganizationFactory()),
    ):
        with pytest.raises(Denied):
            team_save(actor=actor, team=team, members=[actor], now=NOW)
        with pytest.raises(Denied):
            team_delete(actor=actor, team=team, now=NOW)
    assert not team.members.exists()


def test_a_team_cannot_be_taken_to_another_organization(organization):
    team = TeamFactory(organization=organization)
    elsewhere = OrganizationFactory()
    team.organization = elsewhere
    actor = person_with(Role.ADMINISTRATOR, organization=elsewhere)
    with pytest.raises(Denied):
        team_save(actor=actor, team=team, now=NOW)
    with pytest.raises(ValidationError, match="stays in its organization"):
        team_save(actor=None, team=team, now=NOW)


def test_a_deleted_team_takes_its_grants_along(organization, administrator):
    team = TeamFactory(organization=organization, name="Web")
    grant = GrantFactory(organization=organization, team=team)
    team_delete(actor=administrator, team=team, now=NOW)
    assert not type(grant).objects.filter(pk=grant.pk).exists()
    assert AuditEntry.objects.get().target_name == "Web"


def test_a_team_that_owns_something_is_kept(organization, administrator):
    team = OwnershipRuleFactory(team__organization=organization).team
    with pytest.raises(ValidationError, match="Change those rules first"):
        team_delete(actor=administrator, team=team, now=NOW)
    assert Team.objects.filter(pk=team.pk).exists()
    assert not AuditEntry.objects.exists()
