"""The form of errors, wherever they arise: RFC 9457."""

import json

import pytest
from django.test import Client

from tests.portal.api.conftest import told


@pytest.fixture
def signed_in(client, world):
    client.force_login(world.person("contributor"))
    return client


@pytest.mark.parametrize(
    ("path", "status"),
    [("scans", 404), ("nothing/", 404), ("docs/", 405)],
    ids=["without a slash", "nothing", "docs"],
)
def test_a_program_that_errs_in_the_address_is_told_so(world, path, status):
    """Not that it lacks the secret of a form, which programs do not have."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.person("contributor"))
    answer = told(client.post(f"/api/v1/{path}", "{}", content_type="application/json"))
    assert (answer.status, answer.type) == (status, "application/problem+json")


def test_a_body_that_is_no_json_is_refused(signed_in):
    answer = told(signed_in.post("/api/v1/scans/", "{", content_type="application/json"))
    assert (answer.status, answer.type) == (400, "application/problem+json")
    assert "JSON parse error" in answer.body["detail"]


def test_a_body_of_another_type_is_refused(signed_in):
    answer = told(signed_in.post("/api/v1/scans/", {"organization": "x"}))
    assert (answer.status, answer.type) == (415, "application/problem+json")
    assert answer.body["title"] == "Unsupported Media Type"


def test_an_answer_of_another_type_is_not_to_be_had(signed_in):
    answer = told(signed_in.get("/api/v1/scans/", headers={"Accept": "text/html"}))
    assert (answer.status, answer.type) == (406, "application/problem+json")


def test_a_method_that_is_not_offered_is_named(signed_in):
    answer = told(signed_in.delete("/api/v1/scans/"))
    assert (answer.status, answer.body["title"]) == (405, "Method Not Allowed")
    assert '"DELETE"' in answer.body["detail"]
    assert "GET" in answer.headers["Allow"]


def test_a_problem_of_fields_lists_them(api):
    answer = api("contributor").post("scans/", {"organization": "x", "slection": {}})
    assert answer.body["title"] == "Bad Request"
    assert answer.body["status"] == answer.status == 400
    assert list(answer.errors) == ["slection"]


@pytest.mark.parametrize("path", ["scans/", "nothing/"])
def test_a_body_that_is_too_large_is_not_read(signed_in, path):
    body = json.dumps({"organization": "x" * 1024 * 1024})
    answer = told(signed_in.post(f"/api/v1/{path}", body, content_type="application/json"))
    assert (answer.status, answer.type) == (413, "application/problem+json")
    assert "at most 1024 KB" in answer.body["detail"]


def test_a_body_must_say_how_long_it_is(signed_in):
    chunked = {"Transfer-Encoding": "chunked"}
    answer = told(signed_in.post("/api/v1/scans/", headers=chunked))
    assert (answer.status, answer.type) == (411, "application/problem+json")


@pytest.mark.parametrize(
    "text",
    ["[]", "null", "1", '"x"', "{}", "", "\x00", '{"a":' * 3000,
     "[1e999]", r'["\ud800"]', "9" * 5000],
)  # fmt: skip
def test_whatever_json_it_is_a_body_is_refused_with_a_reason(signed_in, text):
    answer = told(signed_in.post("/api/v1/scans/", text, content_type="application/json"))
    assert (answer.status, answer.type) == (400, "application/problem+json")
