import pytest

from findings.models import Connection, InboundDelivery, OutboxMessage
from findings.services.deliveries import LONGEST_BODY, deliveries_process
from tests.factories.tickets import NOW, ConnectionFactory, TicketFactory
from tests.workers.fake_tracker import FakeTracker
from workers.ticket_inbound import TooLong, Unsigned, delivery_receive
from workers.trackers.errors import Configuration

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection():
    return ConnectionFactory()


def receive(connection, body=b"1000", delivery="d-1", signature="right", trackers=None):
    return delivery_receive(
        connection=connection,
        headers={"X-Signature": signature, "X-Delivery": delivery, "Authorization": "secret"},
        body=body,
        now=NOW,
        trackers=trackers or (lambda _: FakeTracker()),
    )


def test_a_delivery_is_a_hint_to_look_again_and_nothing_more(connection):
    ticket = TicketFactory(connection=connection, external_id="1000")
    TicketFactory(external_id="1000")
    receive(connection, b"1000 2000")
    assert deliveries_process(now=NOW) == 1
    message = OutboxMessage.objects.get()
    assert (message.ticket, message.kind, message.why) == (ticket, "look", "delivery d-1")
    assert InboundDelivery.objects.get().status == "processed"
    assert deliveries_process(now=NOW) == 0


def test_one_that_comes_twice_is_kept_and_worked_on_once(connection):
    TicketFactory(connection=connection, external_id="1000")
    first = receive(connection)
    deliveries_process(now=NOW)
    assert receive(connection) == first
    assert receive(connection, body=b"other") == first
    assert deliveries_process(now=NOW) == 0
    assert OutboxMessage.objects.get().times_asked == 1
    assert receive(ConnectionFactory()) != first


def test_one_about_nothing_of_ours_is_ignored(connection):
    receive(connection, b"77")
    deliveries_process(now=NOW)
    assert InboundDelivery.objects.get().status == "ignored"
    assert not OutboxMessage.objects.exists()


def refuse(_):
    raise Configuration("no key")


@pytest.mark.parametrize(
    "fields",
    [{"signature": "wrong"}, {"signature": ""}, {"trackers": refuse}],
)
def test_one_without_a_right_signature_is_refused_and_only_counted(connection, fields):
    with pytest.raises(Unsigned):
        receive(connection, **fields)
    assert not InboundDelivery.objects.exists()
    assert Connection.objects.get().refused_deliveries == 1


def test_an_inactive_connection_takes_nothing(connection):
    connection.is_active = False
    with pytest.raises(Unsigned):
        receive(connection)


def test_one_that_is_too_long_is_refused_unread(connection):
    with pytest.raises(TooLong):
        receive(connection, body=b"x" * (LONGEST_BODY + 1), trackers=refuse)


@pytest.mark.parametrize("body", [b"\xff\xfe", b"\x00", b""])
def test_a_signed_one_that_is_not_understood_is_kept_with_why(connection, body):
    delivery = receive(connection, body=body, delivery="x" * 999)
    assert bytes(delivery.body) == body
    assert len(delivery.delivery_id) == 64
    deliveries_process(now=NOW)
    assert InboundDelivery.objects.get().status == "ignored"
    assert ("not of a form" in delivery.error) == (body == b"\xff\xfe")
