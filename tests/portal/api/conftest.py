import json

import pytest
from django.test import Client
from django.utils import timezone

from accounts.services.tokens import token_issue
from tests.modules import undone


class Caller:
    """Calls the API with a session, in JSON; keeps the status and the parsed body."""

    def __init__(self, client, **headers):
        self.client, self.headers = client, headers

    def get(self, path, headers=None, **query):
        return told(
            self.client.get(f"/api/v1/{path}", query, headers={**self.headers, **(headers or {})})
        )

    def send(self, method, path, body=None, headers=None):
        return told(
            self.client.generic(
                method,
                f"/api/v1/{path}",
                json.dumps({} if body is None else body),
                content_type="application/json",
                headers={**self.headers, **(headers or {})},
            )
        )

    def post(self, path, body=None, headers=None):
        return self.send("POST", path, body, headers)


def with_token(user, scopes=("admin",), **limits):
    """A program that calls with a new token of a person; limits are ``ous`` and ``accounts``."""
    issued = token_issue(
        actor=None, user=user, name="t", days=1, scopes=scopes, now=timezone.now(), **limits
    )
    return Caller(Client(), Authorization=f"Bearer {issued.plaintext}")


class Answer:
    def __init__(self, response):
        self.status = response.status_code
        self.type = response["Content-Type"] if response.content else ""
        self.body = json.loads(response.content) if response.content else None
        self.headers = response.headers

    @property
    def results(self):
        assert self.status == 200, self.body
        return self.body["results"]

    @property
    def errors(self):
        """Field -> what is said of it, of a problem."""
        assert self.type == "application/problem+json", self.type
        return {error["field"]: error["detail"] for error in self.body.get("errors", [])}


def told(response):
    return Answer(response)


def badly_refused(send, cases, *models):
    """Of (what is sent, field, words): what was not refused with these words beside the field.

    Or made a row of the models all the same, or failed; why is in the log.
    """
    wrong = {}
    for given, field, *words in cases:
        before = [model._default_manager.count() for model in models]
        with undone():
            try:
                answer = send(given)
            except Exception as error:
                wrong[str(given)] = repr(error)
                continue
            is_saved = before != [model._default_manager.count() for model in models]
        told = answer.errors if answer.status == 400 else {}
        if is_saved or field not in told or not all(word in told[field] for word in words):
            wrong[str(given)] = f"is_saved: {is_saved}, {answer.status}, {answer.body}"
    return wrong


@pytest.fixture
def api(client, world):
    """The API as one of EVERYBODY."""

    def as_person(who):
        return Caller(world.sign_in(client, who))

    return as_person
