"""Every page, asked for by everybody: what do they get?"""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.services.tokens import token_issue
from findings.models import InboundDelivery, SlaRule
from findings.services.subscribers import subscriber_of_person, subscriber_of_team
from findings.services.tickets import ticket_open
from findings.services.webhook_deliveries import webhook_ping
from portal.web.urls import urlpatterns
from tests.factories.accounts import TeamFactory
from tests.factories.findings import (
    AttestationFactory,
    DeclaredToolFactory,
    ExportFactory,
    ScheduleFactory,
    SuppressionFactory,
)
from tests.factories.incidents import ActionItemFactory, IncidentFactory
from tests.factories.notifications import dead_message
from tests.factories.tickets import NOW, ConnectionFactory, RouteFactory
from tests.factories.webhooks import endpoint_with
from tests.modules import differing, undone
from tests.portal.world import EVERYBODY

pytestmark = pytest.mark.one_database

SEEN = dict.fromkeys(EVERYBODY, 200)
OF_SHOP = {**SEEN, "stranger": 404, "nobody": 404}
OF_SANDBOX = {**OF_SHOP, "viewer of Prod": 404, "contributor of Prod": 404}
ADMINISTERED = {
    **dict.fromkeys(EVERYBODY, 403),
    "administrator": 200,
    "stranger": 404,
    "nobody": 404,
}
DONE = 302
OF_NOBODY = dict.fromkeys(EVERYBODY, 404)
"""Of an export, which is its asker's alone."""
WHOLE = {**ADMINISTERED, "viewer of Prod": 404, "contributor of Prod": 404}
"""Of routes, which only who sees the whole organization sees."""
OF_ADMINISTRATORS = {**ADMINISTERED, "stranger": 200, "nobody": 403}
OF_CONTRIBUTOR = {**OF_NOBODY, "contributor": 200, "administrator": 200}
CONTRIBUTED = {
    "viewer": 403,
    "contributor": DONE,
    "administrator": DONE,
    "viewer of Prod": 403,
    "contributor of Prod": DONE,
    "stranger": 404,
    "nobody": 404,
}

OF_CONTRIBUTORS = {**OF_SHOP, "viewer": 403, "viewer of Prod": 403}
REFUSED_INPUT = {who: answer if answer != DONE else 400 for who, answer in CONTRIBUTED.items()}
"""Whoever may do it is told that the form says nothing."""

READ = [
    ("overview", None, SEEN),
    ("scorecard", None, SEEN),
    ("account-list", None, SEEN),
    ("account-detail", "shop", OF_SHOP),
    ("account-detail", "sandbox", OF_SANDBOX),
    ("finding-list", None, SEEN),
    ("finding-detail", "finding", OF_SHOP),
    ("finding-detail", "finding of sandbox", OF_SANDBOX),
    ("scan-list", None, SEEN),
    ("scan-detail", "scan", OF_SHOP),
    ("scan-detail", "scan of sandbox", OF_SANDBOX),
    ("scan-progress", "scan", OF_SHOP),
    ("schedule-list", None, SEEN),
    ("catalogue", None, SEEN),
    ("schedule-create", None, {**ADMINISTERED, "stranger": 200, "nobody": 403}),
    ("schedule-edit", "schedule", ADMINISTERED),
    ("tool-list", None, SEEN),
    ("attestation-list", None, SEEN),
    ("token-list", None, SEEN),
    ("suppression-list", None, SEEN),
    ("suppression-detail", "suppression", OF_SHOP),
    ("suppression-ask", None, {**SEEN, "viewer": 403, "viewer of Prod": 403, "nobody": 403}),
    ("ticket-board", None, SEEN),
    ("ticket-list", None, SEEN),
    ("ticket-open", None, {**SEEN, "viewer": 403, "viewer of Prod": 403, "nobody": 403}),
    ("suggestion-list", None, SEEN),
    ("ticket-outbox", None, SEEN),
    ("ticket-drift", None, SEEN),
    ("delivery-list", None, SEEN),
    ("delivery-detail", "delivery", {**dict.fromkeys(EVERYBODY, 404), "administrator": 200}),
    ("ticket-detail", "ticket", OF_SHOP),
    ("ticket-detail", "ticket of both", OF_SHOP),
    ("ticket-sync", "ticket", OF_SHOP),
    ("ticket-sync", "ticket of both", OF_SHOP),
    ("ticket-edit", "ticket", OF_CONTRIBUTORS),
    ("ticket-edit", "ticket of both", {**OF_CONTRIBUTORS, "contributor of Prod": 403}),
    ("ticket-add", "ticket", OF_CONTRIBUTORS),
    ("export-list", None, SEEN),
    ("export-download", "export", {**OF_NOBODY, "viewer": 302}),
    ("incident-list", None, SEEN),
    ("foresight", None, SEEN),
    (
        "incident-record",
        None,
        {**dict.fromkeys(EVERYBODY, 200), "viewer": 403, "viewer of Prod": 403, "nobody": 403},
    ),
    ("incident-detail", "incident", OF_SHOP),
    ("incident-detail", "incident of both", OF_SANDBOX),
    ("incident-edit", "incident", {**OF_SHOP, "viewer": 403, "viewer of Prod": 403}),
    ("incident-analysis", "incident", OF_SHOP),
    ("incident-analysis", "incident of both", OF_SANDBOX),
    ("action-item-change", "action item", {**OF_SHOP, "viewer": 403, "viewer of Prod": 403}),
    ("learning-list", None, SEEN),
    ("action-item-list", None, SEEN),
    ("notification-settings", None, SEEN),
    ("team-notification-settings", "team", ADMINISTERED),
    ("settings-index", None, SEEN),
    ("route-list", None, SEEN),
    ("route-create", None, OF_ADMINISTRATORS),
    ("route-edit", "route", WHOLE),
    ("route-switch", "route", WHOLE),
    ("sla-rule-list", None, SEEN),
    ("webhook-list", None, SEEN),
    ("webhook-create", None, {**SEEN, "viewer": 403, "viewer of Prod": 403, "nobody": 403}),
    ("webhook-detail", "webhook", OF_CONTRIBUTOR),
    ("webhook-edit", "webhook", OF_CONTRIBUTOR),
    ("webhook-message", "webhook message", OF_CONTRIBUTOR),
    ("connection-list", None, SEEN),
    ("connection-create", None, OF_ADMINISTRATORS),
    ("connection-detail", "connection", OF_SHOP),
    ("connection-edit", "connection", ADMINISTERED),
    ("connection-delete", "connection", ADMINISTERED),
]
CHANGED = [
    ("finding-move", "finding", REFUSED_INPUT),
    ("finding-recheck", "finding", CONTRIBUTED),
    ("finding-recheck", "finding of sandbox", {**CONTRIBUTED, **dict.fromkeys(
        ("viewer of Prod", "contributor of Prod"), 404
    )}),
    ("scan-cancel", "scan", {**CONTRIBUTED, "contributor of Prod": 403}),
    ("scan-retry", "scan", {**CONTRIBUTED, "contributor of Prod": 403}),
    ("schedule-delete", "schedule", {**ADMINISTERED, "administrator": DONE}),
    ("tool-end", "tool", {**ADMINISTERED, "administrator": DONE}),
    ("incident-foresight", "incident", CONTRIBUTED),
    ("incident-foresight", "incident of both", {**CONTRIBUTED, **dict.fromkeys(
        ("viewer of Prod", "contributor of Prod"), 404
    )}),
    ("action-item-claim", "action item", CONTRIBUTED),
    ("attestation-withdraw", "attestation", {**ADMINISTERED, "administrator": DONE}),
    ("token-revoke", "token", {**dict.fromkeys(EVERYBODY, 404), "contributor": DONE}),
    ("suppression-approve", "asked", {**ADMINISTERED, "administrator": DONE}),
    ("suppression-refuse", "asked", {**ADMINISTERED, "administrator": DONE}),
    ("suppression-revoke", "suppression", {**ADMINISTERED, "administrator": DONE}),
    *(
        (f"suggestion-{act}", "route", {**CONTRIBUTED, **dict.fromkeys(
            ("viewer of Prod", "contributor of Prod"), 404
        )})
        for act in ("accept", "dismiss", "restore")
    ),
    ("ticket-move", "ticket", REFUSED_INPUT),
    ("ticket-move", "ticket of both", {**REFUSED_INPUT, "contributor of Prod": 403}),
    ("ticket-return", "ticket", CONTRIBUTED),
    ("ticket-comment", "ticket", {w: 422 if a == DONE else a for w, a in CONTRIBUTED.items()}),
    ("drift-settle", "ticket", REFUSED_INPUT),
    ("export-cancel", "export", {**OF_NOBODY, "viewer": DONE}),
    ("notification-test", "settings", {**OF_NOBODY, "contributor": DONE}),
    ("notification-test", "settings of a team", {**OF_NOBODY, "administrator": DONE}),
    ("notification-replay", "message", {**OF_NOBODY, "contributor": DONE}),
    ("route-move", "route", {**WHOLE, "administrator": 400}),
    ("route-release", "route", {**WHOLE, "administrator": DONE}),
    ("route-delete", "route", {**WHOLE, "administrator": DONE}),
    ("sla-rule-delete", "rule", {**ADMINISTERED, "administrator": DONE}),
    ("webhook-switch", "webhook", {**OF_NOBODY, "contributor": DONE, "administrator": DONE}),
    ("webhook-rotate", "webhook", OF_CONTRIBUTOR),
    ("webhook-test", "webhook", {**OF_NOBODY, "contributor": DONE, "administrator": DONE}),
    ("webhook-replay", "webhook", {**OF_NOBODY, "contributor": DONE, "administrator": DONE}),
    ("webhook-message-replay", "webhook message", {
        **OF_NOBODY, "contributor": DONE, "administrator": DONE
    }),
    ("connection-switch", "connection", {**ADMINISTERED, "administrator": DONE}),
    ("connection-test", "connection", {**ADMINISTERED, "administrator": 422}),
]  # fmt: skip
ASKED_ELSEWHERE = {
    *("scan-start", "check-detail", "tool-declare", "attestation-make", "comment-detail"),
    *("token-issue", "export-ask", "outbox-replay", "sla-rule-set", "webhook-delete"),
    *("incident-add", "incident-role-end", "timeline-entry-star", "foresight-confirm"),
    "incident-part-remove",
}
FAR = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


def token_of(person):
    return token_issue(actor=None, user=person, name="t", days=1, now=timezone.now()).token


@pytest.fixture
def address(world):
    def of(view, thing):
        if thing is None:
            return reverse(view)

        def incident(*accounts):
            return IncidentFactory(organization=world.ours, accounts=accounts)

        def ticket(*accounts):
            findings = [world.finding(account) for account in accounts]
            return ticket_open(actor=None, findings=findings, now=world.lab.now)

        def webhook():
            return endpoint_with(world.person("contributor"), world.ours)[0]

        def message():
            owner = world.person("contributor")
            return webhook_ping(actor=owner, endpoint=webhook(), now=timezone.now())

        things = {
            "ticket": lambda: ticket(world.shop),
            "ticket of both": lambda: ticket(world.shop, world.sandbox),
            "route": lambda: RouteFactory(organization=world.ours, mode="suggest"),
            "delivery": lambda: InboundDelivery.objects.create(
                connection=ConnectionFactory(organization=world.ours),
                delivery_id="1",
                body_sha256="0" * 64,
                received_at=NOW,
            ),
            "shop": lambda: world.shop,
            "sandbox": lambda: world.sandbox,
            "finding": lambda: world.finding(world.shop),
            "finding of sandbox": lambda: world.finding(world.sandbox),
            "scan": lambda: world.scan,
            "scan of sandbox": lambda: world.lab.scan(
                facts={}, selection={"accounts": [world.sandbox.account_id]}
            ),
            "schedule": lambda: ScheduleFactory(organization=world.ours),
            "tool": lambda: DeclaredToolFactory(organization=world.ours, ends_on="2100-01-01"),
            "token": lambda: token_of(world.person("contributor")),
            "suppression": lambda: SuppressionFactory(organization=world.ours, ends_at=FAR),
            "asked": lambda: SuppressionFactory(
                organization=world.ours, ends_at=FAR, is_approved=None, decided_at=None
            ),
            "export": lambda: ExportFactory(
                organization=world.ours, asked_by=world.person("viewer")
            ),
            "incident": lambda: incident(world.shop),
            "incident of both": lambda: incident(world.shop, world.sandbox),
            "action item": lambda: ActionItemFactory(
                incident=incident(world.shop), accounts=[world.shop]
            ),
            "connection": lambda: ConnectionFactory(organization=world.ours),
            "rule": lambda: SlaRule.objects.create(organization=world.ours, severity="high"),
            "webhook": webhook,
            "webhook message": message,
            "attestation": lambda: AttestationFactory(organization=world.ours, ends_at=FAR),
            "team": lambda: TeamFactory(organization=world.ours),
            "settings": lambda: subscriber_of_person(world.person("contributor")),
            "settings of a team": lambda: subscriber_of_team(TeamFactory(organization=world.ours)),
            "message": lambda: dead_message(world.person("contributor"), world.ours),
        }
        return reverse(view, args=[things[thing]().uid])

    return of


def test_every_page_is_asked_for_below():
    named = {pattern.name for pattern in urlpatterns}
    assert named == {view for view, *_ in [*READ, *CHANGED]} | ASKED_ELSEWHERE


def asked(address, answers_to, rows):
    """(view, thing, who) -> the status that a table tells."""
    found = {}
    for view, thing, _ in rows:
        with undone():
            answers = answers_to(address(view, thing))
            found |= {(view, thing, who): answer for who, answer in answers.items()}
    return found


def told(rows, **of_others):
    return {
        (view, thing, who): answer
        for view, thing, answers in rows
        for who, answer in (answers | of_others).items()
    }


def test_who_may_read_each_page(client, sign_in, address):
    """And the anonymous are sent to sign in."""
    client.raise_request_exception = False

    def answers(where):
        answers = {who: sign_in(who).get(where).status_code for who in EVERYBODY}
        return {"anonymous": is_sent_to_sign_in(Client().get(where)), **answers}

    assert differing(asked(address, answers, READ), told(READ, anonymous=True)) == {}


def is_sent_to_sign_in(answer):
    return answer.status_code == 302 and answer.url.startswith("/login/?next=/")


def test_who_may_change_something(client, sign_in, address):
    """And it is not done by a link."""
    client.raise_request_exception = False

    def answers(where):
        by_link = sign_in("administrator").get(where).status_code
        people = sorted(EVERYBODY, key=_last)
        return {"by a link": by_link} | {w: sign_in(w).post(where).status_code for w in people}

    expected = told(CHANGED, **{"by a link": 405})
    assert differing(asked(address, answers, CHANGED), expected) == {}


def _last(who):
    """Those who succeed come last: afterwards there may be nothing left to change."""
    return (who == "administrator", who.startswith("contributor"))
