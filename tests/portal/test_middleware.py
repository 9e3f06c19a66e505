import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory

from accounts.models import Grant
from accounts.models.reach import NOTHING, reach_of
from accounts.roles import Permission
from portal.middleware import grants_read_once
from tests.factories.accounts import OrganizationFactory, person_with


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


def reaches_of_a_request(method, person):
    """What is found before and after the person's grants are taken away, in one request."""
    found = []

    def view(request):
        found.append(reach_of(person))
        Grant.objects.all().delete()
        found.extend([reach_of(person), reach_of(person, Permission.ADMINISTER)])
        return HttpResponse()

    grants_read_once(view)(RequestFactory().generic(method, "/"))
    return found


@pytest.fixture
def person(db):
    return person_with("viewer", organization=OrganizationFactory())


def test_grants_are_read_once_for_a_page_and_told_apart_by_permission(person):
    before, after, administered = reaches_of_a_request("GET", person)
    assert before == after != NOTHING
    assert administered == NOTHING


def test_the_next_request_reads_them_anew(person):
    reaches_of_a_request("GET", person)
    assert set(reaches_of_a_request("GET", person)) == {NOTHING}
    assert reach_of(AnonymousUser()) == NOTHING


def test_a_request_that_changes_something_never_remembers(person):
    before, after, _ = reaches_of_a_request("POST", person)
    assert before != NOTHING
    assert after == NOTHING
