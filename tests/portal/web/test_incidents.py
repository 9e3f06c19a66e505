import datetime as dt

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.models import AuditEntry
from findings.models import ActionItem, Analysis, Incident, Learning
from portal.web.outline import outline_of, tree_of
from tests.factories.accounts import AccountFactory
from tests.factories.incidents import (
    ActionItemFactory,
    AnalysisFactory,
    IncidentFactory,
    LearningFactory,
    TimelineEntryFactory,
)
from tests.factories.tickets import open_finding
from tests.portal.web.pages import badly_refused, main_text_of, text_of
from tests.portal.world import CHECK

NOW = dt.datetime(2026, 3, 4, 9, 0, tzinfo=dt.UTC)
pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
def today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def form(world):
    return {
        "organization": world.ours.pk,
        "title": "Orders were lost",
        "severity": "high",
        "summary": "<script>alert(1)</script> **bad**",
        "account_ids": world.shop.name,
        "service_names": "shop, the till",
        "check_ids": CHECK,
        "started_at": "2026-03-03T09:00:00",
        "detected_at": "2026-03-03T10:30:05",
    }


def at(view, incident, *more):
    return reverse(view, args=[incident.uid, *more])


def test_from_the_record_to_my_work(sign_in, world, form):
    client = sign_in("administrator")
    page = client.post(reverse("incident-record"), form, follow=True)
    incident = Incident.objects.get()
    assert incident.services == ["shop", "the till"]
    assert "INC-1 Orders were lost" in main_text_of(page)
    assert "(1 h 30 min)" in main_text_of(page)
    assert "<strong>bad</strong>" in page.content.decode()
    assert "<script>alert" not in page.content.decode()

    parts = {
        "timeline": {"timeline-at": "2026-03-03T10:30:00", "timeline-text": "it *rang*"},
        "factor": {"factor-kind": "monitoring", "factor-text": "nobody was told"},
        "learning": {"learning-when": "no trail logs", "learning-then": "nobody knows",
                     "learning-guard": "log", "learning-practices": ["OPS08-BP02"]},
        "action": {"action-title": "Log", "action-check_id": CHECK, "action-needed_passes": "1",
                   "action-account_ids": world.shop.account_id,
                   "action-owner": world.person("administrator").pk},
    }  # fmt: skip
    for part, given in parts.items():
        assert client.post(at("incident-add", incident, part), given).status_code == 302, part
    client.post(at("timeline-entry-star", incident, incident.timeline.get().uid))
    client.post(at("incident-foresight", incident))
    entry = incident.foresight.get()
    client.post(at("foresight-confirm", incident, entry.uid), {"foresight": "nothing_seen"})
    text = main_text_of(client.get(at("incident-detail", incident)))
    for told in ("it rang", "to be published", "nobody was told", "no trail logs", "Nothing seen"):
        assert told in text
    for told in ("Foreseen: open", "open since 2026-03-0", "1 finding was open then"):
        assert told in text
    assert "users" not in text  # nobody counted them
    assert "Nothing seen" in main_text_of(client.get(reverse("incident-list")))

    item = ActionItem.objects.get()
    assert "Log" in main_text_of(client.get(reverse("action-item-list")))
    assert "No action item" in main_text_of(sign_in("viewer").get(reverse("action-item-list")))
    client = sign_in("administrator")
    told = text_of(client.post(at("action-item-claim", item), {"act": "claim"}, follow=True))
    assert "A scan of its guard is asked for" in told
    item.refresh_from_db()
    assert item.state == "claimed"
    assert "its scan" in main_text_of(client.get(at("incident-detail", incident)))
    client.post(at("action-item-claim", item), {"act": "take_back"})
    item.refresh_from_db()
    assert item.state == "open"
    given = {"act": "ticket", "back": "incident"}
    told = text_of(client.post(at("action-item-claim", item), given, follow=True))
    assert "It is followed in #" in told
    assert "0 of 1 accounts verified" in told
    item.refresh_from_db()
    ticket = main_text_of(client.get(at("ticket-detail", item.ticket)))
    for told in ("Action item of INC-1 Orders were lost", "Open", world.shop.name):
        assert told in ticket
    assert "Add findings" not in ticket  # it is about an account, and takes none
    history = main_text_of(client.get(at("incident-detail", incident))).partition("History")[2]
    assert "Action claimed: Log" in history
    assert "Changed: a factor" in history
    assert history.index("Action added: Log") < history.index("Recorded")
    assert "already" in text_of(client.post(at("action-item-claim", item), given, follow=True))
    for wrong, status in (("x", 400), (str(item.uid), 404)):
        posted = client.post(at("action-item-claim", item), given | {"connection": wrong})
        assert posted.status_code == status


MISTAKES = [
    ({"title": ""}, "This field is required"),
    ({"started_at": "soon"}, "Enter a valid date/time"),
    ({"detected_at": "2026-03-01T00:00:00"}, "It was detected before it started"),
    ({"account_ids": "999999999999"}, "You see no account"),
    ({"account_ids": "shop, no-such"}, "You see no account 'no-such' there. Give ids"),
    ({"account_ids": "twin"}, "2 accounts are called 'twin': give the id"),
    ({"check_ids": "none_such"}, "The catalogue has no check none_such. Look the id up"),
    ({"check_ids": CHECK[:-4]}, f"Did you mean {CHECK}"),
    ({"check_ids": CHECK.replace("_", "-")}, f"Did you mean {CHECK}"),
    ({"external_url": "javascript:alert(1)"}, "Enter a valid URL"),
    ({"summary": "a\0"}, "Null characters are not allowed"),
    ({"organization": "0"}, "not one of the available choices"),
    ({"users_affected": "-1"}, "greater than or equal to 0"),
]


def test_mistakes_are_told_and_save_nothing(sign_in, world, form):
    for _ in range(2):
        AccountFactory(organization=world.ours, name="twin")
    client = sign_in("contributor")

    def record(fields):
        return client.post(reverse("incident-record"), form | fields)

    assert badly_refused(record, MISTAKES, Incident) == {}


def test_a_change_keeps_what_is_not_changed(sign_in, world, form):
    client = sign_in("contributor")
    client.post(reverse("incident-record"), form)
    incident = Incident.objects.get()
    shown = client.get(at("incident-edit", incident)).context["form"]
    again = {name: shown[name].value() or "" for name in shown.fields} | {"title": "Found again"}
    again |= {name: form[name] for name in ("started_at", "detected_at")}
    assert client.post(at("incident-edit", incident), again).status_code == 302
    changed = Incident.objects.get()
    assert (changed.title, changed.checks) == ("Found again", [CHECK])
    assert list(changed.accounts.all()) == [world.shop]
    exact = changed.started_at + dt.timedelta(microseconds=250)
    Incident.objects.update(started_at=exact)
    client.post(at("incident-edit", incident), again)
    assert Incident.objects.get().started_at == exact


def test_what_was_open_is_counted_whole_and_shown_in_part(sign_in, world, monkeypatch):
    monkeypatch.setattr("findings.selectors.incidents.SHOWN_EPISODES", 2)
    incident = IncidentFactory(
        organization=world.ours,
        accounts=[world.shop],
        checks=[CHECK],
        started_at=NOW,
        users_affected=41_200,
        downtime_minutes=1,
    )
    for _ in range(2):
        open_finding(account=world.shop, opened_at=NOW - dt.timedelta(days=3))
    text = main_text_of(sign_in("viewer").get(at("incident-detail", incident)))
    assert "3 findings were open then" in text
    assert "The 2 most severe" in text
    assert "41,200 users, 1 minute down" in text
    assert "failed requests" not in text


def test_mistakes_in_a_part_are_shown_where_they_are(sign_in, world):
    incident = IncidentFactory(organization=world.ours)
    client = sign_in("contributor")
    answer = client.post(at("incident-add", incident, "learning"), {"learning-when": "x"})
    assert (answer.status_code, Learning.objects.exists()) == (422, False)
    action = {"action-title": "x", "action-check_id": "none", "action-needed_passes": "1",
              "action-account_ids": world.shop.account_id}  # fmt: skip
    answer = client.post(at("incident-add", incident, "action"), action)
    assert "The catalogue has no check none" in text_of(answer)
    answer = client.post(
        at("incident-add", incident, "action"), action | {"action-check_id": CHECK}
    )
    assert "Name a team or a person" in text_of(answer)
    assert not ActionItem.objects.exists()
    assert client.post(f"/incidents/{incident.uid}/add/other/").status_code == 404
    for who, status in {"viewer": 403, "stranger": 404, "contributor of Prod": 404}.items():
        assert sign_in(who).post(at("incident-add", incident, "factor")).status_code == status


def test_an_analysis_from_its_beginning_to_its_end(sign_in, world):
    incident = IncidentFactory(organization=world.ours)
    TimelineEntryFactory(incident=incident, text="starred words", is_starred=True)
    TimelineEntryFactory(incident=incident, text="other words")
    where, client = at("incident-analysis", incident), sign_in("administrator")
    assert client.post(where, {"template": "nothing"}).status_code == 409
    client.post(where, {"template": "light"})
    words = {"version": "1", "section-conclusion": "watch *it*", "whys": "a\n  b\nc"}
    assert client.post(where, {**words, "act": "save"}).status_code == 302
    analysis = Analysis.objects.get()
    assert analysis.whys == [
        {"why": "a", "because": [{"why": "b", "because": []}]},
        {"why": "c", "because": []},
    ]
    lost = client.post(where, {"version": "1", "section-luck": "mine & theirs", "act": "save"})
    assert lost.status_code == 409
    assert "was saved by administrator in between" in text_of(lost)
    assert "mine &amp; theirs" in lost.content.decode()
    auto = client.post(where, {"version": "2", "section-luck": "b", "act": "autosave"})
    assert auto.json() == {"version": 3}
    again = client.post(where, {"version": "2", "section-luck": "c", "act": "autosave"})
    assert (again.status_code, "in between" in again.json()["told"]) == (409, True)
    assert "Version 2, as it was" in main_text_of(client.get(where, {"version": "2"}))
    client.post(where, {"act": "restore", "version": "3", "number": "2"})
    analysis.refresh_from_db()
    assert (analysis.version, analysis.sections["luck"]) == (4, "")
    for state in ("in_review", "published"):
        client.post(where, {"act": state, "version": "4"})
    page = main_text_of(sign_in("viewer").get(where))
    assert "Analysis: Published" in page
    assert "watch it" in page
    assert "starred words" in page
    assert "other words" not in page
    assert "Why a b c" in page


@pytest.mark.parametrize("given", [{"version": "x"}, {}, {"version": "9" * 30}])
def test_what_is_no_version_is_refused(sign_in, world, given):
    incident = IncidentFactory(organization=world.ours)
    client, where = sign_in("contributor"), at("incident-analysis", incident)
    client.post(where, {"template": "light"})
    assert client.post(where, given).status_code == 400
    assert client.get(where, {"version": "77"}).status_code == 404
    assert sign_in("viewer").post(where, {"version": "1"}).status_code == 403


def test_learnings_are_searched(sign_in, world):
    incident = IncidentFactory(organization=world.ours, accounts=[world.shop])
    LearningFactory(incident=incident, when="the disk is full")
    LearningFactory(incident=IncidentFactory(organization=world.ours), when="the queue is long")
    where = reverse("learning-list")

    def found(who, **query):
        text = main_text_of(sign_in(who).get(where, query))
        return ("the disk is full" in text, "the queue is long" in text)

    assert found("viewer") == (True, True)
    assert found("viewer of Prod") == (True, False)
    assert found("stranger") == (False, False)
    assert found("viewer", search="QUEUE long") == (False, True)
    assert found("viewer", service="x") == (False, False)
    assert found("viewer", search="disk\0") == (True, False)
    assert sign_in("viewer").get(where, {"after": "x"}).status_code == 400


def test_incidents_are_listed_by_state_and_told_by_whom_they_are_seen(sign_in, world):
    IncidentFactory(organization=world.ours, title="still on")
    IncidentFactory(organization=world.ours, title="over", resolved_at=NOW)
    where = reverse("incident-list")
    text = main_text_of(sign_in("viewer").get(where, {"state": "resolved"}))
    assert ("over" in text, "still on" in text) == (True, False)
    assert "No incident to show" in text_of(sign_in("viewer of Prod").get(where))
    assert "Nothing that you may see" in text_of(sign_in("nobody").get(where))


def test_whys_are_written_as_an_outline():
    text = "a\n  b\n    c\n  d\ne"
    assert outline_of(tree_of(text)) == text
    assert tree_of(" \n\n") == []
    with pytest.raises(ValidationError, match="Line 2"):
        tree_of("a\n    b")


def test_what_was_told_by_mistake_is_removed_until_it_is_published(sign_in, world):
    incident, client = IncidentFactory(organization=world.ours), sign_in("contributor")
    kept, wrong = (
        TimelineEntryFactory(incident=incident, at=NOW, text=text, is_starred=True)
        for text in ("it rang", "typing eror")
    )
    given = {"factor-kind": "code", "factor-text": "the wrong one"}
    client.post(at("incident-add", incident, "factor"), given)
    factor = incident.factors.get()
    for part in (wrong, factor):
        answer = client.post(at("incident-part-remove", incident, part.uid), follow=True)
        assert "It is removed" in text_of(answer)
    assert (incident.timeline.get(), incident.factors.count()) == (kept, 0)
    assert "a timeline entry was removed" in main_text_of(answer)
    assert at("incident-part-remove", incident, kept.uid) in answer.content.decode()
    removed = AuditEntry.objects.filter(action__endswith=".remove").order_by("pk")
    assert [entry.before["text"] for entry in removed] == ["typing eror", "the wrong one"]
    assert client.post(at("incident-part-remove", incident, factor.uid)).status_code == 404

    AnalysisFactory(incident=incident, state="published", published_at=NOW)
    answer = client.post(at("incident-part-remove", incident, kept.uid), follow=True)
    assert "Its analysis is published" in text_of(answer)
    assert at("incident-part-remove", incident, kept.uid) not in answer.content.decode()
    assert incident.timeline.get() == kept
    for who, status in {"viewer": 403, "stranger": 404, "contributor of Prod": 404}.items():
        answer = sign_in(who).post(at("incident-part-remove", incident, kept.uid))
        assert answer.status_code == status


def test_an_action_item_is_handed_over_on_a_page_of_its_own(sign_in, world):
    incident = IncidentFactory(organization=world.ours, accounts=[world.shop])
    due_at = NOW + dt.timedelta(days=3, microseconds=7)
    item = ActionItemFactory(incident=incident, accounts=[world.shop], due_at=due_at)
    where = reverse("action-item-change", args=[item.uid])
    pages = (at("incident-detail", incident), f"{reverse('action-item-list')}?of=all")
    for who, is_led in (("viewer", False), ("contributor", True)):
        client = sign_in(who)
        for page in pages:
            assert (where in client.get(page).content.decode()) is is_led
    shown = client.get(where).context["form"]
    given = {name: shown[name].value() or "" for name in shown.fields}
    given |= {"due_at": "2026-03-07T09:00:00", "owner_team": ""}
    assert "Name a team or a person" in text_of(client.post(where, given))
    given["owner"] = world.person("administrator").pk
    answer = client.post(where, given, follow=True)
    assert "It is changed." in text_of(answer)
    item.refresh_from_db()
    assert (item.owner, item.due_at) == (world.person("administrator"), due_at)
    assert "Action changed: Let the trail log" in main_text_of(answer)


def test_incidents_are_found_by_words_key_and_reference_among_those_one_sees(sign_in, world):
    for number, (account, title, reference) in enumerate(
        ((world.shop, "The till stood still", "PD-77"), (world.sandbox, "The till burnt", "")), 1
    ):
        IncidentFactory(organization=world.ours, accounts=[account], title=title, number=number,
                        external_reference=reference)  # fmt: skip
    found = {
        "TILL stood": 1, "inc-1": 1, "INC-2": 0, "pd-77": 1, "PD-7": 0, "burnt": 0, "till": 1,
        "100% _": 0, "\0till": 1, "x" * 999: 0,
    }  # fmt: skip
    client = sign_in("viewer of Prod")
    for search, number in found.items():
        text = main_text_of(client.get(reverse("incident-list"), {"search": search}))
        assert ("stood still" in text, "No incident matches" in text) == (bool(number), not number)
        assert "burnt" not in text.replace(search, "")
