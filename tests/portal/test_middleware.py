import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory

from accounts.models import Grant
from accounts.models.reach import NOTHING, reach_of
from accounts.roles import Permission
from portal.middleware import grants_read_once
from tests.factories.accounts import (
    GrantFactory,
    OrganizationFactory,
    OuFactory,
    TeamFactory,
    UserFactory,
    person_with,
)


def answered_id(client, **headers):
    return client.get("/healthz", headers=headers)["X-Request-ID"]


def test_every_answer_carries_an_id_of_its_own(client):
    first, second = answered_id(client), answered_id(client)
    assert re.fullmatch(r"[0-9a-f]{32}", first)
    assert first != second


def test_the_id_of_a_proxy_is_kept(client):
    assert answered_id(client, x_request_id="proxy-17") == "proxy-17"


@pytest.mark.parametrize("given", ["two words", "a" * 129, "line\tbreak", '"}'])
def test_an_id_that_could_spoil_a_log_line_is_replaced(client, given):
    assert answered_id(client, x_request_id=given) != given


def in_one_request(*views):
    found = []

    def view(request):
        found.extend(each() for each in views)
        return HttpResponse()

    grants_read_once(view)(RequestFactory().get("/"))
    return found


@pytest.fixture
def person(db):
    return person_with("viewer", organization=OrganizationFactory())


@pytest.fixture
def reach(person):
    return lambda: reach_of(person)


def test_grants_are_read_once_in_a_request_and_told_apart_by_permission(
    person, reach, django_assert_num_queries
):
    def administered():
        return reach_of(person, Permission.ADMINISTER)

    with django_assert_num_queries(1):
        before, after, more = in_one_request(reach, reach, administered)
    assert before == after != NOTHING
    assert more == NOTHING


def test_the_next_request_reads_them_anew(reach):
    in_one_request(reach)
    Grant.objects.all().delete()
    assert in_one_request(reach) == [NOTHING]
    assert reach_of(AnonymousUser()) == NOTHING


def take_away():
    Grant.objects.all().delete()


def narrow():
    grant = Grant.objects.get()
    grant.ou = OuFactory(organization=grant.organization)
    grant.save()


@pytest.mark.parametrize("change", [take_away, narrow])
def test_what_a_request_changes_of_a_grant_holds_at_once(reach, change):
    before, _, after = in_one_request(reach, change, reach)
    assert before.organizations
    assert not after.organizations


@pytest.mark.django_db
@pytest.mark.parametrize("leave", ["clear", "remove"])
def test_who_leaves_a_team_in_a_request_has_left_its_grants_at_once(leave):
    organization, person = OrganizationFactory(), UserFactory()
    team = TeamFactory(organization=organization)
    team.members.add(person)
    GrantFactory(team=team, user=None, role="viewer", organization=organization)
    gone = {"clear": team.members.clear, "remove": lambda: team.members.remove(person)}
    before, _, after = in_one_request(
        lambda: reach_of(person), gone[leave], lambda: reach_of(person)
    )
    assert before.organizations == {organization.pk}
    assert after == NOTHING
