"""The outbox and what trackers sent."""

import pytest
from django.utils import timezone

from findings.models import InboundDelivery, OutboxMessage
from findings.services.tickets import ticket_open
from tests.factories.tickets import ConnectionFactory, open_finding
from tests.portal.api.conftest import with_token


@pytest.fixture
def tracker(world):
    return ConnectionFactory(organization=world.ours)


@pytest.fixture
def ticket(world, tracker):
    made = ticket_open(
        actor=None, findings=[world.finding()], connection=tracker, project="OPS", now=world.lab.now
    )
    OutboxMessage.objects.update(status="dead", attempts=10, last_error="502")
    return made


def test_a_dead_letter_is_found_and_replayed(api, ticket, tracker):
    caller = api("contributor")
    (row,) = caller.get("outbox/", status="dead", connection=tracker.uid).results
    assert (row["ticket"], row["attempts"], row["last_error"]) == (str(ticket.uid), 10, "502")
    answer = caller.post(f"outbox/{ticket.uid}/replay/")
    assert (answer.status, answer.body["status"], answer.body["attempts"]) == (202, "waiting", 0)
    assert caller.get("outbox/", status="dead").results == []
    assert caller.get(f"outbox/{ticket.uid}/").body == answer.body


def test_who_may_not_contribute_replays_nothing(api, ticket):
    assert api("viewer").post(f"outbox/{ticket.uid}/replay/").status == 403
    for who in ("stranger", "nobody"):
        assert api(who).post(f"outbox/{ticket.uid}/replay/").status == 404
    assert OutboxMessage.objects.get().status == "dead"


def test_who_may_change_the_ticket_replays_its_message(api, world, tracker, ticket):
    person = world.person("contributor")
    of_prod, of_dev = (
        with_token(person, ("tickets:write",), ous=[ou]) for ou in (world.prod, world.dev)
    )
    assert of_dev.post(f"outbox/{ticket.uid}/replay/").status == 404
    assert of_prod.post(f"outbox/{ticket.uid}/replay/").status == 202
    everywhere = ticket_open(
        actor=None,
        findings=[open_finding(account=one) for one in (world.shop, world.sandbox)],
        connection=tracker,
        project="OPS",
        now=world.lab.now,
    )
    assert of_prod.post(f"outbox/{everywhere.uid}/replay/").status == 404
    assert api("contributor of Prod").post(f"outbox/{everywhere.uid}/replay/").status == 404


def test_administrators_read_what_trackers_sent_without_its_body(api, tracker):
    kept = InboundDelivery.objects.create(
        connection=tracker,
        delivery_id="d-1",
        body=b"zanzibar",
        body_sha256="0" * 64,
        received_at=timezone.now(),
        external_ids=["77"],
    )
    (row,) = api("administrator").get("inbound-deliveries/", status="received").results
    assert (row["uid"], row["bytes"], row["external_ids"]) == (str(kept.uid), 8, ["77"])
    assert "zanzibar" not in str(row)
    for who in ("viewer", "contributor", "stranger"):
        assert api(who).get("inbound-deliveries/").results == []
