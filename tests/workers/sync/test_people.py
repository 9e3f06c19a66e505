"""What people do in a tracker comes here, and takes nothing of ours away there."""

import pytest

from findings.models import SyncEvent, TicketComment


@pytest.fixture
def opened(site):
    site.open()
    return site.tick().poll().wait(hours=1)


def test_who_edits_everything_at_once_keeps_what_is_theirs_and_gets_ours_back(opened):
    site = opened
    site.edit_everything(site.name, "all is mine")
    site.claim(site.name)
    site.poll()
    ticket = site.ticket
    site.assert_level(ticket)
    assert ticket.status == "done"
    assert ticket.assignee
    assert TicketComment.objects.get(origin="tracker").body == "all is mine"
    remote = site.remote(ticket)
    assert remote.description.startswith("all is mine\n\n")
    assert "theirs" in remote.labels
    told = set(SyncEvent.objects.filter(direction="in").values_list("operation", flat=True))
    assert told == {"moved", "assigned", "commented"}
    site.assert_quiet()


def test_who_writes_in_the_place_of_ours_keeps_their_words_beside_it(opened):
    site = opened
    site.edit_everything(site.name, "only this", instead=True)
    site.poll()
    site.assert_level(site.ticket)
    assert site.remote(site.ticket).description.startswith("only this\n\n")
    site.assert_quiet()


def test_an_issue_that_moved_is_followed_by_deliveries_and_polls(opened):
    site = opened
    key = site.fake.move(site.name)
    site.wait(hours=2).poll()
    assert site.ticket.key == key
    for _ in range(2):
        site.wait(minutes=10)
        site.edit_everything(site.name, f"there {site.now:%M}")
        site.poll()
        site.assert_level(site.ticket)
    site.wait(minutes=10).claim(site.name)
    site.deliver(site.name)
    site.tick()
    assert site.ticket.status == "done"
    site.judge(site.ticket, passes=True).drain()
    site.assert_level(site.ticket)
    assert site.fake.made == 1
    site.assert_quiet()


def test_deliveries_that_come_twice_late_or_never_change_nothing(opened):
    site, name = opened, opened.name
    site.claim(name)
    site.wait(minutes=1).fake.comment(name, "wait")
    site.set_back(name)
    for identity in ("third", "first", "third", "first"):  # the second is lost
        site.deliver(name, identity=identity)
        site.tick()
    ticket = site.ticket
    site.assert_level(ticket)
    assert [event.kind for event in ticket.events.order_by("number")].count("claimed") == 0
    assert ticket.comments.count() == 1
    site.assert_quiet()
