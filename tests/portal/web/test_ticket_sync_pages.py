import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from findings.models import InboundDelivery, OutboxMessage, SyncEvent, Ticket
from findings.services.ticket_events import sync_event
from findings.services.tickets import ticket_open
from findings.ticketing.base import Base
from findings.ticketing.codec import base_to_json
from findings.ticketing.state import StatusCategory
from tests.factories.tickets import NOW, ConnectionFactory, open_finding
from tests.portal.web.pages import links_of, main_text_of, text_of

OUTBOX, DRIFT = reverse("ticket-outbox"), reverse("ticket-drift")
REPLAY, DELIVERIES = reverse("outbox-replay"), reverse("delivery-list")
WHOLE, PARTS = ("viewer", "contributor", "administrator"), ("viewer of Prod", "contributor of Prod")
BASE = Base(
    sent={},
    told={},
    version="1",
    updated_at=NOW,
    status_id="1",
    status_category=StatusCategory.TODO,
    status_at=NOW,
    assignee_at=NOW,
)
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def tracker(world):
    return ConnectionFactory(organization=world.ours, name="Their Jira")


@pytest.fixture
def ticket(world, tracker):
    """About both accounts; the one in Dev is named in all that was exchanged."""
    findings = [world.finding(account) for account in (world.shop, world.sandbox)]
    opened = ticket_open(
        actor=None, findings=findings, connection=tracker, project="OPS", now=world.lab.now
    )
    Ticket.objects.filter(pk=opened.pk).update(
        external_id="10012", key="OPS-12", drift={"title": "sandbox, they say"}
    )
    OutboxMessage.objects.update(status="dead", attempts=11, last_error="sandbox: 503")
    sync_event(
        opened,
        SyncEvent.Direction.OUT,
        "update",
        world.lab.now,
        who="Cairn",
        field="title",
        old="sandbox before",
        new=HOSTILE,
        why="ours changed",
    ).save()
    return Ticket.objects.get(pk=opened.pk)


def sync_of(ticket):
    return reverse("ticket-sync", args=[ticket.uid])


def test_the_sync_tab_says_who_what_old_new_and_why(sign_in, ticket):
    page = sign_in("viewer").get(sync_of(ticket))
    text = main_text_of(page)
    for words in ("Update: title", "To the tracker", "Cairn", "sandbox before", "ours changed"):
        assert words in text
    assert "Given up 11 attempts sandbox: 503" in text
    assert HOSTILE in text
    assert HOSTILE not in page.content.decode()
    assert "<form" not in page.content.decode().partition("<main")[2]


@pytest.mark.parametrize("who", PARTS)
def test_who_sees_a_part_reads_nothing_of_the_exchange(sign_in, ticket, who):
    client = sign_in(who)
    for address in (sync_of(ticket), OUTBOX, f"{OUTBOX}?show=dead", DRIFT, DELIVERIES):
        page = client.get(address).content.decode()
        assert "sandbox" not in page
        assert "they say" not in page
    assert "Not for you" in main_text_of(client.get(sync_of(ticket)))
    assert "Nothing differs" in main_text_of(client.get(DRIFT))


def test_the_log_is_paged(sign_in, world, ticket, monkeypatch):
    monkeypatch.setattr("portal.web.ticket_sync_pages.EXCHANGES", 1)
    sync_event(ticket, "in", "moved", world.lab.now, new="later").save()
    client = sign_in("viewer")
    first = client.get(sync_of(ticket)).context["log"]
    second = client.get(f"{sync_of(ticket)}?after={first.next_key}").context["log"]
    assert [event.operation for event in (*first.rows, *second.rows)] == ["moved", "update"]
    assert second.next_key == ""
    assert client.get(f"{sync_of(ticket)}?after=x").status_code == 400


def test_a_ticket_of_the_board_exchanges_nothing(sign_in, world):
    ticket = ticket_open(actor=None, findings=[world.finding()], now=world.lab.now)
    assert "Nothing is exchanged" in main_text_of(sign_in("viewer").get(sync_of(ticket)))


def test_a_dead_letter_is_shown_first_and_replayed(sign_in, world, ticket):
    client = sign_in("contributor")
    page = client.get(OUTBOX)
    assert page.context["shown"] == "dead"
    assert "sandbox: 503" in main_text_of(page)
    told = text_of(client.post(REPLAY, {"ticket": ticket.uid}, follow=True))
    assert "1 message is sent again" in told
    message = OutboxMessage.objects.get()
    assert (message.status, message.attempts) == ("waiting", 0)
    entry = AuditEntry.objects.get(action="ticket.replay")
    assert entry.actor == world.person("contributor")
    assert client.get(OUTBOX).context["shown"] == "waiting"
    assert sync_of(ticket) in links_of(client.get(OUTBOX))


def test_all_that_is_shown_is_replayed_at_once(sign_in, world, ticket, tracker):
    other = ticket_open(
        actor=None,
        findings=[open_finding(account=world.shop)],
        connection=tracker,
        project="OPS",
        now=world.lab.now,
    )
    OutboxMessage.objects.update(status="dead")
    client = sign_in("contributor")
    assert "Try all 2 shown now" in main_text_of(client.get(OUTBOX))
    answer = client.post(REPLAY, {"shown": [ticket.uid, other.uid]})
    assert answer.url == OUTBOX
    assert not OutboxMessage.objects.dead().exists()


@pytest.mark.parametrize(
    ("who", "status"), [("viewer", 403), ("stranger", 302), ("contributor of Prod", 302)]
)
def test_others_replay_nothing(sign_in, ticket, who, status):
    client = sign_in(who)
    assert 'name="ticket"' not in client.get(OUTBOX).content.decode()
    assert client.post(REPLAY, {"ticket": ticket.uid}).status_code == status
    assert OutboxMessage.objects.dead().count() == 1


def test_who_may_change_the_ticket_replays_its_message(sign_in, world, tracker):
    mine = ticket_open(
        actor=None,
        findings=[world.finding()],
        connection=tracker,
        project="OPS",
        now=world.lab.now,
    )
    client = sign_in("contributor of Prod")
    for page in (OUTBOX, sync_of(mine)):
        assert f'name="ticket" value="{mine.uid}"' in client.get(page).content.decode()
        assert 'name="ticket"' not in sign_in("viewer of Prod").get(page).content.decode()
        client = sign_in("contributor of Prod")
    told = text_of(client.post(REPLAY, {"ticket": mine.uid}, follow=True))
    assert "1 message is sent again" in told


@pytest.mark.parametrize(
    ("attempts", "status", "shown"),
    [(0, "waiting", "waiting"), (3, "waiting", "failing"), (11, "dead", "dead")],
)
def test_each_message_is_in_one_list(sign_in, ticket, attempts, status, shown):
    OutboxMessage.objects.update(attempts=attempts, status=status)
    client = sign_in("viewer")
    found = {n: len(client.get(f"{OUTBOX}?show={n}").context["page"].rows)
             for n in ("dead", "failing", "waiting")}  # fmt: skip
    assert found == {"dead": 0, "failing": 0, "waiting": 0} | {shown: 1}
    assert client.get(OUTBOX).context["shown"] == shown


@pytest.mark.parametrize("query", ["show=x", "after=x", "after=%00"])
def test_a_place_that_is_none_is_refused(sign_in, world, query):
    for address in (OUTBOX, DRIFT, DELIVERIES):
        if address == DRIFT and query.startswith("show"):
            continue
        assert sign_in("administrator").get(f"{address}?{query}").status_code == 400
    assert sign_in("contributor").post(REPLAY, {"ticket": "x"}).status_code == 400


@pytest.mark.parametrize(
    ("side", "told"), [("ours", "ours is put there once more"), ("theirs", "theirs stands")]
)
def test_drift_is_shown_and_settled_with_one_click(sign_in, ticket, side, told):
    client = sign_in("contributor")
    page = client.get(DRIFT)
    assert "sandbox, they say" in main_text_of(page)
    assert ticket.title in main_text_of(page)
    Ticket.objects.filter(pk=ticket.pk).update(base=base_to_json(BASE))
    settle = reverse("drift-settle", args=[ticket.uid])
    assert told in text_of(client.post(settle, {"side": side}, follow=True))
    assert Ticket.objects.get(pk=ticket.pk).drift == {}
    assert AuditEntry.objects.filter(action=f"ticket.drift.{side}").exists()
    assert client.post(settle, {"side": "x"}).status_code == 400
    back = client.post(settle, {"side": "theirs", "back": "sync"}, follow=True)
    assert "Nothing of theirs can be taken here" in text_of(back)
    assert back.redirect_chain[-1][0] == sync_of(ticket)


def test_a_viewer_reads_drift_and_settles_nothing(sign_in, ticket):
    client = sign_in("viewer")
    assert 'name="side"' not in client.get(DRIFT).content.decode()
    settle = reverse("drift-settle", args=[ticket.uid])
    assert client.post(settle, {"side": "ours"}).status_code == 403


@pytest.fixture
def delivery(tracker):
    return InboundDelivery.objects.create(
        connection=tracker,
        delivery_id=HOSTILE,
        body_sha256="0" * 64,
        body=b'{"issue": "' + HOSTILE.encode() + b'", "cut": "\xff\x00' + b"x" * 30_000,
        external_ids=["10012", "of nobody"],
        received_at=NOW,
        status="processed",
    )


def test_deliveries_are_for_administrators(sign_in, ticket, delivery):
    detail = reverse("delivery-detail", args=[delivery.uid])
    client = sign_in("administrator")
    page = client.get(DELIVERIES)
    assert {detail, sync_of(ticket)} <= set(links_of(page))
    shown = client.get(detail).content.decode()
    assert "its beginning is shown" in shown
    assert HOSTILE not in shown + page.content.decode()
    assert client.get(f"{DELIVERIES}?show=received").context["page"].rows == []
    for who in ("viewer", "contributor", *PARTS, "stranger", "nobody"):
        page = sign_in(who).get(DELIVERIES)
        assert detail not in links_of(page)
        assert DELIVERIES not in links_of(page) or who == "stranger"


def test_refused_deliveries_are_counted_for_administrators(sign_in, tracker):
    tracker.refused_deliveries = 3
    tracker.save()
    assert "Their Jira 3" in main_text_of(sign_in("administrator").get(DELIVERIES))
    for who in ("contributor", "stranger"):
        assert "Their Jira" not in main_text_of(sign_in(who).get(DELIVERIES))
