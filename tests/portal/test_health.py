import json

import pytest
from django.db import DatabaseError

from portal import health


def test_alive_asks_for_neither_database_nor_broker_nor_sign_in(client):
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_ready_when_database_and_broker_answer(client, broker_url):
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "database": "ok", "broker": "ok"}


@pytest.mark.django_db
def test_not_ready_without_a_broker(client, settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"status": "not ready", "database": "ok", "broker": "unreachable"}


def test_not_ready_without_a_database_and_says_nothing_of_its_address(
    client, broker_url, monkeypatch
):
    def refuse():
        raise DatabaseError("connection to db.internal as cairn refused")

    monkeypatch.setattr(health, "_ask_database", refuse)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["database"] == "unreachable"
    assert "internal" not in json.dumps(response.json())
