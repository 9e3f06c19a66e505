"""Who sees one OU learns nothing of an incident in another, wherever they look."""

import datetime as dt
import json

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, Membership
from findings.foresight import Foresight
from findings.models import (
    Analysis,
    ContributingFactor,
    Incident,
    IncidentEvent,
    IncidentRole,
    Learning,
    LearningLabel,
    NotificationMessage,
    TimelineEntry,
    WebhookMessage,
)
from findings.notifying.events import NotificationEvent
from findings.services.action_item_tickets import action_item_open_ticket
from findings.services.action_items import action_item_add, action_item_claim
from findings.services.analyses import analysis_begin, analysis_move, analysis_save
from findings.services.foresight import foresight_confirm, foresight_propose
from findings.services.incident_parts import factor_add, timeline_add
from findings.services.incident_roles import incident_role_give
from findings.services.incidents import incident_change, incident_record
from findings.services.learnings import learning_add
from findings.services.webhook_feed import webhooks_follow
from portal.api.urls import router
from portal.web.urls import urlpatterns
from tests.factories.findings import NOW as LONG_AGO
from tests.factories.incidents import ActionItemFactory, IncidentFactory
from tests.factories.notifications import followed, hears, reachable
from tests.factories.webhooks import endpoint_with
from tests.portal.api.conftest import Caller
from tests.portal.world import CHECK

SECRET = "zebra"
OUTSIDERS = ("contributor of Prod", "stranger")
PAGES = ("incident-list", "foresight", "learning-list", "action-item-list", "overview")
HOOKED = ["incident.recorded", "incident.published", "ticket.changed"]
NOW = LONG_AGO + dt.timedelta(hours=1)


LISTS = [
    *((noun, {}) for noun in ("incidents", "analyses", "learnings", "action-items", "events")),
    ("incidents", {"external_reference": f"{SECRET}-7"}),
    ("incidents/foresight", {}),
]


def told_everything(world, accounts):
    """An incident of which every text that there can be holds the secret word."""
    boss = world.person("administrator")
    incident = incident_record(
        actor=boss,
        incident=Incident(
            organization=world.ours, title=f"{SECRET} title", summary=f"{SECRET} summary",
            severity="critical", services=[f"{SECRET}-shop"], checks=[CHECK],
            external_reference=f"{SECRET}-7", external_url=f"https://{SECRET}.example/7",
            started_at=NOW,
        ),
        accounts=accounts,
        now=NOW,
    )  # fmt: skip
    row = IncidentRole(incident=incident, role="commander", user=boss)
    incident_role_give(actor=boss, row=row, now=NOW)
    timeline_add(
        actor=boss, now=NOW,
        entry=TimelineEntry(incident=incident, at=NOW, text=f"{SECRET} rang", is_starred=True),
    )  # fmt: skip
    factor = ContributingFactor(incident=incident, kind="code", text=f"{SECRET} factor")
    factor_add(actor=boss, factor=factor, now=NOW)
    analysis = analysis_begin(actor=boss, incident=incident, template="light", now=NOW)
    sections = {"conclusion": f"{SECRET} conclusion"}
    analysis_save(actor=boss, analysis=analysis, version=1, sections=sections, whys=None, now=NOW)
    for state in (Analysis.State.IN_REVIEW, Analysis.State.PUBLISHED):
        analysis_move(actor=boss, analysis=analysis, to=state, now=NOW)
    words = {name: f"{SECRET} {name}" for name in ("when", "then", "guard")}
    learning = learning_add(
        actor=boss, learning=Learning(incident=incident, **words),
        labels={LearningLabel.Kind.TAG: [f"{SECRET}-tag"]}, now=NOW,
    )  # fmt: skip
    item = ActionItemFactory.build(
        incident=incident, organization=world.ours, learning=learning, owner=boss,
        owner_team=None, title=f"{SECRET} item", text=f"{SECRET} text", due_at=NOW,
    )  # fmt: skip
    action_item_add(actor=boss, item=item, accounts=accounts, now=NOW)
    action_item_open_ticket(actor=boss, item=item, now=NOW)
    action_item_claim(actor=boss, item=item, now=NOW)
    registry = world.lab.registry
    for entry in foresight_propose(actor=boss, incident=incident, registry=registry, now=NOW):
        foresight_confirm(actor=boss, entry=entry, foresight=Foresight.FORESEEN_OPEN, now=NOW)
    return incident


def pages():
    """Every page that needs no argument, asked for the word and for what is everybody's."""
    for pattern in urlpatterns:
        if pattern.name and not pattern.pattern.converters and "sign" not in pattern.name:
            try:
                where = reverse(pattern.name)
            except Exception:  # noqa: S112 - it needs an argument
                continue
            yield where


def lists():
    for prefix, view, _ in router.registry:
        filters = getattr(getattr(view, "filterset_class", None), "base_filters", {})
        yield prefix, {}
        for name in {"search", "q", "check", "tag", "service"} & set(filters):
            yield prefix, {name: SECRET}
    yield from LISTS


def parts(incident):
    """The addresses of the incident and all that belongs to it, in the API and as pages."""
    at = f"incidents/{incident.uid}"
    learning, item = incident.learnings.get(), incident.action_items.get()
    yield from (f"{at}/", f"{at}/timeline/", f"{at}/factors/", f"{at}/foresight/")
    yield from (f"{at}/open-then/", f"analyses/{incident.analysis.uid}/")
    yield from (f"analyses/{incident.analysis.uid}/versions/", f"learnings/{learning.uid}/")
    yield from (f"action-items/{item.uid}/", f"tickets/{item.ticket.uid}/")


@pytest.mark.parametrize("where", ["both", "organization"])
def test_no_page_list_or_detail_tells_of_it(world, where):
    named = [world.shop, world.sandbox] if where == "both" else []
    if not named:
        incident = IncidentFactory(organization=world.ours, title=f"{SECRET} of all")
        paths = [f"incidents/{incident.uid}/"]
    else:
        incident = told_everything(world, named)
        paths = list(parts(incident))
    client = Client()
    client.force_login(world.person("administrator"))
    inside = Caller(client)
    assert all(SECRET in json.dumps(inside.get(path).body) for path in paths[:2])
    for who in OUTSIDERS:
        client.force_login(world.person(who))
        is_crawled = (where, who) == ("both", OUTSIDERS[0])
        for page in pages() if is_crawled else map(reverse, PAGES):
            answer = client.get(page, {"search": SECRET, "q": SECRET, "of": "all"})
            assert SECRET not in _without_echo(answer), (who, page)
        caller = Caller(client)
        for path, query in lists() if is_crawled else LISTS:
            assert SECRET not in json.dumps(caller.get(f"{path}/", **query).body), (who, path)
        for path in paths:
            answer = caller.get(path, {"If-None-Match": "*"})
            assert (answer.status, SECRET in json.dumps(answer.body)) == (404, False), (who, path)
        detail = client.get(reverse("incident-detail", args=[incident.uid]))
        assert (detail.status_code, SECRET in detail.content.decode()) == (404, False)


def _without_echo(answer):
    """A page shows what it was asked for in the field for it, and in links to go on."""
    text = answer.content.decode(errors="replace")
    for echoed in (f'value="{SECRET}"', f"search={SECRET}", f"q={SECRET}"):
        text = text.replace(echoed, "")
    return text


def test_what_is_refused_is_refused_in_the_same_words_as_what_is_not_there(world):
    incident = told_everything(world, [world.sandbox])
    client = Client()
    client.force_login(world.person("contributor of Prod"))
    caller, nowhere = Caller(client), "00000000-0000-7000-8000-000000000000"
    item = {"title": "x", "owner": "administrator", "check_id": CHECK}
    item["accounts"] = [world.shop.account_id]
    for path, body, field in (
        ("analyses/", {"template": "light"}, "incident"),
        ("learnings/", {"when": "a", "then": "b", "guard": "c"}, "incident"),
        ("action-items/", item, "incident"),
    ):
        answers = [caller.post(path, {**body, field: str(uid)}) for uid in (incident.uid, nowhere)]
        assert len({(one.status, str(one.errors)) for one in answers}) == 1
    for act in ("claim", "take-back", "ticket"):
        uid = incident.action_items.get().uid
        assert caller.post(f"action-items/{uid}/{act}/").status == 404
    for act in ("foresight", "star", "confirm"):
        assert caller.post(f"incidents/{incident.uid}/{act}/", {}).status == 404
    ours = caller.post(
        "incidents/",
        {"organization": str(world.ours.uid), "title": "mine", "severity": "low",
         "accounts": [world.shop.account_id, world.sandbox.account_id],
         "started_at": "2026-03-01T00:00:00Z"},
    )  # fmt: skip
    assert (ours.status, "sandbox" in json.dumps(ours.body)) == (400, False)


def test_neither_mail_nor_webhook_nor_feed_tells_of_it(world, settings):
    reachable(settings)
    outsider, insider = world.person("contributor of Prod"), world.person("contributor")
    every = [event.value for event in NotificationEvent]
    for person in (outsider, insider):
        hears(person, *every, covers="seen")
        endpoint_with(person, world.ours, event_types=HOOKED)
    told_everything(world, [world.shop, world.sandbox])
    followed(world.ours, NOW + dt.timedelta(hours=1))
    while webhooks_follow(organization=world.ours, now=NOW):
        pass
    mails = NotificationMessage.objects.values_list("subscriber__user__username", flat=True)
    assert set(mails) == {"contributor"}
    hooked = WebhookMessage.objects.values_list("endpoint__owner__username", flat=True)
    assert set(hooked) == {"contributor"}


def test_staff_with_one_ou_see_nothing_of_it_in_the_admin(world):
    incident = told_everything(world, [world.sandbox])
    seen = told_everything_but_its_item(world)
    staff = world.person("viewer of Prod")
    staff.is_staff = True
    staff.save()
    client = Client()
    client.force_login(staff)
    names = ("incident", "actionitem", "learning", "analysis", "contributingfactor",
             "foresightentry", "incidentevent", "incidentrole", "timelineentry",
             "analysisversion", "learninglabel", "incidentsequence", "ticket")  # fmt: skip
    for name in names:
        answer = client.get(reverse(f"admin:findings_{name}_changelist"))
        assert SECRET not in answer.content.decode(), name
        answer = client.get(reverse(f"admin:findings_{name}_changelist"), {"q": "zeb"})
        assert "zebra" not in answer.content.decode(), name
    detail = reverse("admin:findings_incident_change", args=[incident.pk])
    assert SECRET not in client.get(detail, follow=True).content.decode()
    events = client.get(reverse("admin:findings_incidentevent_changelist")).context["cl"]
    kinds = {event.kind for event in events.queryset}
    assert kinds == {"recorded"}
    assert IncidentEvent.objects.filter(incident=seen, kind="action_added").exists()


def told_everything_but_its_item(world):
    """An incident in Prod; its action item is guarded in Dev as well."""
    boss = world.person("administrator")
    incident = incident_record(
        actor=boss, accounts=[world.shop], now=NOW,
        incident=Incident(organization=world.ours, title="ours", severity="low", started_at=NOW),
    )  # fmt: skip
    item = ActionItemFactory.build(
        incident=incident, organization=world.ours, owner=boss, owner_team=None, due_at=NOW
    )
    action_item_add(actor=boss, item=item, accounts=[world.shop, world.sandbox], now=NOW)
    return incident


def test_where_an_account_was_before_is_told_to_who_sees_that_ou(world):
    Membership.objects.create(account=world.shop, ou=world.dev, started_at=LONG_AGO,
                              ended_at=NOW + dt.timedelta(hours=1))  # fmt: skip
    Membership.objects.create(
        account=world.shop, ou=world.prod, started_at=NOW + dt.timedelta(hours=1)
    )
    incident = told_everything(world, [world.shop])
    client = Client()

    def told(who):
        client.force_login(world.person(who))
        caller = Caller(client)
        (entry,) = caller.get(f"incidents/{incident.uid}/foresight/").body
        (row,) = caller.get("incidents/foresight/").body["by_ou"]
        page = client.get(reverse("incident-detail", args=[incident.uid])).content.decode()
        report = client.get(reverse("foresight")).content.decode()
        assert row["foreseen"] == {
            "foreseen": 1, "number": 1, "unknown": 0, "warned": 1, "warning_seconds": 3600.0,
        }  # fmt: skip
        assert ("An OU that you do not see" in report) == (row["ou"] is None)
        return entry["ou"], row["ou"], "Dev" in page, "Dev" in report

    assert told("viewer") == ("Dev", "Dev", True, True)
    assert told("viewer of Prod") == (None, None, False, False)


def test_what_is_told_of_an_account_goes_with_it_and_the_audit_keeps_it(world):
    incident = told_everything(world, [world.shop, world.sandbox])
    boss = world.person("administrator")
    incident_change(actor=boss, incident=incident, accounts=[world.shop], now=NOW)
    client = Client()
    client.force_login(world.person("viewer of Prod"))
    caller = Caller(client)
    rows = caller.get(f"incidents/{incident.uid}/foresight/").body
    assert [row["account_id"] for row in rows] == [world.shop.account_id]
    assert caller.get("action-items/").results == []
    assert AuditEntry.objects.filter(action="foresight.withdraw").count() == 1
    assert (
        "sandbox"
        not in client.get(reverse("incident-detail", args=[incident.uid])).content.decode()
    )
