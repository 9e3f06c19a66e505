"""Every endpoint, called by everybody: what do they get?"""

import re
from string import Formatter

import pytest
from cryptography.fernet import Fernet
from django.test import Client
from django.utils import timezone

from accounts.services.audit import audit_record
from accounts.services.tokens import token_issue
from findings.services.subscribers import subscriber_of_person, subscriber_of_team
from findings.services.webhook_deliveries import webhook_ping
from portal.api.urls import router
from tests.factories.accounts import TeamFactory
from tests.factories.findings import (
    AttestationFactory,
    DeclaredToolFactory,
    ExportFactory,
    ScheduleFactory,
    SuppressionFactory,
)
from tests.factories.incidents import (
    ActionItemFactory,
    AnalysisFactory,
    IncidentFactory,
    LearningFactory,
)
from tests.factories.notifications import dead_message
from tests.factories.webhooks import endpoint_with
from tests.modules import differing, undone
from tests.portal.api import ticket_rows
from tests.portal.api.bodies import FAR, body_of
from tests.portal.api.conftest import Caller, with_token
from tests.portal.world import EVERYBODY

pytestmark = pytest.mark.one_database

LISTS = dict.fromkeys(EVERYBODY, 200)
OF_SHOP = {**LISTS, "stranger": 404, "nobody": 404}
OF_SANDBOX = {**OF_SHOP, "viewer of Prod": 404, "contributor of Prod": 404}
CONTRIBUTED = {**dict.fromkeys(EVERYBODY, 403), "stranger": 404, "nobody": 404}
ADMINISTERED = {**CONTRIBUTED}
OF_NOBODY = dict.fromkeys(EVERYBODY, 404)
"""Of an export, which is its asker's alone."""

WORKERS = ("contributor", "administrator", "contributor of Prod")
NOT_THERE = {"stranger": 404, "nobody": 404}
WORKED_ON = {**CONTRIBUTED, **dict.fromkeys(WORKERS, 201)}
WITHOUT_A_VERSION = {**dict.fromkeys(EVERYBODY, 428), **NOT_THERE}
OF_THE_OWNER = {**dict.fromkeys(EVERYBODY, 404), "contributor": 200, "administrator": 200}
"""Of what the contributor has made for themselves."""

READ = [
    ("organizations/", LISTS),
    ("organizations/{ours}/", OF_SHOP),
    ("accounts/", LISTS),
    ("accounts/{shop}/", OF_SHOP),
    ("accounts/{sandbox}/", OF_SANDBOX),
    ("scans/", LISTS),
    ("scans/{scan}/", OF_SHOP),
    ("scans/{scan}/shards/", OF_SHOP),
    ("scans/{scan}/gaps/", OF_SHOP),
    ("scans/{scan}/difference/", OF_SHOP),
    ("scans/{scan_of_sandbox}/", OF_SANDBOX),
    ("scans/{scan_of_sandbox}/shards/", OF_SANDBOX),
    ("scans/{scan_of_sandbox}/gaps/", OF_SANDBOX),
    ("scans/{scan_of_sandbox}/difference/", OF_SANDBOX),
    ("findings/", LISTS),
    ("findings/{finding}/", OF_SHOP),
    ("findings/{finding}/evidence/", OF_SHOP),
    ("findings/{finding_of_sandbox}/", OF_SANDBOX),
    ("findings/{finding_of_sandbox}/evidence/", OF_SANDBOX),
    ("schedules/", LISTS),
    ("schedules/{schedule}/", OF_SHOP),
    ("tools/", LISTS),
    ("tools/{tool}/", OF_SHOP),
    ("scorecards/", LISTS),
    ("dora/", LISTS),
    ("attestations/", LISTS),
    ("attestations/{attestation}/", OF_SHOP),
    ("ous/", LISTS),
    ("ous/{prod}/", OF_SHOP),
    ("ous/{dev}/", OF_SANDBOX),
    ("teams/", LISTS),
    ("teams/{team}/", OF_SHOP),
    ("events/", LISTS),
    ("audit/", LISTS),
    ("audit/{entry}/", {**dict.fromkeys(EVERYBODY, 404), "administrator": 200}),
    ("tokens/", LISTS),
    ("tokens/{token}/", {**dict.fromkeys(EVERYBODY, 404), "contributor": 200}),
    ("suppressions/", LISTS),
    ("suppressions/{suppression}/", OF_SHOP),
    ("exports/", LISTS),
    ("exports/{export}/", {**OF_NOBODY, "viewer": 200}),
    ("exports/{export}/download/", {**OF_NOBODY, "viewer": 409}),
    ("incidents/", LISTS),
    ("incidents/foresight/", LISTS),
    ("incidents/{incident}/", OF_SHOP),
    ("incidents/{incident}/timeline/", OF_SHOP),
    ("incidents/{incident}/factors/", OF_SHOP),
    ("incidents/{incident}/foresight/", OF_SHOP),
    ("incidents/{incident}/open-then/", OF_SHOP),
    ("incidents/{incident_of_both}/", OF_SANDBOX),
    ("incidents/{incident_of_both}/timeline/", OF_SANDBOX),
    ("analyses/", LISTS),
    ("analyses/{analysis}/", OF_SHOP),
    ("analyses/{analysis}/versions/", OF_SHOP),
    ("learnings/", LISTS),
    ("learnings/{learning}/", OF_SHOP),
    ("action-items/", LISTS),
    ("action-items/{action_item}/", OF_SHOP),
    ("webhooks/", LISTS),
    ("webhooks/{webhook}/", OF_THE_OWNER),
    ("webhook-messages/", LISTS),
    ("webhook-messages/{message}/", OF_THE_OWNER),
    *ticket_rows.READ,
    ("notification-settings/", LISTS),
    ("notification-settings/{settings}/", {**OF_NOBODY, "contributor": 200}),
    ("notification-settings/{settings_of_team}/", {**OF_NOBODY, "administrator": 200}),
    ("notification-messages/", LISTS),
    ("notification-messages/{notification}/", {**OF_NOBODY, "contributor": 200}),
]
INCIDENT_PARTS = re.compile("{(incident|analysis|learning|action_item)")
OF_THE_CATALOGUE = {"checks/", "checks/x/", "practices/"}
"""Of what ships with Cairn everybody sees everything: see test_catalogue.py."""
SENT = {"contributor": 202, "administrator": 202}
CHANGED = [
    (
        "POST",
        "findings/{finding}/recheck/",
        {**CONTRIBUTED, "contributor": 202, "contributor of Prod": 202, "administrator": 202},
    ),
    (
        "POST",
        "findings/{finding_of_sandbox}/recheck/",
        {**OF_SANDBOX, "viewer": 403, "contributor": 202, "administrator": 202},
    ),
    *(
        row
        for act in ("move", "claim")  # what the first has claimed, the next cannot
        for row in (
            (
                "POST",
                f"findings/{{finding}}/{act}/",
                {**CONTRIBUTED, **dict.fromkeys(WORKERS, 409), "contributor": 200},
            ),
            (
                "POST",
                f"findings/{{finding_of_sandbox}}/{act}/",
                {**OF_SANDBOX, "viewer": 403, "contributor": 200, "administrator": 409},
            ),
        )
    ),
    ("POST", "findings/{finding}/comment/", {**CONTRIBUTED, **dict.fromkeys(WORKERS, 201)}),
    (
        "POST",
        "findings/{finding_of_sandbox}/comment/",
        {**OF_SANDBOX, "viewer": 403, "contributor": 201, "administrator": 201},
    ),
    ("POST", "findings/bulk_move/", dict.fromkeys(EVERYBODY, 207)),
    ("POST", "accounts/{shop}/exclude/", {**ADMINISTERED, "administrator": 200}),
    ("POST", "accounts/{shop}/include/", {**ADMINISTERED, "administrator": 200}),
    ("POST", "tokens/", dict.fromkeys(EVERYBODY, 201)),
    ("DELETE", "tokens/{token}/", {**dict.fromkeys(EVERYBODY, 404), "contributor": 204}),
    ("POST", "scans/{running}/cancel/", {**CONTRIBUTED, "contributor": 200, "administrator": 409}),
    ("POST", "scans/{failed}/retry/", {**CONTRIBUTED, "contributor": 202, "administrator": 202}),
    ("POST", "scans/", {**CONTRIBUTED, "contributor": 202, "administrator": 409}),
    ("POST", "schedules/", {**ADMINISTERED, "administrator": 201}),
    ("PATCH", "schedules/{schedule}/", {**ADMINISTERED, "administrator": 200}),
    ("PUT", "schedules/{schedule}/", {**ADMINISTERED, "administrator": 200}),
    ("DELETE", "schedules/{schedule}/", {**ADMINISTERED, "administrator": 204}),
    ("POST", "tools/", {**ADMINISTERED, "administrator": 201}),
    ("POST", "tools/{tool}/end/", {**ADMINISTERED, "administrator": 200}),
    ("POST", "attestations/", {**ADMINISTERED, "administrator": 201}),
    ("POST", "attestations/{attestation}/withdraw/", {**ADMINISTERED, "administrator": 200}),
    ("POST", "suppressions/", {**CONTRIBUTED, "contributor": 201, "administrator": 201}),
    ("POST", "suppressions/preview/", {**CONTRIBUTED, "contributor": 200, "administrator": 200}),
    ("POST", "suppressions/{asked}/approve/", WITHOUT_A_VERSION),
    ("POST", "suppressions/{asked}/refuse/", WITHOUT_A_VERSION),
    ("POST", "suppressions/{suppression}/revoke/", WITHOUT_A_VERSION),
    ("POST", "exports/", {**dict.fromkeys(EVERYBODY, 202), "stranger": 404, "nobody": 404}),
    ("POST", "exports/{export}/cancel/", {**OF_NOBODY, "viewer": 200}),
    ("POST", "incidents/", {**CONTRIBUTED, "contributor": 201, "administrator": 201}),
    ("PATCH", "incidents/{incident}/", WITHOUT_A_VERSION),
    ("POST", "incidents/{incident}/timeline/", WORKED_ON),
    ("POST", "incidents/{incident}/factors/", WORKED_ON),
    ("POST", "incidents/{incident}/foresight/", {**WORKED_ON, **dict.fromkeys(WORKERS, 200)}),
    ("POST", "incidents/{incident}/star/", dict.fromkeys(OF_SHOP, 400) | NOT_THERE),
    ("POST", "incidents/{incident}/remove/", dict.fromkeys(OF_SHOP, 400) | NOT_THERE),
    ("POST", "incidents/{incident}/confirm/", dict.fromkeys(OF_SHOP, 400) | NOT_THERE),
    ("POST", "analyses/", {**dict.fromkeys(OF_SHOP, 400)}),
    ("PATCH", "analyses/{analysis}/", WITHOUT_A_VERSION),
    ("POST", "analyses/{analysis}/move/", WITHOUT_A_VERSION),
    ("POST", "learnings/", {**dict.fromkeys(OF_SHOP, 400)}),
    ("POST", "action-items/", {**dict.fromkeys(OF_SHOP, 400)}),
    ("PATCH", "action-items/{action_item}/", {**WORKED_ON, **dict.fromkeys(WORKERS, 200)}),
    (
        "POST",
        "action-items/{action_item}/claim/",
        {**WORKED_ON, "contributor": 200, "administrator": 409, "contributor of Prod": 409},
    ),
    (
        "POST",
        "action-items/{action_item}/ticket/",
        {**WORKED_ON, "contributor": 200, "administrator": 409, "contributor of Prod": 409},
    ),
    (
        "POST",
        "action-items/{action_item}/take-back/",
        {**WORKED_ON, **dict.fromkeys(WORKERS, 409)},
    ),
    (
        "POST",
        "webhooks/",
        {**CONTRIBUTED, "contributor": 201, "contributor of Prod": 201, "administrator": 201},
    ),
    ("PATCH", "webhooks/{webhook}/", OF_THE_OWNER),
    ("PUT", "webhooks/{webhook}/", OF_THE_OWNER),
    ("DELETE", "webhooks/{webhook}/", {**OF_THE_OWNER, "contributor": 204, "administrator": 404}),
    ("POST", "webhooks/{webhook}/rotate/", OF_THE_OWNER),
    ("POST", "webhooks/{webhook}/ping/", {**OF_THE_OWNER, **SENT}),
    ("POST", "webhooks/{webhook}/replay/", {**OF_THE_OWNER, **SENT}),
    ("POST", "webhook-messages/{message}/replay/", {**OF_THE_OWNER, **SENT}),
    *ticket_rows.CHANGED,
    ("PUT", "notification-settings/me/", LISTS),
    ("PUT", "notification-settings/{settings}/", {**OF_NOBODY, "contributor": 200}),
    ("PATCH", "notification-settings/{settings}/", {**OF_NOBODY, "contributor": 200}),
    ("PATCH", "notification-settings/{settings_of_team}/", {**OF_NOBODY, "administrator": 200}),
    ("POST", "notification-settings/{settings}/test/", {**OF_NOBODY, "contributor": 202}),
    ("POST", "notification-settings/{settings_of_team}/test/", {**OF_NOBODY, "administrator": 400}),
    ("POST", "notification-messages/{notification}/replay/", {**OF_NOBODY, "contributor": 202}),
]


def token_of(person):
    return token_issue(actor=None, user=person, name="t", days=1, now=timezone.now()).token


@pytest.fixture(autouse=True)
def keys(settings, client):
    """And what fails is told with the others of its table; why is in the log."""
    client.raise_request_exception = False
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    settings.EMAIL_HOST = "mail.example.com"


@pytest.fixture
def path(world):
    def of(template):
        lab, made = world.lab, {}
        if "webhook" in template:
            owner = world.person("contributor")
            endpoint, _ = endpoint_with(owner, world.ours)
            made["webhook"] = endpoint.uid
            ping = webhook_ping(actor=owner, endpoint=endpoint, now=timezone.now())
            made["message"] = ping.uid
        if "{scan_of_sandbox}" in template:
            selection = {"accounts": [world.sandbox.account_id]}
            made["scan_of_sandbox"] = lab.scan(facts={}, selection=selection).uid
        if "{running}" in template:
            made["running"] = lab.start().uid
        if "{failed}" in template:
            scan = lab.start()
            scan.shards.update(state="failed")
            scan.__class__.objects.filter(pk=scan.pk).update(state="failed", finished_at=lab.now)
            made["failed"] = scan.uid
        ours = world.ours
        parts = {
            "ours": lambda: ours,
            "shop": lambda: world.shop,
            "sandbox": lambda: world.sandbox,
            "scan": lambda: world.scan,
            "finding": world.finding,
            "finding_of_sandbox": lambda: world.finding(world.sandbox),
            "schedule": lambda: ScheduleFactory(organization=ours),
            "tool": lambda: DeclaredToolFactory(organization=ours, ends_on="2100-01-01"),
            "attestation": lambda: AttestationFactory(organization=ours, ends_at=FAR),
            "prod": lambda: world.prod,
            "dev": lambda: world.dev,
            "team": lambda: TeamFactory(organization=ours),
            "entry": lambda: audit_record(
                actor=None, action="x.y", target=ours, before={}, after={}, now=lab.now
            ),
            "token": lambda: token_of(world.person("contributor")),
            "suppression": lambda: _suppression(world),
            "asked": lambda: _suppression(world, is_approved=None, decided_at=None),
            "export": lambda: ExportFactory(organization=ours, asked_by=world.person("viewer")),
            "settings": lambda: subscriber_of_person(world.person("contributor")),
            "settings_of_team": lambda: subscriber_of_team(TeamFactory(organization=ours)),
            "notification": lambda: dead_message(world.person("contributor"), ours),
        }
        named = {name for _, name, _, _ in Formatter().parse(template) if name}
        made |= {name: parts[name]().uid for name in named & parts.keys()}
        made |= ticket_rows.parts_of(world, template)
        return template.format(**incident_parts(world, template), **made)

    return of


def _suppression(world, **fields):
    return SuppressionFactory(organization=world.ours, ends_at=FAR, **fields)


def incident_parts(world, template):
    """An incident of shop with a row of each noun, and one of shop and sandbox."""
    if not INCIDENT_PARTS.search(template):
        return {}
    ours, shop = world.ours, world.shop
    incident = IncidentFactory(organization=ours, accounts=[shop])
    both = IncidentFactory(organization=ours, accounts=[shop, world.sandbox])
    return {
        "incident": incident.uid,
        "incident_of_both": both.uid,
        "analysis": AnalysisFactory(incident=incident).uid,
        "learning": LearningFactory(incident=incident).uid,
        "action_item": ActionItemFactory(incident=incident, accounts=[shop]).uid,
    }


def test_every_endpoint_is_called_below():
    lists, details, actions = set(), set(), set()
    for prefix, viewset, _ in router.registry:
        lists.add(f"{prefix}/")
        if hasattr(viewset, "retrieve"):
            details.add(f"{prefix}/x/")
        actions |= {
            f"{prefix}/x/{a.url_path}/" if a.detail else f"{prefix}/{a.url_path}/"
            for a in viewset.get_extra_actions()
        }
    called = {_shape(template) for template, _ in READ} | {_shape(t) for _, t, _ in CHANGED}
    assert lists | details | actions == called | OF_THE_CATALOGUE


def _shape(template):
    return "/".join("x" if part.startswith("{") else part for part in template.split("/"))


def test_who_may_read(api, path, world):
    """A token that is limited to an OU reads what a viewer of the OU reads."""
    program = with_token(world.person("administrator"), ["read"], ous=[world.prod])
    found, told = {}, {}
    for template, answers in READ:
        with undone():
            where = path(template)
            found[template, "anonymous"] = is_asked_who_it_is(Caller(Client()).get(where))
            found[template, "program"] = program.get(where).status
            found |= {(template, who): api(who).get(where).status for who in EVERYBODY}
        told[template, "anonymous"] = True
        told[template, "program"] = answers["viewer of Prod"]
        told |= {(template, who): answer for who, answer in answers.items()}
    assert differing(found, told) == {}


def is_asked_who_it_is(answer):
    return (answer.status, answer.type, answer.headers.get("WWW-Authenticate")) == (
        401,
        "application/problem+json",
        'Bearer realm="Cairn"',
    )


def test_who_may_change(api, path, world):
    found, told = {}, {}
    for method, template, answers in CHANGED:
        asked = f"{method} {template}"
        with undone():
            where, body = path(template), body_of(method, template, world)
            anonymous = Caller(Client()).send(method, where, body)
            found[asked, "anonymous"] = is_asked_who_it_is(anonymous)
            for who in sorted(EVERYBODY, key=_last):
                found[asked, who] = api(who).send(method, where, body).status
        told[asked, "anonymous"] = True
        told |= {(asked, who): answer for who, answer in answers.items()}
    assert differing(found, told) == {}


def _last(who):
    """Those who succeed come last: afterwards there may be nothing left to change."""
    return (who == "administrator", who.startswith("contributor"))


def test_a_session_changes_nothing_without_the_secret_of_its_forms(world):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.person("contributor"))
    answer = Caller(client).post("scans/", {"organization": str(world.ours.uid)})
    assert answer.status == 403
    assert "CSRF" in answer.body["detail"]


def test_lists_hold_only_what_the_caller_sees(api, world):
    sees = {"viewer": {"sandbox", "shop"}, "viewer of Prod": {"shop"}, "stranger": {"foreign"}}
    for who, names in {**sees, "nobody": set()}.items():
        accounts = {account["account_id"]: account for account in api(who).get("accounts/").results}
        assert {account["name"] for account in accounts.values()} == names
        assert {f["account_id"] for f in api(who).get("findings/").results} == set(accounts)
    assert [o["name"] for o in api("viewer of Prod").get("organizations/").results] == ["Ours"]
