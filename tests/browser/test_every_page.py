"""Each page in both themes, on a desk and in a hand: no complaint, no barrier, nothing too wide."""

import datetime as dt

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import expect

from accounts.services.tokens import token_issue
from findings.checks.base import built_in
from findings.facts.base import Gap, GapReason
from findings.models import ConnectionProject, ConnectionTrial, SlaRule, WebhookDelivery
from findings.services.analyses import analysis_begin
from findings.services.foresight import foresight_propose
from findings.services.webhook_deliveries import webhook_ping
from portal.web.urls import urlpatterns
from tests.browser.conftest import AXE, DESK, OF_THE_LOOKS, PHONE
from tests.browser.tickets import pages_of_tickets
from tests.factories.accounts import NOW, TeamFactory
from tests.factories.findings import (
    AttestationFactory,
    DeclaredToolFactory,
    ScheduleFactory,
    SuppressionFactory,
)
from tests.factories.incidents import (
    ActionItemFactory,
    FactorFactory,
    IncidentFactory,
    LearningFactory,
    TimelineEntryFactory,
)
from tests.factories.notifications import dead_message, reachable
from tests.factories.tickets import ConnectionFactory, RouteFactory
from tests.factories.webhooks import endpoint_with
from tests.portal.world import CHECK, REGION

WITHOUT_A_PAGE = {
    "finding-move",
    "finding-recheck",
    "scan-start",
    "scan-progress",
    "scan-cancel",
    "scan-retry",
    "schedule-delete",
    "tool-declare",
    "tool-end",
    "attestation-make",
    "attestation-withdraw",
    "route-move",
    "route-release",
    "route-delete",
    "sla-rule-set",
    "sla-rule-delete",
    "webhook-switch",
    "webhook-rotate",
    "webhook-test",
    "webhook-replay",
    "webhook-delete",
    "webhook-message-replay",
    "connection-switch",
    "connection-test",
    "token-issue",
    "token-revoke",
    "suppression-approve",
    "suppression-refuse",
    "suppression-revoke",
    "export-ask",
    "export-cancel",
    "export-download",
    "incident-add",
    "incident-foresight",
    "foresight-confirm",
    "incident-role-end",
    "incident-part-remove",
    "timeline-entry-star",
    "action-item-claim",
    "notification-test",
    "notification-replay",
    "ticket-move",
    "ticket-return",
    "ticket-comment",
    "suggestion-accept",
    "suggestion-dismiss",
    "suggestion-restore",
    "outbox-replay",
    "drift-settle",
}
DENIED = Gap(
    kind="cloudtrail.trail",
    reason=GapReason.ACCESS_DENIED,
    operation="cloudtrail:DescribeTrails",
    code="AccessDeniedException",
)
LONG = "a-name-that-somebody-thought-would-never-have-to-fit-anywhere" * 2


@pytest.fixture
def pages(world, settings):
    """Every page with much to show: long names, gaps, a scan under way."""
    reachable(settings)
    world.shop.name, world.shop.role_health = LONG, "denied"
    world.shop.owner_team = TeamFactory(organization=world.ours, name=LONG)
    world.shop.role_health_message = f"arn:aws:iam::123456789012:role/{LONG}"
    world.shop.tags = {LONG: LONG}
    world.shop.save()
    schedule = ScheduleFactory(organization=world.ours, name=LONG)
    DeclaredToolFactory(organization=world.ours, name=LONG[:64], reason=LONG, ends_on="2100-01-01")
    AttestationFactory(
        organization=world.ours,
        statement=LONG,
        link=f"https://example.com/{LONG}",
        ends_at=dt.datetime(2100, 1, 1, tzinfo=dt.UTC),
    )
    suppression = SuppressionFactory(
        organization=world.ours, reason=LONG, ends_at=dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
    )
    partial = world.lab.wait(days=1).scan(facts={"cloudtrail.trail": DENIED})
    person = world.person("administrator")
    token_issue(actor=person, user=person, name=LONG[:64], days=1, ous=[world.prod], now=NOW)
    running = world.lab.start(regions=[REGION])
    finding = world.finding()
    finding.resource, finding.message = f"arn:aws:x:{LONG}", LONG
    finding.parts = [{"name": LONG, "status": "fail", "message": LONG}]
    finding.save()
    User.objects.filter(username="administrator").update(is_staff=True)
    dead_message(person, world.ours)
    return {
        "overview": reverse("overview"),
        "scorecard": reverse("scorecard"),
        "scorecard of an account": f"{reverse('scorecard')}?scope=account:{world.shop.uid}",
        "account-list": reverse("account-list"),
        "account-detail": reverse("account-detail", args=[world.shop.uid]),
        "finding-list": reverse("finding-list"),
        "finding-list of one check": reverse("finding-list") + "?group=none",
        "finding-list that is empty": reverse("finding-list") + "?search=nothing",
        "finding-detail": reverse("finding-detail", args=[finding.uid]),
        "scan-list": reverse("scan-list"),
        "scan-detail": reverse("scan-detail", args=[partial.uid]),
        "scan-detail under way": reverse("scan-detail", args=[running.uid]),
        "catalogue": reverse("catalogue"),
        "check-detail": reverse("check-detail", args=["cloudwatch_log_group_retention_set"]),
        "schedule-list": reverse("schedule-list"),
        "schedule-create": reverse("schedule-create"),
        "schedule-edit": reverse("schedule-edit", args=[schedule.uid]),
        "tool-list": reverse("tool-list"),
        "attestation-list": reverse("attestation-list"),
        "token-list": reverse("token-list"),
        "suppression-list": reverse("suppression-list"),
        "suppression-ask": reverse("suppression-ask"),
        "suppression-detail": reverse("suppression-detail", args=[suppression.uid]),
        "export-list": reverse("export-list"),
        "notification-settings": reverse("notification-settings"),
        "team-notification-settings": reverse(
            "team-notification-settings", args=[world.shop.owner_team.uid]
        ),
        **pages_of_incidents(world),
        **pages_of_tickets(world),
        **pages_of_settings(world),
    }


def pages_of_settings(world):
    """A tracker that fails and its last test, a route that waits, a webhook with its log."""
    connection = ConnectionFactory(
        organization=world.ours, name=LONG, health="failing", health_message=LONG
    )
    ConnectionProject.objects.create(connection=connection, project=LONG, failures=1, error=LONG)
    ConnectionTrial.objects.create(
        connection=connection,
        asked_at=NOW,
        finished_at=NOW,
        project=LONG,
        steps=[{"name": "project", "is_ok": ok, "detail": LONG} for ok in (True, False, None)],
        request={"method": "POST", "path": f"/{LONG}", "body": {"title": LONG}},
    )
    route = RouteFactory(
        organization=world.ours,
        name=LONG,
        connection=connection,
        selector={"rows": ["O2"], "ous": [LONG]},
        held_at=NOW,
        held_reason=LONG,
    )
    SlaRule.objects.create(organization=world.ours, severity="high", environment="prod", days=5)
    owner = world.person("administrator")
    webhook, _secret = endpoint_with(
        owner, world.ours, name=LONG, url=f"https://hooks.example.com/{LONG}"
    )
    message = webhook_ping(actor=owner, endpoint=webhook, now=NOW)
    WebhookDelivery.objects.create(message=message, attempt=1, at=NOW, milliseconds=1, error=LONG)
    return {
        "settings-index": reverse("settings-index"),
        "route-list": reverse("route-list"),
        "route-create": reverse("route-create"),
        "route-edit": reverse("route-edit", args=[route.uid]),
        "route-switch": reverse("route-switch", args=[route.uid]),
        "sla-rule-list": reverse("sla-rule-list"),
        "webhook-list": reverse("webhook-list"),
        "webhook-create": reverse("webhook-create"),
        "webhook-detail": reverse("webhook-detail", args=[webhook.uid]),
        "webhook-edit": reverse("webhook-edit", args=[webhook.uid]),
        "webhook-message": reverse("webhook-message", args=[message.uid]),
        "connection-list": reverse("connection-list"),
        "connection-create": reverse("connection-create"),
        "connection-create of a kind": reverse("connection-create") + "?kind=github",
        "connection-detail": reverse("connection-detail", args=[connection.uid]),
        "connection-edit": reverse("connection-edit", args=[connection.uid]),
        "connection-delete": reverse("connection-delete", args=[connection.uid]),
    }


def pages_of_incidents(world):
    """An incident with much to tell, its analysis, and what is learnt of it."""
    incident = IncidentFactory(
        organization=world.ours,
        accounts=[world.shop],
        title=LONG,
        summary=f"# {LONG}\n\n`{LONG}`\n\n| a | b |\n|---|---|\n| {LONG} | {LONG} |",
        services=[LONG[:64]],
        checks=[CHECK],
        started_at=world.lab.now,
    )
    TimelineEntryFactory(incident=incident, text=f"{LONG}\n\n    {LONG}")
    FactorFactory(incident=incident, text=LONG)
    learning = LearningFactory(incident=incident, when=LONG)
    item = ActionItemFactory(
        incident=incident,
        learning=learning,
        accounts=[world.shop],
        title=LONG,
        owner_team=world.shop.owner_team,
    )
    foresight_propose(actor=None, incident=incident, registry=built_in(), now=world.lab.now)
    analysis_begin(actor=None, incident=incident, template="correction_of_error", now=world.lab.now)
    return {
        "incident-list": reverse("incident-list"),
        "incident-record": reverse("incident-record"),
        "incident-detail": reverse("incident-detail", args=[incident.uid]),
        "incident-edit": reverse("incident-edit", args=[incident.uid]),
        "incident-analysis": reverse("incident-analysis", args=[incident.uid]),
        "foresight": reverse("foresight"),
        "learning-list": reverse("learning-list"),
        "action-item-list": reverse("action-item-list") + "?of=all",
        "action-item-change": reverse("action-item-change", args=[item.uid]),
    }


@pytest.mark.one_database
def test_no_page_is_left_out(pages):
    named = {pattern.name for pattern in urlpatterns}
    assert {name.partition(" ")[0] for name in pages} == named - WITHOUT_A_PAGE


def test_every_page_is_readable_by_everybody(window, world, pages):
    """Each light on a desk and dark in a hand: opened in one of them, and then turned to the other.

    In the hand it is judged by its looks alone: its words and its structure are those of the desk.
    """
    world.person("administrator")
    browser = window("administrator")
    browser.page.add_init_script(AXE)
    views, found = [("light", DESK, []), ("dark", PHONE, OF_THE_LOOKS)], {}
    for name, path in pages.items():
        page = browser.open(path)
        wrong = []
        for theme, width, rules in views:
            browser.show(theme, width)
            expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)
            wrong += [f"{theme}: {barrier}" for barrier in browser.barriers(*rules)]
            wrong += _too_wide(browser, width)
        found[name] = [*wrong, *browser.complaints]
        browser.complaints.clear()
        views.reverse()
    assert {where: wrong for where, wrong in found.items() if wrong} == {}


def _too_wide(browser, width):
    return [f"{browser.overflow} px wider than {width}"] if browser.overflow else []


@pytest.mark.parametrize("path", ["/login/", "/nothing/", "/scans/?before=x"])
def test_the_pages_before_and_beside_are_readable_too(window, path):
    browser = window("viewer" if path.startswith("/scans") else "", width=PHONE)
    browser.open(path)
    for theme in ("light", "dark"):
        browser.show(theme, PHONE)
        expect(browser.page.locator("html")).to_have_attribute("data-bs-theme", theme)
        assert browser.barriers() == []
        assert browser.overflow == 0
    assert [c for c in browser.complaints if "Failed to load resource" not in c] == []


def test_the_page_of_the_api_works_under_the_same_policy(window):
    browser = window("contributor")
    page = browser.open("/api/v1/docs/")
    page.locator("[data-path='/api/v1/action-items/{uid}/claim/']").click()
    page.get_by_text("Say that it is done").first.wait_for()
    browser.show("dark", DESK)
    assert browser.complaints == []


def test_the_administration_works_under_the_same_policy(window, world):
    User.objects.filter(pk=world.person("administrator").pk).update(
        is_staff=True, is_superuser=True
    )
    browser = window("administrator")
    for path in ("/admin/", "/admin/accounts/account/", "/admin/accounts/grant/add/"):
        browser.open(path)
    assert browser.complaints == []
