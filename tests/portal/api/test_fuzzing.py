"""Whatever the document permits, and much that it does not, is sent to the whole application.

Schemathesis makes the requests; they are the same in every run. Each is sent with a token that
reaches everything of Ours, and with one that is limited to Prod: its answers must not hold a
canary, a name or id of something that lies in Dev.
"""

from datetime import timedelta

import pytest
import schemathesis
from cryptography.fernet import Fernet
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.services.accounts import account_exclude, account_include
from accounts.services.audit import audit_record
from accounts.services.tokens import token_issue
from findings.models import Finding, InboundDelivery
from findings.services.connection_trials import trial_ask
from findings.services.subscribers import subscriber_of_team
from findings.services.tickets import ticket_comment, ticket_open
from findings.services.webhook_deliveries import webhook_ping
from tests.factories.accounts import TeamFactory
from tests.factories.findings import (
    AttestationFactory,
    DeclaredToolFactory,
    ExportFactory,
    FindingFactory,
    ScheduleFactory,
    ScoreSnapshotFactory,
    SuppressionFactory,
)
from tests.factories.incidents import (
    ActionItemFactory,
    AnalysisFactory,
    IncidentFactory,
    LearningFactory,
)
from tests.factories.notifications import dead_message
from tests.factories.tickets import ConnectionFactory, RouteFactory, open_finding
from tests.factories.webhooks import endpoint_with
from tests.portal.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
EXAMPLES = 4
MALFORMED = (400, 405, 415, 422, 428)
"""What is refused with these is so whoever asks: it is not asked again with the other token."""
CANARY = "zanzibar"
FAR = timezone.now() + timedelta(days=30)
SETTINGS = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def world(transactional_db, settings):
    settings.API_REQUESTS_A_MINUTE = 0
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    connection.close_at = None  # else each request opens its own
    return World()


@pytest.fixture
def canaries(world):
    """Makes everything that lies in Dev, or is of who sees all, recognizable; its names and ids."""
    world.dev.name = world.dev.path = f"{CANARY}-ou"
    world.dev.save()
    sandbox, now = world.sandbox, timezone.now()
    sandbox.name, sandbox.email = f"{CANARY}-account", f"{CANARY}@example.com"
    sandbox.tags = {CANARY: CANARY}
    sandbox.save()
    FindingFactory(account=sandbox, resource=f"{CANARY}-resource", message=CANARY)
    account_exclude(actor=None, account=sandbox, reason=CANARY, now=now)
    account_include(actor=None, account=sandbox, now=now)
    AttestationFactory(organization=world.ours, ou=world.dev, statement=CANARY, ends_at=FAR)
    DeclaredToolFactory(organization=world.ours, account=sandbox, name=CANARY, ends_on=FAR.date())
    ScoreSnapshotFactory(organization=world.ours, scope_name=CANARY)
    selection = {"accounts": [sandbox.account_id]}
    scan = world.lab.wait(days=1).scan(facts={}, selection=selection)
    audit_record(actor=None, action=CANARY, target=world.ours, before={}, after={}, now=now)
    found = Finding.objects.filter(account=sandbox)
    uids = [str(row.uid) for row in (world.dev, sandbox, scan, *found)]
    return [CANARY, sandbox.account_id, *uids]


@pytest.fixture
def known(world, canaries):
    """Things that the addresses of details are about: noun -> uids, of Prod and of Dev."""
    ours, now = world.ours, timezone.now()
    entry = audit_record(actor=None, action="x.y", target=ours, before={}, after={}, now=now)
    tools = [DeclaredToolFactory(organization=ours, ends_on=FAR.date())]
    attestation = AttestationFactory(organization=ours, ends_at=FAR)
    spare = issue(world, name="spare")
    found = {
        "organizations": [ours],
        "ous": [world.prod, world.dev],
        "teams": [TeamFactory(organization=ours)],
        "accounts": [world.shop, world.sandbox],
        "scans": [world.scan, *ours.scans.all()],
        "schedules": [ScheduleFactory(organization=ours)],
        "tools": tools,
        "attestations": [attestation],
        "findings": [world.finding(), *Finding.objects.filter(account=world.sandbox)],
        "audit": [entry],
        "tokens": [spare.token],
        "suppressions": [SuppressionFactory(organization=ours, ends_at=FAR)],
        "exports": [ExportFactory(organization=ours, asked_by=spare.token.user)],
        **nouns_of_incidents(world),
        **nouns_of_webhooks(world),
        **nouns_of_tickets(world),
        **nouns_of_notifications(world),
    }
    return {noun: [str(row.uid) for row in rows] for noun, rows in found.items()}


def nouns_of_incidents(world):
    """An incident that those of Prod see, and one that they do not."""
    ours = world.ours
    seen, hidden = (
        IncidentFactory(organization=ours, accounts=[account], title=title)
        for account, title in ((world.shop, "Lost"), (world.sandbox, CANARY))
    )
    both = (seen, hidden)
    return {
        "incidents": both,
        "analyses": [AnalysisFactory(incident=incident) for incident in both],
        "learnings": [LearningFactory(incident=incident) for incident in both],
        "action-items": [
            ActionItemFactory(incident=incident, accounts=incident.accounts.all())
            for incident in both
        ],
    }


def nouns_of_webhooks(world):
    """Of who sees everything: a limited token sees none of it."""
    endpoint, _ = endpoint_with(world.person("administrator"), world.ours, name=CANARY)
    ping = webhook_ping(actor=endpoint.owner, endpoint=endpoint, now=timezone.now())
    return {"webhooks": [endpoint], "webhook-messages": [ping]}


def nouns_of_tickets(world):
    """A ticket that those of Prod see a part of, in a tracker that sent something, and a hidden."""
    now = timezone.now()
    tracker = ConnectionFactory(organization=world.ours, health_message=CANARY)
    hidden, other = (open_finding(account=world.sandbox, resource=CANARY, region=r) for r in "ab")
    findings = [world.finding(), hidden]
    words = {"title": CANARY, "note": CANARY}
    both = ticket_open(actor=None, findings=findings, connection=tracker, now=now, **words)
    ticket_comment(actor=None, ticket=both, body=CANARY, now=now)
    unseen = ticket_open(actor=None, findings=[other], now=now)
    delivery = InboundDelivery.objects.create(
        connection=tracker, delivery_id=CANARY, body_sha256="0" * 64, received_at=now
    )
    route = RouteFactory(organization=world.ours, name=CANARY, connection=tracker)
    trial = trial_ask(actor=None, connection=tracker, ticket=unseen, now=now)
    return {
        "tickets": [both, unseen],
        "outbox": [both],
        "inbound-deliveries": [delivery],
        "connections": [tracker, unseen.connection],
        "connection-trials": [trial],
        "routes": [route],
    }


def nouns_of_notifications(world):
    """Of who sees everything, and of a team: a limited token sees none of it."""
    team = TeamFactory(organization=world.ours)
    message = dead_message(world.person("administrator"), world.ours)
    return {
        "notification-settings": [message.subscriber, subscriber_of_team(team)],
        "notification-messages": [message],
    }


def issue(world, **fields):
    person = world.person("administrator")
    told = {"name": "fuzz", "days": 1, **fields}
    return token_issue(actor=None, user=person, now=timezone.now(), **told)


def document():
    generation = GenerationConfig(modes=list(GenerationMode))
    config = SchemathesisConfig(
        projects=ProjectsConfig(default=ProjectConfig(generation=generation))
    )
    application = get_wsgi_application()
    return schemathesis.openapi.from_wsgi("/api/v1/schema", application, config=config)


def test_no_request_fails_in_cairn_or_is_answered_otherwise_than_told(world, known, canaries):
    everything = {"Authorization": f"Bearer {issue(world).plaintext}"}
    limited = {"Authorization": f"Bearer {issue(world, ous=[world.prod]).plaintext}"}
    tried, failures = [], []

    def run(operation):
        noun = operation.path.split("/")[3]

        @SETTINGS
        @given(case=operation.as_strategy(), number=st.integers(0, 7))
        def send(case, number):
            if "uid" in (case.path_parameters or {}) and number:
                uids = known[noun]
                case.path_parameters["uid"] = uids[number % len(uids)]
            for headers in (limited, everything):
                response = case.call(headers=headers)
                case.validate_response(response, checks=CHECKS)
                tried.append((operation.label, response.status_code))
                if headers is limited:
                    assert_tells_nothing(response, canaries)
                if response.status_code in MALFORMED:
                    break

        try:
            send()
        except (FailureGroup, AssertionError) as failure:
            failures.append(f"{operation.label}: {_told(failure)}")

    for found in document().get_all_operations():
        run(found.ok())
    assert not failures, "\n\n".join(failures)
    operations = {label for label, _ in tried}
    succeeded = {label for label, status in tried if status < 400}
    assert len(operations) > 40
    assert len(succeeded) > len(operations) / 2, operations - succeeded


def _told(failure):
    parts = getattr(failure, "exceptions", [failure])
    return "\n".join(f"{type(part).__name__} {part}"[:600] for part in parts)


def assert_tells_nothing(response, canaries):
    sent = f"{response.request.url} {response.request.body or ''} {dict(response.request.headers)}"
    told = f"{response.text} {dict(response.headers)}"
    assert not [text for text in canaries if text in told and text not in sent]
