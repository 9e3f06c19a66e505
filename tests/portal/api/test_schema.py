"""The OpenAPI document against the running endpoints."""

import io
import json
import re
from contextlib import redirect_stderr
from functools import partial

import jsonschema
import pytest
import yaml
from django.contrib.staticfiles import finders
from django.utils import timezone
from drf_spectacular.drainage import reset_generator_stats
from drf_spectacular.generators import SchemaGenerator
from openapi_spec_validator import validate
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from accounts.services.tokens import token_issue
from findings.checks.base import built_in
from findings.facts.base import Gap, GapReason
from findings.models import Ticket
from findings.services.analyses import analysis_begin
from findings.services.foresight import foresight_propose
from tests.factories.accounts import TeamFactory
from tests.factories.findings import (
    AttestationFactory,
    DeclaredToolFactory,
    ExportFactory,
    ScheduleFactory,
    ScoreSnapshotFactory,
    SuppressedFindingFactory,
)
from tests.factories.incidents import (
    ActionItemFactory,
    FactorFactory,
    IncidentFactory,
    LearningFactory,
    TimelineEntryFactory,
)
from tests.factories.notifications import dead_message
from tests.factories.tickets import open_finding, ticket_of_everything
from tests.findings.checks.builders_cloudtrail import trail
from tests.findings.services.lab import DAY, NOW
from tests.portal.api.conftest import told
from tests.portal.world import CHECK

pytestmark = pytest.mark.one_database

BEFORE = NOW + DAY / 2
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def generated():
    """The document, and what its generator warned of."""
    warned = io.StringIO()
    reset_generator_stats()  # it says each thing once
    with redirect_stderr(warned):
        return SchemaGenerator().get_schema(request=None, public=True), warned.getvalue()


@pytest.fixture(scope="module")
def schema(generated):
    return generated[0]


@pytest.fixture(scope="module")
def told_of(schema):
    """An address -> the validator of its answers; the document is read once for all of them."""
    document = Registry().with_resource("urn:document", DRAFT202012.create_resource(schema))
    part = "get/responses/200/content/application~1json/schema"

    def validator(template):
        pointer = f"urn:document#/paths/{template.replace('/', '~1')}/{part}"
        return jsonschema.Draft202012Validator({"$ref": pointer}, registry=document)

    return validator


@pytest.fixture(scope="module")
def things(world_of_module, django_db_blocker):
    """Name in the addresses below -> uid; all are made once, and no list is empty."""
    with django_db_blocker.unblock():
        return things_of(world_of_module)


def test_it_is_made_without_a_warning(generated):
    assert generated[1] == ""


def test_it_is_a_valid_document(schema):
    validate(schema)


def test_it_lists_every_address_with_who_may_call_it(schema):
    assert {path.split("/")[3] for path in schema["paths"]} == {
        "accounts",
        "action-items",
        "analyses",
        "attestations",
        "audit",
        "checks",
        "connection-trials",
        "connections",
        "dora",
        "events",
        "exports",
        "findings",
        "inbound-deliveries",
        "incidents",
        "learnings",
        "notification-messages",
        "notification-settings",
        "organizations",
        "ous",
        "outbox",
        "practices",
        "routes",
        "scans",
        "schedules",
        "scorecards",
        "teams",
        "tickets",
        "tokens",
        "suppressions",
        "tools",
        "webhook-messages",
        "webhooks",
    }
    security = schema["components"]["securitySchemes"]
    assert security["token"] == {"type": "http", "scheme": "bearer"}
    for path, operations in schema["paths"].items():
        for method in METHODS & set(operations):
            assert {"token": []} in operations[method]["security"], (method, path)


ANSWERED = [
    ("organizations/", "organizations/"),
    ("accounts/", "accounts/"),
    ("findings/", "findings/"),
    ("scans/", "scans/"),
    ("schedules/", "schedules/"),
    ("scans/{scan}/", "scans/{uid}/"),
    ("scans/{scan}/shards/", "scans/{uid}/shards/"),
    ("scans/{denied}/gaps/", "scans/{uid}/gaps/"),
    ("scans/{scan}/difference/", "scans/{uid}/difference/"),
    ("findings/{finding}/", "findings/{uid}/"),
    ("findings/{finding}/evidence/", "findings/{uid}/evidence/"),
    ("accounts/{account}/", "accounts/{uid}/"),
    ("schedules/{schedule}/", "schedules/{uid}/"),
    ("checks/cloudtrail_multi_region_logging/", "checks/{id}/"),
    ("tools/", "tools/"),
    ("tools/{tool}/", "tools/{uid}/"),
    ("scorecards/", "scorecards/"),
    ("dora/", "dora/"),
    ("attestations/", "attestations/"),
    ("suppressions/", "suppressions/"),
    ("suppressions/{suppression}/", "suppressions/{uid}/"),
    ("attestations/{attestation}/", "attestations/{uid}/"),
    ("events/", "events/"),
    ("ous/", "ous/"),
    ("ous/{ou}/", "ous/{uid}/"),
    ("teams/", "teams/"),
    ("audit/", "audit/"),
    ("tokens/", "tokens/"),
    ("exports/", "exports/"),
    ("exports/{export}/", "exports/{uid}/"),
    ("incidents/", "incidents/"),
    ("incidents/{incident}/", "incidents/{uid}/"),
    ("incidents/{incident}/timeline/", "incidents/{uid}/timeline/"),
    ("incidents/{incident}/factors/", "incidents/{uid}/factors/"),
    ("incidents/{incident}/foresight/", "incidents/{uid}/foresight/"),
    ("incidents/{incident}/open-then/", "incidents/{uid}/open-then/"),
    ("analyses/{analysis}/", "analyses/{uid}/"),
    ("analyses/{analysis}/versions/", "analyses/{uid}/versions/"),
    ("learnings/", "learnings/"),
    ("action-items/", "action-items/"),
    ("tickets/", "tickets/"),
    ("tickets/drift/", "tickets/drift/"),
    ("tickets/{ticket}/", "tickets/{uid}/"),
    ("tickets/{ticket}/comments/", "tickets/{uid}/comments/"),
    ("tickets/{ticket}/log/", "tickets/{uid}/log/"),
    ("outbox/", "outbox/"),
    ("outbox/{ticket}/", "outbox/{uid}/"),
    ("inbound-deliveries/", "inbound-deliveries/"),
    ("connections/", "connections/"),
    ("connection-trials/", "connection-trials/"),
    ("routes/", "routes/"),
    ("notification-settings/", "notification-settings/"),
    ("notification-settings/me/", "notification-settings/me/"),
    ("notification-messages/", "notification-messages/"),
]


def test_what_is_answered_is_what_it_says(client, world, things, told_of):
    client.force_login(world.person("administrator"))
    wrong = {}
    for path, template in ANSWERED:
        answer = told(client.get(f"/api/v1/{path.format(**things)}"))
        held = answer.body["results"] if "results" in answer.body else answer.body  # noqa: SIM401
        validator = told_of(f"/api/v1/{template}")
        if answer.status != 200 or not held:  # an empty list proves nothing
            wrong[path] = (answer.status, answer.body)
        elif errors := [str(error) for error in validator.iter_errors(answer.body)]:
            wrong[path] = errors
    assert wrong == {}


def test_every_operation_says_what_its_errors_look_like_and_which_headers_it_reads(schema):
    """And nothing of OpenAPI 3.0 is left: there null is no type."""
    assert schema["openapi"] == "3.1.0"
    assert "nullable" not in str(schema)
    for path, operations in schema["paths"].items():
        for method in METHODS & set(operations):
            told = operations[method]
            for codes in ("4XX", "5XX"):
                (content,) = told["responses"][codes]["content"].items()
                assert content[0] == "application/problem+json"
            headers = {p["name"] for p in told.get("parameters", ()) if p["in"] == "header"}
            assert ("Idempotency-Key" in headers) == (method == "post"), (method, path)
            is_change_of_one = method != "get" and "{uid}" in path
            assert ("If-Match" in headers) == is_change_of_one, (method, path)


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("/api/v1/schema", partial(yaml.load, Loader=yaml.CSafeLoader)),
        ("/api/v1/schema/?format=json", json.loads),
    ],
)
def test_it_is_found_without_a_slash_and_as_json(client, db, schema, path, read):
    answer = client.get(path)
    assert answer.status_code == 200
    assert read(answer.content) == json.loads(json.dumps(schema))


def test_the_page_that_shows_it_needs_no_other_host(client, world):
    assert client.get("/api/v1/docs/").status_code == 302
    client.force_login(world.person("nobody"))
    page = client.get("/api/v1/docs/")
    assert page.status_code == 200
    addresses = re.findall(r'(?:src|href|data-schema)="([^"]+)"', page.content.decode())
    assert "/api/v1/schema/?format=json" in addresses
    assert all(address.startswith(("/", "#")) for address in addresses)
    for script in (address for address in addresses if address.endswith((".js", ".css"))):
        assert finders.find(script.removeprefix("/static/")), script


def things_of(world):
    denied = Gap(kind="cloudtrail.trail", reason=GapReason.ACCESS_DENIED)
    scan = world.lab.scan(facts={"cloudtrail.trail": denied})
    world.lab.wait(days=1).scan(facts={"cloudtrail.trail": (trail(),)})
    person = world.person("administrator")
    finding = world.finding()
    covered = SuppressedFindingFactory(finding=finding, episode=finding.episodes.first())
    export = ExportFactory(organization=world.ours, asked_by=person, filters={"state": "all"})
    schedule = ScheduleFactory(organization=world.ours, selection={"rows": ["O2"]})
    ScoreSnapshotFactory(organization=world.ours)
    TeamFactory(organization=world.ours)
    token_issue(actor=person, user=person, name="t", days=1, now=timezone.now())
    dead_message(person, world.ours)
    return {
        "scan": world.scan.uid,
        "denied": scan.uid,
        "finding": finding.uid,
        "account": world.shop.uid,
        "schedule": schedule.uid,
        "tool": DeclaredToolFactory(organization=world.ours).uid,
        "attestation": AttestationFactory(organization=world.ours).uid,
        "ou": world.prod.uid,
        "suppression": covered.suppression.uid,
        "export": export.uid,
        **incident_with_all_parts(world),
        "ticket": ticket_of_finding(open_finding(account=world.shop)).uid,
    }


def ticket_of_finding(finding):
    """One with everything around it, which drifts."""
    ticket = ticket_of_everything(finding)
    Ticket.objects.filter(pk=ticket.pk).update(blocked_reason="a field is required", due_on=NOW)
    return ticket


def incident_with_all_parts(world):
    incident = IncidentFactory(
        organization=world.ours, accounts=[world.shop], checks=[CHECK], started_at=BEFORE
    )
    TimelineEntryFactory(incident=incident)
    FactorFactory(incident=incident)
    learning = LearningFactory(incident=incident)
    ActionItemFactory(incident=incident, learning=learning, accounts=[world.shop])
    foresight_propose(actor=None, incident=incident, registry=built_in(), now=world.lab.now)
    analysis = analysis_begin(actor=None, incident=incident, template="light", now=world.lab.now)
    return {"incident": incident.uid, "analysis": analysis.uid}
