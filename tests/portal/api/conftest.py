import json

import pytest

from tests.portal.world import World


@pytest.fixture
def world(db):
    return World()


class Caller:
    """Calls the API with a session, in JSON; keeps the status and the parsed body."""

    def __init__(self, client):
        self.client = client

    def get(self, path, **query):
        return told(self.client.get(f"/api/v1/{path}", query))

    def send(self, method, path, body=None):
        return told(
            self.client.generic(
                method,
                f"/api/v1/{path}",
                json.dumps({} if body is None else body),
                content_type="application/json",
            )
        )

    def post(self, path, body=None):
        return self.send("POST", path, body)


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


@pytest.fixture
def api(client, world):
    """The API as one of EVERYBODY."""

    def as_person(who):
        client.force_login(world.person(who))
        return Caller(client)

    return as_person
