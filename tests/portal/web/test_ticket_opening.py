import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from findings.models import ConnectionProject, Finding, Route, Ticket
from findings.services.tickets import ticket_open
from tests.factories.accounts import GrantFactory
from tests.factories.tickets import ConnectionFactory, RouteFactory, open_finding
from tests.portal.web.pages import links_of, main_text_of, text_of
from tests.portal.world import CHECK

OPEN, FINDINGS = reverse("ticket-open"), reverse("finding-list")
SUGGESTIONS = reverse("suggestion-list")


def address_of(ticket, act="detail"):
    return reverse(f"ticket-{act}", args=[ticket.uid])


def page_of(finding):
    return reverse("finding-detail", args=[finding.uid])


@pytest.fixture
def tracker(world):
    return ConnectionFactory(organization=world.ours, name="Their Jira")


@pytest.fixture
def route(world, tracker):
    return RouteFactory(
        organization=world.ours,
        connection=tracker,
        name="Platform",
        mode=Route.Mode.SUGGEST,
        grouping=Route.Grouping.CHECK_TEAM,
    )


def test_from_a_finding_to_a_ticket_on_the_board_in_two_clicks(sign_in, world):
    finding = world.finding()
    client = sign_in("contributor of Prod")
    (link,) = [a for a in links_of(client.get(page_of(finding))) if OPEN in a]
    form = client.get(link)
    assert form.context["form"].initial["destination"] == "board"
    assert "Open a ticket about 1 finding" in main_text_of(form)
    answer = client.post(OPEN, {"destination": "board", "finding": finding.uid})
    opened = Ticket.objects.get()
    assert (answer.status_code, answer.url) == (302, address_of(opened))
    assert opened.connection.kind == "builtin"
    assert opened.opened_by == world.person("contributor of Prod")
    shown = links_of(client.get(page_of(finding)))
    assert address_of(opened) in shown
    assert not [a for a in shown if OPEN in a]


def test_who_does_not_contribute_is_offered_nothing(sign_in, world):
    client = sign_in("viewer")
    for address in (page_of(world.finding()), f"{FINDINGS}?group=none&check={CHECK}"):
        page = client.get(address)
        assert OPEN not in page.content.decode()
        assert 'name="finding"' not in page.content.decode()
    assert client.post(OPEN, {"finding": world.finding().uid}).status_code == 403
    assert not Ticket.objects.exists()


def test_a_selection_of_the_list_becomes_one_ticket(sign_in, world):
    client = sign_in("contributor")
    page = client.get(f"{FINDINGS}?group=none").content.decode()
    both = [world.finding(account) for account in (world.shop, world.sandbox)]
    for finding in both:
        assert f'name="finding" value="{finding.uid}"' in page
    uids = [finding.uid for finding in both]
    form = client.get(OPEN, {"finding": uids}).content.decode()
    assert all(f'type="hidden" name="finding" value="{uid}"' in form for uid in uids)
    client.post(OPEN, {"finding": uids, "destination": "board", "title": "Both", "note": "soon"})
    ticket = Ticket.objects.get()
    assert (ticket.findings_total, ticket.title, ticket.note) == (2, "Both", "soon")
    listed = links_of(client.get(f"{FINDINGS}?group=none"))
    assert listed.count(address_of(ticket)) == 2


def test_all_that_a_list_is_narrowed_to_becomes_one_ticket(sign_in, world):
    client = sign_in("contributor")
    query = f"?check={CHECK}&account={world.shop.account_id}"
    (link,) = [a for a in links_of(client.get(FINDINGS + query)) if OPEN in a]
    assert client.get(link).context["opening"].findings == [world.finding()]
    assert not [a for a in links_of(client.get(FINDINGS)) if OPEN in a]
    assert not [a for a in links_of(client.get(f"{FINDINGS}{query}&state=closed")) if OPEN in a]


def test_what_cannot_be_in_a_new_ticket_is_told_and_left_out(sign_in, world):
    taken = ticket_open(actor=None, findings=[world.finding()], now=world.lab.now)
    free = open_finding(account=world.shop, resource="free")
    closed = open_finding(account=world.shop, resource="closed")
    Finding.objects.filter(pk=closed.pk).update(is_open=False, evidence_status="pass")
    elsewhere = world.finding(world.sandbox)
    uids = [free.uid, closed.uid, finding_of(taken).uid, elsewhere.uid]
    client = sign_in("contributor of Prod")
    page = client.get(OPEN, {"finding": uids})
    told = main_text_of(page)
    assert "Open a ticket about 1 finding" in told
    assert "1 has a ticket already" in told
    assert "1 is closed" in told
    assert "sandbox" not in told
    assert address_of(taken) in links_of(page)
    told = text_of(client.post(OPEN, {"finding": uids, "destination": "board"}, follow=True))
    assert "2 of what you selected is left out" in told
    assert Ticket.objects.latest("pk").findings_total == 1


def finding_of(ticket):
    return ticket.ticket_findings.get().finding


def test_who_sees_more_than_they_contribute_to_opens_a_ticket_for_their_part(sign_in, world):
    GrantFactory(user=world.person("contributor of Prod"), role="viewer", organization=world.ours)
    both = [world.finding(account).uid for account in (world.shop, world.sandbox)]
    page = sign_in("contributor of Prod").get(OPEN, {"finding": both})
    assert "To 1 you do not contribute" in main_text_of(page)
    assert page.context["opening"].findings == [world.finding()]


def test_findings_of_two_organizations_do_not_share_a_ticket(sign_in, world):
    person = world.person("contributor")
    GrantFactory(user=person, role="contributor", organization=world.theirs)
    both = [world.finding(account).uid for account in (world.shop, world.foreign)]
    page = sign_in("contributor").get(OPEN, {"finding": both})
    assert "1 is of another organization" in main_text_of(page)


def test_the_route_that_takes_them_is_proposed_and_gives_its_key(sign_in, world, route):
    client = sign_in("contributor")
    page = client.get(OPEN, {"finding": world.finding().uid})
    key = f"route:{route.uid}"
    assert page.context["form"].initial["destination"] == key
    assert "Platform by route, to Their Jira, OPS" in main_text_of(page)
    client.post(OPEN, {"finding": world.finding().uid, "destination": key})
    ticket = Ticket.objects.get()
    assert (ticket.route, ticket.project) == (route, "OPS")
    assert ticket.group_key == f"check:{CHECK}:team:-"
    more = world.finding(world.sandbox).uid
    assert client.post(OPEN, {"finding": more, "destination": key}).status_code == 302
    assert Ticket.objects.latest("pk").group_key == ""


def test_routes_are_named_to_those_alone_who_see_the_organization(sign_in, world, route):
    client = sign_in("contributor of Prod")
    page = client.get(OPEN, {"finding": world.finding().uid})
    assert "Platform" not in page.content.decode()
    assert page.context["form"].initial["destination"] == f"connection:{route.connection.uid}"
    answer = client.post(
        OPEN, {"finding": world.finding().uid, "destination": f"route:{route.uid}"}
    )
    assert answer.status_code == 422
    assert not Ticket.objects.exists()


def test_a_tracker_asks_for_a_project_unless_only_one_is_known(sign_in, world, tracker):
    client = sign_in("contributor")
    form = {"finding": world.finding().uid, "destination": f"connection:{tracker.uid}"}
    answer = client.post(OPEN, form)
    assert answer.status_code == 422
    assert "Name the project of Their Jira" in main_text_of(answer)
    ConnectionProject.objects.create(connection=tracker, project="OPS")
    assert client.post(OPEN, form).status_code == 302
    assert Ticket.objects.get().project == "OPS"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"destination": "connection:x"}, 422),
        ({"destination": ""}, 422),
        ({"finding": "x"}, 400),
        ({"finding": ""}, 400),
        ({"title": "x" * 256}, 422),
        ({"note": "a\0b"}, 422),
    ],
)
def test_what_makes_no_sense_opens_nothing(sign_in, world, changes, status):
    form = {"finding": str(world.finding().uid), "destination": "board", **changes}
    assert sign_in("contributor").post(OPEN, form).status_code == status
    assert not Ticket.objects.exists()


def test_nothing_selected_is_said(sign_in, world):
    client = sign_in("contributor")
    assert "There is nothing to open a ticket about" in main_text_of(client.get(OPEN))
    assert client.post(OPEN, {"destination": "board"}).status_code == 422
    foreign = client.get(OPEN, {"finding": world.finding(world.foreign).uid})
    assert "There is nothing to open a ticket about" in main_text_of(foreign)


def test_a_live_ticket_about_the_same_is_offered_instead(sign_in, world):
    live = ticket_open(actor=None, findings=[world.finding()], now=world.lab.now)
    both = ticket_open(
        actor=None,
        findings=[
            open_finding(account=world.shop, resource="a"),
            open_finding(account=world.sandbox, resource="b"),
        ],
        title="secret of the sandbox",
        now=world.lab.now,
    )
    new = open_finding(account=world.shop, resource="new")
    page = sign_in("contributor of Prod").get(OPEN, {"finding": new.uid})
    assert page.context["alike"] == [live]
    assert "secret" not in page.content.decode()
    assert sign_in("contributor").get(OPEN, {"finding": new.uid}).context["alike"] == [both, live]


def test_suggestions_are_accepted_one_by_one(sign_in, world, route):
    route.grouping = Route.Grouping.ACCOUNT_CHECK
    route.save()
    client = sign_in("contributor")
    page = client.get(SUGGESTIONS)
    assert [one.worst.account.name for one in page.context["suggestions"]] == ["sandbox", "shop"]
    accept = reverse("suggestion-accept", args=[route.uid])
    key = page.context["suggestions"][1].key
    told = text_of(client.post(accept, {"key": key}, follow=True))
    assert "1 ticket is opened" in told
    ticket = Ticket.objects.get()
    assert (ticket.group_key, finding_of(ticket)) == (key, world.finding())
    entry = AuditEntry.objects.get(action="route.open_suggestions")
    assert (entry.actor, entry.after) == (world.person("contributor"), {"opened": 1})
    left = client.get(f"{SUGGESTIONS}?route={route.uid}").context["suggestions"]
    assert [one.worst.account.name for one in left] == ["sandbox"]
    assert "Choose at least one" in text_of(client.post(accept, follow=True))


def test_a_suggestion_is_dismissed_and_brought_back(sign_in, world, route):
    client = sign_in("contributor")
    (one,) = client.get(SUGGESTIONS).context["suggestions"]
    dismiss, restore = (reverse(f"suggestion-{act}", args=[route.uid]) for act in ACTS)
    told = text_of(client.post(dismiss, {"key": one.key}, follow=True))
    assert "2 findings are suggested no more" in told
    assert "Nothing to suggest" in told
    shown = f"{SUGGESTIONS}?route={route.uid}&show=dismissed"
    assert "Suggest those selected again" in text_of(client.get(shown))
    told = client.post(restore, {"key": one.key}, follow=True)
    assert "2 findings are suggested again" in text_of(told)
    assert told.context["shown"] == "dismissed"
    assert client.get(SUGGESTIONS).context["suggestions"]
    actions = AuditEntry.objects.values_list("action", flat=True)
    assert {f"route.{act}_suggestions" for act in ACTS} <= set(actions)
    assert client.get(f"{SUGGESTIONS}?show=all").status_code == 400


ACTS = ("dismiss", "restore")


def test_suggestions_are_for_those_who_see_the_route(sign_in, world, route):
    viewer = sign_in("viewer").get(SUGGESTIONS)
    assert viewer.context["suggestions"]
    assert 'name="key"' not in viewer.content.decode()
    for who in ("viewer of Prod", "contributor of Prod", "stranger", "nobody"):
        page = sign_in(who).get(SUGGESTIONS)
        assert page.context["suggestions"] == []
        assert "Platform" not in page.content.decode()
    assert sign_in("nobody").get(f"{SUGGESTIONS}?route={route.uid}").status_code == 400
    Route.objects.update(mode=Route.Mode.OFF)
    assert "No route suggests anything" in main_text_of(sign_in("contributor").get(SUGGESTIONS))
