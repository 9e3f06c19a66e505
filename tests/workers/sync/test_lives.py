"""A finding's way through a tracker, from the scan that finds it to the one that verifies it."""

from findings.models import Episode, Scan, SyncEvent, Ticket, TicketComment


def opened(site):
    site.scan(a=False).tick()
    return site


def test_a_failing_check_is_an_issue_and_a_claim_is_verified_by_a_scan(site):
    opened(site)
    ticket, name = site.ticket, site.name
    assert (ticket.route, ticket.external_id) == (site.route, name)
    site.assert_level(ticket)
    site.wait(hours=1).claim(name)
    site.deliver(name)
    site.tick()
    assert (site.ticket.status, site.ticket.is_live) == ("done", True)
    assert Episode.objects.open().get().workflow == "fix_claimed"
    assert Scan.objects.get(trigger="claim").selection["regions"] == ["eu-west-1"]
    site.scan(a=True).drain()
    ticket = site.ticket
    assert (ticket.is_live, ticket.findings_verified) == (False, 1)
    site.assert_level(ticket)
    assert "1 of 1 verified" in site.remote(ticket).description
    site.assert_quiet()


def test_without_any_delivery_the_poll_is_enough(site):
    opened(site).poll()
    site.wait(hours=1).claim(site.name)
    site.poll()
    assert Episode.objects.open().get().workflow == "fix_claimed"
    site.wait(hours=1).scan().drain()
    remote = site.remote(site.ticket)
    assert remote.status_category.value != "done"
    assert "It still fails here" in remote.comments[0].body
    assert Episode.objects.open().get().rejected_claims == 1
    site.wait(hours=1).claim(site.name)
    site.poll().scan(a=True).drain()
    assert not site.ticket.is_live
    site.assert_level(site.ticket)
    site.assert_quiet()


def test_evidence_closes_an_issue_and_a_regression_opens_it_again(site):
    opened(site).wait(hours=1).scan(a=True).drain()
    site.assert_level(site.ticket)
    assert site.remote(site.ticket).status_category.value == "done"
    site.wait(days=1).scan(a=False).drain()
    assert site.ticket.is_live
    site.assert_level(site.ticket)
    assert site.remote(site.ticket).status_category.value != "done"
    assert site.fake.made == 1
    site.assert_quiet()


def test_who_edits_everything_at_once_keeps_what_is_theirs_and_gets_ours_back(site):
    opened(site).poll().wait(hours=1)
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


def test_who_writes_in_the_place_of_ours_keeps_their_words_beside_it(site):
    opened(site).poll().wait(hours=1)
    site.edit_everything(site.name, "only this", instead=True)
    site.poll()
    site.assert_level(site.ticket)
    assert site.remote(site.ticket).description.startswith("only this\n\n")
    site.assert_quiet()


def test_an_issue_that_moved_is_followed_by_deliveries_and_polls(site):
    opened(site).poll().wait(hours=1)
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
    site.scan(a=True).drain()
    site.assert_level(site.ticket)
    assert site.fake.made == 1
    site.assert_quiet()


def test_an_issue_that_was_deleted_is_let_go_and_not_made_again(site):
    opened(site).poll().wait(hours=1)
    name = site.name
    site.fake.delete(name)
    site.deliver(name)
    site.tick().drain()
    assert site.ticket.detached_at
    site.scan().wait(days=2).poll().scan(a=True).drain()
    assert site.fake.made == 1
    assert not site.ticket.is_live
    site.scan(a=False).drain()  # it fails anew, which is another matter
    new = Ticket.objects.get(detached_at=None)
    assert new.is_live
    site.assert_level(new)
