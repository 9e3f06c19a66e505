import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from accounts.roles import Role
from findings.models import Suppression
from findings.selectors.suppressions import suppressed_at
from tests.factories.accounts import GrantFactory, UserFactory
from tests.factories.findings import SuppressionFactory
from tests.portal.web.pages import badly_refused, links_of, main_text_of, text_of
from tests.portal.world import CHECK

LIST, ASK = reverse("suppression-list"), reverse("suppression-ask")
FINDINGS = reverse("finding-list")
NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
UNDECIDED = {"is_approved": None, "decided_at": None}
pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
def today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def form(world):
    return {
        "organization": world.ours.pk,
        "kind": "accepted_risk",
        "check_id": CHECK,
        "maximum": 10,
        "reason": "another trail logs",
        "ends_at": "2026-03-20",
    }


def page_of(row, act="detail"):
    return reverse(f"suppression-{act}", args=[row.uid])


def asked(world, **fields):
    return SuppressionFactory(organization=world.ours, **{**UNDECIDED, **fields})


def test_one_is_asked_for_seen_and_approved_by_another(sign_in, world, form):
    answer = sign_in("contributor").post(ASK, form)
    row = Suppression.objects.get()
    assert (answer.status_code, answer.url) == (302, page_of(row))
    assert row.ends_at == dt.datetime(2026, 3, 21, tzinfo=dt.UTC)
    client = sign_in("administrator")
    assert page_of(row) in links_of(client.get(LIST))
    text = main_text_of(client.get(page_of(row)))
    assert "2 open findings match now" in text
    assert "another trail logs" in text
    client.post(page_of(row, "approve"), {"note": "fine"})
    shown = main_text_of(client.get(FINDINGS + "?group=none"))
    assert shown.count("Suppressed until 2026-03-21 00:00") == 2
    assert "Suppressed" in main_text_of(client.get(reverse("finding-detail", args=[
        world.finding().uid])))  # fmt: skip


def test_a_preview_shows_what_matches_and_saves_nothing(sign_in, form):
    page = sign_in("contributor").post(ASK, {**form, "preview": "1", "maximum": 1})
    text = main_text_of(page)
    assert "2 open findings match now" in text
    assert "it cannot be approved as it is" in text
    assert "2026-03-21 00:00" in text
    assert not Suppression.objects.exists()


def test_the_last_day_of_the_longest_is_cut_to_the_second(sign_in, form):
    page = sign_in("contributor").post(ASK, {**form, "ends_at": "2026-04-01"})
    assert page.status_code == 302, main_text_of(page)
    row = Suppression.objects.get()
    assert row.ends_at in (NOW + 30 * DAY, dt.datetime(2026, 4, 2, tzinfo=dt.UTC))


def test_a_filtered_list_leads_to_its_form_filled_in(sign_in, world):
    query = f"?group=none&check={CHECK}&account={world.shop.account_id}"
    (link,) = [a for a in links_of(sign_in("contributor").get(FINDINGS + query)) if ASK in a]
    page = sign_in("contributor").get(link)
    assert CHECK in page.content.decode()
    assert world.shop.account_id in page.content.decode()
    assert not [a for a in links_of(sign_in("viewer").get(FINDINGS + query)) if ASK in a]


def test_a_finding_leads_to_its_own_form(sign_in, world):
    finding = world.finding()
    detail = reverse("finding-detail", args=[finding.uid])
    link = f"{ASK}?finding={finding.uid}"
    assert link in links_of(sign_in("contributor of Prod").get(detail))
    assert link not in links_of(sign_in("viewer").get(detail))
    client = sign_in("contributor of Prod")
    assert "Of one finding" in main_text_of(client.get(link))
    answer = client.post(
        link, {"kind": "false_positive", "reason": "it does log", "ends_at": "2026-03-20"}
    )
    row = Suppression.objects.get()
    assert (answer.status_code, row.finding, row.kind) == (302, finding, "false_positive")


def test_a_finding_that_one_does_not_see_is_not_there(sign_in, world):
    hidden = world.finding(world.sandbox).uid
    client = sign_in("contributor of Prod")
    assert client.get(f"{ASK}?finding={hidden}").status_code == 404
    assert client.get(f"{ASK}?finding=x").status_code == 400
    seen = world.finding().uid
    assert sign_in("viewer").get(f"{ASK}?finding={seen}").status_code == 403


WRONG = [
    ({"check_id": "no_such_check"}, "no such check"),
    ({"check_id": ""}, "it would cover every finding"),
    ({"reason": ""}, "required"),
    ({"ends_at": ""}, "required"),
    ({"ends_at": "2028-01-01"}, "At most"),
    ({"ends_at": "9999-12-31"}, "At most"),
    ({"starts_at": "9999-12-31", "ends_at": "9999-12-31"}, "At most a year"),
    ({"maximum": ""}, "how many findings it may cover"),
    ({"account": "999999999999"}, "no account of this id"),
    ({"resource": "a\0b"}, "Null characters"),
]


def test_what_is_missing_is_said_and_nothing_saved(sign_in, form):
    client = sign_in("contributor")

    def ask(changes):
        return client.post(ASK, {**form, **changes})

    assert badly_refused(ask, WRONG, Suppression) == {}


def test_who_contributes_to_a_part_asks_for_a_part(sign_in, world, form):
    client = sign_in("contributor of Prod")
    assert client.post(ASK, form).status_code == 422
    assert client.post(ASK, {**form, "ou": world.dev.pk}).status_code == 422
    assert client.post(ASK, {**form, "ou": world.prod.pk}).status_code == 302


def test_lists_by_how_they_stand(sign_in, world):
    rows = {
        "asked": asked(world),
        "active": SuppressionFactory(organization=world.ours, ends_at=NOW + 30 * DAY),
        "ending": SuppressionFactory(organization=world.ours, ends_at=NOW + 14 * DAY),
        "over": SuppressionFactory(organization=world.ours, revoked_at=NOW),
    }
    client = sign_in("viewer")

    def shown(name):
        links = links_of(client.get(f"{LIST}?show={name}"))
        return {key for key, row in rows.items() if page_of(row) in links}

    assert shown("asked") == {"asked"}
    assert shown("active") == {"active", "ending"}
    assert shown("ending") == {"ending"}
    assert shown("over") == {"over"}
    assert shown("inbox") == set()
    assert client.get(f"{LIST}?show=x").status_code == 400
    assert client.get(f"{LIST}?after=x").status_code == 400


def test_pages_follow_each_other_without_repeating(sign_in, world, monkeypatch):
    monkeypatch.setattr("portal.web.suppressions.PAGE", 2)
    rows = [asked(world) for _ in range(3)]
    client = sign_in("viewer")
    first = client.get(f"{LIST}?show=asked")
    second = client.get(f"{LIST}?show=asked&after={first.context['next_key']}")
    found = [row for page in (first, second) for row, _ in page.context["lines"]]
    assert found == rows[::-1]
    assert second.context["next_key"] == ""


def test_the_navigation_counts_what_waits_for_me(sign_in, world):
    asked(world)
    asked(world, asked_by=world.person("administrator"))
    approver = UserFactory(username="approver")
    GrantFactory(user=approver, role=Role.APPROVER, organization=world.ours)
    counts = {
        who: sign_in(who).get(LIST).context["navigation"].suppressions
        for who in ("administrator", "contributor", "viewer of Prod", "stranger")
    }
    assert counts == {"administrator": 1, "contributor": 0, "viewer of Prod": 0, "stranger": 0}


def test_what_cannot_be_done_is_said(sign_in, world):
    row = asked(world)
    client = sign_in("administrator")
    assert "Say why" in text_of(client.post(page_of(row, "refuse"), follow=True))
    client.post(page_of(row, "refuse"), {"note": "no"})
    told = text_of(client.post(page_of(row, "approve"), follow=True))
    assert "it is refused" in told


def test_a_person_of_one_ou_learns_nothing_of_the_rest(sign_in, world):
    row = SuppressionFactory(organization=world.ours)
    text = main_text_of(sign_in("viewer of Prod").get(page_of(row)))
    assert "1 open finding matches now" in text
    assert "shop" in text
    assert "sandbox" not in text


def test_the_overview_tells_suppressed_findings_apart(sign_in, world, form):
    sign_in("contributor").post(ASK, {**form, "account": world.shop.account_id})
    client = sign_in("administrator")
    before = client.get(reverse("overview")).context
    client.post(page_of(Suppression.objects.get(), "approve"))
    page = client.get(reverse("overview"))
    assert page.context["open_findings"] == before["open_findings"] - 1
    assert page.context["total"].suppressed == 1
    assert page.context["total"].failed == before["total"].failed - 1
    assert "and 1 that is suppressed" in main_text_of(page)
    assert page.context["navigation"].findings == before["navigation"].findings - 1
    assert suppressed_at(world.finding().__class__.objects.all(), NOW).count() == 1
