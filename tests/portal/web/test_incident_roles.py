"""Who does what in an incident: given and ended on its page, without a script."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from findings.models import IncidentEvent, IncidentRole
from findings.services.incident_roles import incident_role_give
from tests.factories.accounts import GrantFactory, TeamFactory, UserFactory
from tests.factories.incidents import IncidentFactory
from tests.portal.web.pages import main_text_of, text_of

NOW = dt.datetime(2026, 3, 3, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def incident(world):
    return IncidentFactory(organization=world.ours, accounts=[world.shop])


def give(client, incident, role, person):
    where = reverse("incident-add", args=[incident.uid, "role"])
    return client.post(where, {"role-role": role, "role-user": person.pk})


def end(client, incident, role, person):
    where = reverse("incident-role-end", args=[incident.uid])
    return client.post(where, {"role": role, "person": person.username})


def roles_of(incident):
    return sorted((row.role, row.user.username) for row in incident.roles.all())


def test_roles_are_given_handed_over_and_ended_and_all_of_it_is_told(sign_in, world, incident):
    client = sign_in("contributor")
    viewer, contributor = world.person("viewer"), world.person("contributor")
    for role, person in (
        ("scribe", viewer), ("commander", viewer), ("commander", contributor), ("scribe", viewer),
    ):  # fmt: skip
        assert give(client, incident, role, person).status_code == 302
    assert roles_of(incident) == [("commander", "contributor"), ("scribe", "viewer")]
    page = main_text_of(client.get(reverse("incident-detail", args=[incident.uid])))
    assert "contributor Incident commander" in page
    assert end(client, incident, "scribe", viewer).status_code == 302
    assert end(client, incident, "scribe", viewer).status_code == 404
    assert roles_of(incident) == [("commander", "contributor")]
    told = AuditEntry.objects.filter(action="incident.change").order_by("id")
    assert [entry.after["roles"] for entry in told] == [
        ["scribe: viewer"],
        ["commander: viewer", "scribe: viewer"],
        ["commander: contributor", "scribe: viewer"],
        ["commander: contributor"],
    ]
    events = IncidentEvent.objects.filter(incident=incident)
    assert {str(event.after) for event in events} == {str({"fields": ["roles"]})}


def test_only_who_sees_all_of_it_is_offered_and_taken(sign_in, world, incident):
    both = IncidentFactory(organization=world.ours, accounts=[world.shop, world.sandbox])
    of_prod, stranger, nobody = map(world.person, ("viewer of Prod", "stranger", "nobody"))
    by_team = UserFactory(username="in a team")
    team = TeamFactory(organization=world.ours, members=[by_team])
    GrantFactory(team=team, organization=world.ours, role="viewer")
    client = sign_in("contributor")

    def offered(incident):
        page = client.get(reverse("incident-detail", args=[incident.uid]))
        return {person.username for person in page.context["forms"]["role"].fields["user"].queryset}

    of_all = {"viewer", "contributor", "administrator", "in a team"}
    assert offered(both) == of_all
    assert offered(incident) == {*of_all, "viewer of Prod", "contributor of Prod"}
    for person in (of_prod, stranger, nobody):
        answer = give(client, both, "scribe", person)
        assert (answer.status_code, "valid choice" in text_of(answer)) == (422, True)
    assert give(client, incident, "boss", of_prod).status_code == 422
    assert not IncidentRole.objects.exists()


@pytest.mark.parametrize(
    ("who", "status"),
    {
        "viewer": 403, "viewer of Prod": 403, "stranger": 404, "nobody": 404,
        "contributor of Prod": 302, "administrator": 302,
    }.items(),
)  # fmt: skip
def test_contributors_of_all_its_accounts_change_them(sign_in, world, incident, who, status):
    commander = world.person("contributor")
    incident_role_give(
        actor=None, row=IncidentRole(incident=incident, role="commander", user=commander), now=NOW
    )
    client, viewer = sign_in(who), world.person("viewer")
    assert give(client, incident, "scribe", viewer).status_code == status
    assert end(client, incident, "commander", commander).status_code == status
    expected = [("scribe", "viewer")] if status == 302 else [("commander", "contributor")]
    assert roles_of(incident) == expected


def test_who_lost_sight_of_it_keeps_a_role_and_hinders_nobody(sign_in, world, incident):
    gone = UserFactory(username="gone")
    grant = GrantFactory(user=gone, organization=world.ours)
    client = sign_in("contributor")
    give(client, incident, "commander", gone)
    grant.delete()
    assert give(client, incident, "scribe", world.person("viewer")).status_code == 302
    assert roles_of(incident) == [("commander", "gone"), ("scribe", "viewer")]
    assert end(client, incident, "commander", gone).status_code == 302
