"""What is told when a request fails: a page for people, problem details for programs."""

import json
import logging

import pytest
from django.conf import settings
from django.test import Client

from portal.web import overview
from tests.factories.accounts import UserFactory
from tests.portal.web.pages import text_of, title_of


@pytest.fixture
def failing(monkeypatch, db):
    """A signed-in client that is answered 500 instead of raising; the overview fails."""

    def fail(*_):
        raise RuntimeError("the secret cause")

    monkeypatch.setattr(overview, "summary_of", fail)
    monkeypatch.setattr("portal.api.accounts.AccountViewSet.get_queryset", fail)
    client = Client(raise_request_exception=False)
    client.force_login(UserFactory())
    return client


def problem_of(answer):
    assert answer["Content-Type"] == "application/problem+json"
    return json.loads(answer.content)


def test_a_page_that_fails_shows_no_cause_but_where_to_find_it(failing, caplog):
    with caplog.at_level(logging.ERROR):
        answer = failing.get("/", headers={"X-Request-ID": "request-7"})
    assert answer.status_code == 500
    text = text_of(answer)
    assert "Something failed in Cairn itself" in text
    assert "request-7" in text
    for inner in ("secret cause", "RuntimeError", "Traceback", "overview.py"):
        assert inner not in answer.content.decode()


def test_an_endpoint_that_fails_answers_with_a_problem(failing):
    answer = failing.get("/api/v1/accounts/", headers={"X-Request-ID": "request-8"})
    assert answer.status_code == 500
    told = problem_of(answer)
    assert (told["status"], told["title"]) == (500, "Internal Server Error")
    assert "request-8" in told["detail"]
    assert "secret" not in answer.content.decode()


def test_the_page_of_a_failure_needs_no_database(failing, monkeypatch, caplog):
    def broken(*_):
        raise RuntimeError("no database")

    monkeypatch.setattr("portal.context.navigation_of", broken)
    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", broken)
    answer = failing.get("/")
    assert answer.status_code == 500
    assert "Something failed" in text_of(answer)


@pytest.mark.django_db
def test_an_unknown_address_is_told_in_the_look_of_the_portal(client):
    anonymous = client.get("/nothing/")
    assert (anonymous.status_code, title_of(anonymous)) == (404, "Not found · Cairn")
    assert "Sign out" not in text_of(anonymous)
    client.force_login(UserFactory())
    assert "Sign out" in text_of(client.get("/nothing/"))


@pytest.mark.django_db
def test_the_page_of_an_unknown_address_asks_only_who_is_there(client, django_assert_num_queries):
    client.force_login(UserFactory())
    with django_assert_num_queries(2):
        client.get("/nothing/")


@pytest.mark.django_db
def test_a_refusal_says_why_and_whom_to_ask(client):
    client.force_login(UserFactory())
    answer = client.get("/schedules/new/")
    assert answer.status_code == 403
    assert "Schedules are made by administrators of an organization." in text_of(answer)


@pytest.mark.django_db
def test_a_form_from_elsewhere_changes_nothing_and_says_what_to_do():
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory())
    answer = client.post("/scans/start/", {})
    assert answer.status_code == 403
    assert "load the page again" in text_of(answer)
    assert "To the overview" in text_of(answer)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/", "/api/v1/", "/api/v1/nothing/", "/api/v2/scans/"])
def test_below_api_every_unknown_address_is_a_problem(client, path):
    answer = client.get(path)
    assert (answer.status_code, problem_of(answer)["status"]) == (404, 404)


@pytest.mark.django_db
def test_a_missing_slash_is_pointed_out(client):
    assert "end with a slash" in problem_of(client.get("/api/v1/scans"))["detail"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/login/", "/nothing/", "/admin/"])
def test_every_page_is_under_the_strict_policy(client, path):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    policy = client.get(path, follow=True)["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy


def test_errors_are_not_shown_in_detail_unless_a_developer_asks():
    assert settings.DEBUG is False


@pytest.mark.django_db
def test_browsers_find_an_icon(client):
    assert client.get("/favicon.ico").url == "/static/app/cairn.svg"
