import datetime as dt

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from findings.models import (
    ConnectionKind,
    Finding,
    OutboxMessage,
    Scan,
    Suppression,
    Ticket,
    TicketComment,
    Workflow,
)
from findings.selectors import tickets
from findings.services.ticket_moves import SaidMove, ticket_move
from findings.services.tickets import ticket_comment, ticket_open
from tests.factories.accounts import TeamFactory
from tests.factories.tickets import ConnectionFactory, open_finding
from tests.portal.web.pages import links_of, main_text_of, text_of
from tests.portal.world import CHECK, EVERYBODY

BOARD, LIST = reverse("ticket-board"), reverse("ticket-list")
HOSTILE = "<script>alert(1)</script>"


def address_of(ticket, act="detail"):
    return reverse(f"ticket-{act}", args=[ticket.uid])


def opened(world, *accounts, **fields):
    findings = [world.finding(account) for account in accounts or (world.shop,)]
    ticket = ticket_open(actor=None, findings=findings, now=world.lab.now, **fields)
    return Ticket.objects.get(pk=ticket.pk)


@pytest.fixture
def of_both(world):
    """Its words tell of the account in Dev."""
    ticket = opened(
        world, world.shop, world.sandbox, title="The sandbox leaks", note="Look into sandbox"
    )
    ticket_comment(actor=None, ticket=ticket, body="sandbox, again", now=world.lab.now)
    return ticket


@pytest.mark.parametrize("who", ["viewer", "contributor", "administrator"])
def test_who_sees_every_account_reads_all_of_it(sign_in, of_both, who):
    page = sign_in(who).get(address_of(of_both))
    text = main_text_of(page)
    for words in ("The sandbox leaks", "Look into sandbox", "sandbox, again", "0 of 2 verified"):
        assert words in text
    assert (address_of(of_both, "edit") in links_of(page)) == (who != "viewer")


@pytest.mark.parametrize("who", ["viewer of Prod", "contributor of Prod"])
def test_a_person_of_one_ou_reads_of_that_ou_alone(sign_in, of_both, who):
    client = sign_in(who)
    page = client.get(address_of(of_both))
    text = main_text_of(page)
    assert "0 of 2 verified" in text
    assert "1 more finding is in an account that you do not see" in text
    assert "shop" in text
    assert address_of(of_both, "edit") not in links_of(page)
    for shown in (page, *map(client.get, (BOARD, LIST, address_of(of_both, "sync")))):
        assert address_of(of_both) in links_of(shown)
        assert "sandbox" not in shown.content.decode()
    assert b"of 2 verified" not in client.get(f"{LIST}?search=leaks").content


@pytest.mark.parametrize("who", ["stranger", "nobody"])
def test_others_learn_nothing(sign_in, of_both, who):
    client = sign_in(who)
    for address in (BOARD, LIST, f"{LIST}?state=all&search=sandbox"):
        page = client.get(address)
        assert address_of(of_both) not in links_of(page)
        assert "sandbox" not in main_text_of(page)
    assert client.get(BOARD).context["navigation"].tickets == 0


def test_a_card_is_moved_on_the_board_and_claimed_by_moving_it(sign_in, world):
    ticket = opened(world)
    client = sign_in("contributor of Prod")
    assert 'name="status" value="done"' in client.get(BOARD).content.decode()
    move = address_of(ticket, "move") + "?severity=critical"
    answer = client.post(move, {"status": "in_progress", "back": "board"})
    assert (answer.status_code, answer.url) == (302, f"{BOARD}?severity=critical")
    client.post(move, {"status": "done", "back": "board"})
    ticket.refresh_from_db()
    assert (ticket.status, ticket.is_live) == ("done", True)
    assert Scan.objects.filter(trigger="claim").exists()
    page = client.get(BOARD)
    assert [(s.value, n) for s, n, _ in page.context["columns"]] == [
        ("todo", 0), ("in_progress", 0), ("done", 1)]  # fmt: skip
    assert 'value="done"' not in page.content.decode()
    assert 'name="status"' not in sign_in("viewer").get(BOARD).content.decode()


def test_what_will_not_be_done_asks_for_a_suppression_and_may_be_sent_back(sign_in, world):
    ticket = opened(world)
    client = sign_in("contributor")
    move = {"status": "done", "wont_do": "on"}
    told = text_of(client.post(address_of(ticket, "move"), move, follow=True))
    assert "Say why it will not be done" in told
    assert not Suppression.objects.exists()
    client.post(address_of(ticket, "move"), {**move, "reason": "It goes away in May."})
    assert Suppression.objects.get().reason == "It goes away in May."
    assert "Will not be done, waits for a decision" in text_of(client.get(address_of(ticket)))
    client.post(address_of(ticket, "return"), {"note": "Please do."})
    ticket.refresh_from_db()
    assert (ticket.status, ticket.wont_do) == ("todo", False)
    assert "Please do." in text_of(client.get(address_of(ticket)))


@pytest.mark.parametrize(
    ("form", "answer"),
    [
        ({"status": "closed"}, 400),
        ({"status": "done", "reason": "x" * 2001, "wont_do": "on"}, 302),
        ({"status": "done", "reason": "a\0b", "wont_do": "on"}, 302),
    ],
)
def test_a_move_that_makes_no_sense_moves_nothing(sign_in, world, form, answer):
    ticket = opened(world)
    assert sign_in("contributor").post(address_of(ticket, "move"), form).status_code == answer
    ticket.refresh_from_db()
    assert ticket.status == "todo"


def test_a_ticket_of_a_tracker_is_moved_there(sign_in, world):
    tracker = ConnectionFactory(organization=world.ours, name="Their Jira")
    ticket = opened(world, connection=tracker, project="OPS")
    client = sign_in("contributor")
    assert "Moved in Their Jira" in text_of(client.get(BOARD))
    assert "It is moved in Their Jira" in text_of(client.get(address_of(ticket)))
    assert 'name="status"' not in client.get(address_of(ticket)).content.decode()
    told = client.post(address_of(ticket, "move"), {"status": "done"}, follow=True)
    assert "is moved in Their Jira; Cairn follows it there" in text_of(told)


def test_only_what_was_changed_is_changed(sign_in, world):
    team = TeamFactory(organization=world.ours)
    ticket = opened(world, note="as it was")
    client, edit = sign_in("contributor"), address_of(ticket, "edit")
    client.get(edit)
    Ticket.objects.filter(pk=ticket.pk).update(assignee="somebody else meanwhile")
    page = {"title": "", "note": "as it was", "team": team.pk, "assignee": ""}
    assert client.post(edit, {**page, "assignee": "somebody else meanwhile"}).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.team, ticket.has_own_title, ticket.note) == (team, False, "as it was")
    client.post(edit, {**page, "title": "My words"})
    ticket.refresh_from_db()
    assert (ticket.title, ticket.has_own_title, ticket.assignee) == ("My words", True, "")
    actions = AuditEntry.objects.filter(action="ticket.edit")
    assert {entry.actor for entry in actions} == {world.person("contributor")}


@pytest.mark.parametrize(
    "wrong",
    [{"title": "x" * 256}, {"note": "a\0b"}, {"team": "999999"}, {"note": "x" * 20_001}],
)
def test_what_cannot_be_is_said_and_nothing_changed(sign_in, world, wrong):
    ticket = opened(world)
    answer = sign_in("contributor").post(address_of(ticket, "edit"), wrong)
    assert answer.status_code == 422
    assert Ticket.objects.get(pk=ticket.pk).changed_at == ticket.changed_at


def test_a_team_of_others_is_not_offered(sign_in, world):
    theirs = TeamFactory(organization=world.theirs, name="of theirs")
    ticket = opened(world)
    page = sign_in("contributor").get(address_of(ticket, "edit"))
    assert "of theirs" not in page.content.decode()
    answer = sign_in("contributor").post(address_of(ticket, "edit"), {"team": theirs.pk})
    assert answer.status_code == 422


def test_comments_are_said_and_do_nothing(sign_in, world):
    ticket = opened(world)
    client = sign_in("contributor of Prod")
    body = f"{HOSTILE} [x](javascript:alert(1)) **bold**"
    client.post(address_of(ticket, "comment"), {"body": body})
    shown = client.get(address_of(ticket)).content.decode()
    assert "<strong>bold</strong>" in shown
    assert HOSTILE not in shown
    assert 'href="javascript:' not in shown
    assert client.post(address_of(ticket, "comment"), {"body": " "}).status_code == 422
    assert client.post(address_of(ticket, "comment"), {"body": "x" * 20_001}).status_code == 422
    assert TicketComment.objects.count() == 1


def test_words_of_trackers_do_nothing(sign_in, world):
    ticket = opened(world, title=HOSTILE, note=HOSTILE)
    values = {
        "status_name": HOSTILE,
        "assignee": HOSTILE,
        "key": HOSTILE,
        "blocked_reason": HOSTILE,
    }
    Ticket.objects.filter(pk=ticket.pk).update(**values, url="javascript:alert(1)")
    client = sign_in("administrator")
    for address in (BOARD, LIST, *(address_of(ticket, a) for a in ("detail", "sync", "edit"))):
        shown = client.get(address).content.decode()
        assert HOSTILE not in shown
        assert "javascript:alert" not in shown
    Ticket.objects.filter(pk=ticket.pk).update(url="https://tracker.example.com/OPS-1")
    assert "https://tracker.example.com/OPS-1" in links_of(client.get(address_of(ticket)))


def test_findings_of_a_ticket_come_in_pages_those_first_that_are_open(sign_in, world, monkeypatch):
    monkeypatch.setattr("findings.selectors.ticket_lists.FINDINGS", 2)
    found = [open_finding(account=world.shop, resource=f"r{n}") for n in range(3)]
    ticket = ticket_open(actor=None, findings=found, now=world.lab.now)
    closed = found[0].episodes.get()
    closed.closed_at, closed.close_cause = world.lab.now, "verified"
    closed.workflow = Workflow.RESOLVED
    closed.save()
    client = sign_in("viewer")
    first = client.get(address_of(ticket))
    key = first.context["next_finding"]
    second = client.get(f"{address_of(ticket)}?findings_after={key}")
    shown = [e.finding for page in (first, second) for e in page.context["episodes"]]
    assert shown == [found[1], found[2], found[0]]
    assert second.context["next_finding"] == ""
    for wrong in ("findings_after=x", "comments_after=x"):
        assert client.get(f"{address_of(ticket)}?{wrong}").status_code == 400


def test_comments_come_in_pages_the_newest_first(sign_in, world, monkeypatch):
    monkeypatch.setattr("portal.web.tickets.SHOWN_COMMENTS", 2)
    ticket = opened(world)
    for n in range(3):
        ticket_comment(actor=None, ticket=ticket, body=f"remark {n}", now=world.lab.now)
    client = sign_in("viewer")
    first = client.get(address_of(ticket))
    key = first.context["comments"].next_key
    second = client.get(f"{address_of(ticket)}?comments_after={key}")
    shown = [c.body for page in (first, second) for c in page.context["comments"].rows]
    assert shown == ["remark 2", "remark 1", "remark 0"]


def test_a_long_comment_is_cut_and_read_as_a_whole(sign_in, of_both):
    words = "never-ending " * 1000
    said = TicketComment.objects.create(
        ticket=of_both, origin="tracker", external_id="1", body=f"{words}end", at=of_both.opened_at
    )
    whole = reverse("comment-detail", args=[of_both.uid, said.uid])
    page = sign_in("viewer").get(address_of(of_both))
    assert whole in links_of(page)
    assert "never-ending end" not in main_text_of(page)
    got = {who: sign_in(who).get(whole).status_code for who in EVERYBODY}
    whole_ones = ("viewer", "contributor", "administrator")
    assert got == {who: 200 if who in whole_ones else 404 for who in EVERYBODY}
    assert "never-ending end" in main_text_of(sign_in("viewer").get(whole))


def test_a_list_is_filtered_and_paged(sign_in, world, monkeypatch):
    monkeypatch.setattr(tickets, "PAGE", 1)
    team = TeamFactory(organization=world.ours, name="platform")
    first, second = opened(world, team=team), opened(world, world.sandbox)
    client = sign_in("viewer")
    page = client.get(LIST)
    assert page.context["tickets"] == [second]
    last = client.get(f"{LIST}?after={page.context['next_key']}")
    assert (last.context["tickets"], last.context["next_key"]) == ([first], "")
    assert client.get(f"{LIST}?team=platform").context["tickets"] == [first]
    assert client.get(f"{LIST}?account={world.shop.account_id}").context["tickets"] == [first]
    assert client.get(f"{LIST}?check={CHECK}&status=todo").context["number"] == 2
    assert "No ticket matches this filter" in text_of(client.get(f"{LIST}?status=done"))
    for wrong in ("after=x", "after=1\0"):
        assert client.get(f"{LIST}?{wrong}").status_code == 400
    assert client.get(f"{LIST}?search=a%00b&state=x&team=%00").status_code == 200


def test_without_tickets_the_board_says_where_they_come_from(sign_in):
    page = sign_in("contributor").get(BOARD)
    assert "No ticket yet" in main_text_of(page)
    assert reverse("finding-list") in links_of(page)
    assert "Nothing that you may see" in main_text_of(sign_in("nobody").get(BOARD))


def test_a_ticket_tells_whether_it_is_in_time(sign_in, world):
    ticket = opened(world)
    today = dt.datetime.now(dt.UTC).date()
    client = sign_in("viewer")
    for days, words in ((-2, "overdue"), (2, "due soon"), (30, "")):
        day = today + dt.timedelta(days=days)
        Ticket.objects.filter(pk=ticket.pk).update(due_on=day)
        assert f"due {day.isoformat()} {words}".strip() in main_text_of(
            client.get(address_of(ticket))
        )


def test_more_findings_are_added_and_only_those_without_a_ticket_offered(sign_in, world):
    ticket = opened(world)
    alike = open_finding(account=world.shop, resource="alike")
    other = open_finding(account=world.shop, check_id="another_check", resource="other")
    client, add = sign_in("contributor"), address_of(ticket, "add")
    offered = client.get(add).context["findings"]
    assert world.finding(world.sandbox) in offered
    assert alike in offered
    assert other not in offered
    assert Finding.objects.get(ticket_findings__ticket=ticket) not in offered
    assert client.get(f"{add}?search=other").context["findings"] == [other]
    assert "Select at least one" in text_of(client.post(add))
    assert client.post(add, {"finding": [alike.uid, other.uid]}).status_code == 302
    ticket.refresh_from_db()
    assert ticket.findings_total == 3
    assert client.post(add, {"finding": "x"}).status_code == 400
    assert client.get(f"{add}?after=x").status_code == 400
    own = sign_in("contributor of Prod")
    hidden = world.finding(world.sandbox)
    assert own.post(add, {"finding": hidden.uid}).status_code == 422


def test_a_closed_ticket_takes_no_more_moves(sign_in, world):
    ticket = opened(world)
    Ticket.objects.filter(pk=ticket.pk).update(closed_at=world.lab.now)
    client = sign_in("contributor")
    assert 'name="status"' not in client.get(address_of(ticket)).content.decode()
    told = client.post(address_of(ticket, "move"), {"status": "done"}, follow=True)
    assert "is closed: a scan verified it" in text_of(told)
    told = client.post(address_of(ticket, "return"), follow=True)
    assert "waits for nothing that could be refused" in text_of(told)


def test_a_ticket_through_the_api_is_moved_here_as_well(sign_in, world):
    connection = ConnectionFactory(organization=world.ours, kind=ConnectionKind.API, base_url="")
    ticket = opened(world, connection=connection)
    client = sign_in("contributor")
    client.post(address_of(ticket, "move"), {"status": "in_progress"})
    ticket.refresh_from_db()
    assert ticket.status == "in_progress"
    assert not OutboxMessage.objects.exists()
    ticket_move(actor=None, ticket=ticket, move=SaidMove(status="todo"), now=world.lab.now)
