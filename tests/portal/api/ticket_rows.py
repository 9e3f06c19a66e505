"""Who gets what of tickets and what belongs to them, for the tables of test_access and others."""

import re

from django.utils import timezone

from findings.models import ConnectionTrial, InboundDelivery
from findings.services.connections import board_of
from findings.services.tickets import ticket_open
from tests.factories.tickets import ConnectionFactory, RouteFactory
from tests.portal.world import EVERYBODY

LISTS = dict.fromkeys(EVERYBODY, 200)
NOT_THERE = {"stranger": 404, "nobody": 404}
OF_SHOP = {**LISTS, **NOT_THERE}
OF_SANDBOX = {**OF_SHOP, "viewer of Prod": 404, "contributor of Prod": 404}
OF_ADMINISTRATORS = {**dict.fromkeys(EVERYBODY, 404), "administrator": 200}
WORKERS = ("contributor", "contributor of Prod", "administrator")
DENIED = {**dict.fromkeys(EVERYBODY, 403), **NOT_THERE}
WITHOUT_A_VERSION = {**dict.fromkeys(EVERYBODY, 428), **NOT_THERE}
OF_WHOLES = {**OF_SANDBOX}
"""Of what belongs to an organization as a whole."""
ADMINISTERED = {**DENIED, "administrator": 200}
OF_ROUTES = {**OF_WHOLES, "viewer": 403, "contributor": 403}
PARTS = re.compile("{(ticket|queued|delivery|connection|unused|trial|route)")

READ = [
    ("tickets/", LISTS),
    ("tickets/drift/", LISTS),
    ("tickets/{ticket}/", OF_SHOP),
    ("tickets/{ticket}/comments/", OF_SHOP),
    ("tickets/{ticket}/log/", OF_SHOP),
    ("tickets/{ticket_of_sandbox}/", OF_SANDBOX),
    ("tickets/{ticket_of_sandbox}/comments/", OF_SANDBOX),
    ("tickets/{ticket_of_sandbox}/log/", OF_SANDBOX),
    ("outbox/", LISTS),
    ("outbox/{queued}/", OF_SANDBOX),
    ("inbound-deliveries/", LISTS),
    ("inbound-deliveries/{delivery}/", OF_ADMINISTRATORS),
    ("connections/", LISTS),
    ("connections/{connection}/", OF_SHOP),
    ("connection-trials/", LISTS),
    ("connection-trials/{trial}/", OF_ADMINISTRATORS),
    ("routes/", LISTS),
    ("routes/{route}/", OF_WHOLES),
    ("routes/{route}/suggestions/", OF_WHOLES),
]
UNSEEN = {"stranger": 400, "nobody": 400}
"""What a body names and the caller does not see is not there."""
CHANGED = [
    (
        "POST",
        "tickets/",  # what the first has opened, the next cannot
        {**DENIED, **UNSEEN, **dict.fromkeys(WORKERS, 409), "contributor": 201},
    ),
    (
        "POST",
        "tickets/upsert/",
        {**DENIED, **UNSEEN, **dict.fromkeys(WORKERS, 200), "contributor": 201},
    ),
    ("POST", "tickets/bulk_upsert/", dict.fromkeys(EVERYBODY, 207)),
    ("POST", "tickets/bulk_move/", dict.fromkeys(EVERYBODY, 207)),
    ("PATCH", "tickets/{ticket}/", WITHOUT_A_VERSION),
    *(
        ("POST", f"tickets/{{ticket}}/{act}/", WITHOUT_A_VERSION)
        for act in ("findings", "move", "return", "link", "resolve")
    ),
    ("POST", "tickets/{ticket}/comments/", {**DENIED, **dict.fromkeys(WORKERS, 201)}),
    ("POST", "tickets/{ticket}/report/", {**DENIED, **dict.fromkeys(WORKERS, 200)}),
    (
        "POST",
        "tickets/{ticket_of_sandbox}/report/",
        {**OF_SANDBOX, "viewer": 403},
    ),
    (
        "POST",
        "outbox/{queued}/replay/",
        {**OF_SANDBOX, "viewer": 403, "contributor": 202, "administrator": 202},
    ),
    ("POST", "connections/", {**ADMINISTERED, "administrator": 201}),
    ("PATCH", "connections/{connection}/", ADMINISTERED),
    ("DELETE", "connections/{unused}/", {**ADMINISTERED, "administrator": 204}),
    ("POST", "connections/{connection}/rotate/", ADMINISTERED),
    ("POST", "connections/{unused}/try/", {**ADMINISTERED, "administrator": 202}),
    ("POST", "routes/", {**DENIED, "administrator": 201}),
    ("PATCH", "routes/{route}/", OF_ROUTES),
    ("DELETE", "routes/{route}/", {**OF_ROUTES, "administrator": 204}),
    ("POST", "routes/{route}/simulate/", OF_ROUTES),
    ("POST", "routes/{route}/release/", OF_ROUTES),
    *(
        (
            "POST",
            f"routes/{{route}}/{act}/",
            {who: 207 if code == 200 else code for who, code in OF_WHOLES.items()},
        )
        for act in ("accept", "dismiss", "restore")
    ),
    ("POST", "routes/simulate/", ADMINISTERED),
    ("POST", "routes/order/", ADMINISTERED),
]


def parts_of(world, template):
    """A ticket of shop on the board; one of sandbox in a tracker, which sent something."""
    if not PARTS.search(template):
        return {}
    now = world.lab.now
    tracker = ConnectionFactory(organization=world.ours)
    ticket = ticket_open(actor=None, findings=[world.finding()], now=now)
    findings, board = [world.finding(world.sandbox)], template.endswith("report/")
    hidden = ticket_open(
        actor=None, findings=findings, connection=None if board else tracker, now=now
    )
    delivery = InboundDelivery.objects.create(
        connection=tracker, delivery_id="1", body_sha256="0" * 64, received_at=timezone.now()
    )
    route = RouteFactory(organization=world.ours, connection=tracker)
    return {
        "connection": tracker.uid,
        "unused": ConnectionFactory(organization=world.ours).uid,
        "route": route.uid,
        "trial": ConnectionTrial.objects.create(connection=tracker, asked_at=now).uid,
        "ticket": ticket.uid,
        "ticket_of_sandbox": hidden.uid,
        "queued": hidden.uid,
        "delivery": delivery.uid,
    }


def body_of(method, template, world):
    """None where it is none of these."""
    ours = str(world.ours.uid)
    if template.startswith("connections/"):
        return _of_connections(method, template, ours)
    if template.startswith("routes/"):
        return _of_routes(method, template, world, ours)
    findings = [str(world.finding().uid)]
    if template == "tickets/":
        return {"findings": findings}
    if template in ("tickets/upsert/", "tickets/bulk_upsert/"):
        found = world.ours.connections.filter(kind="api").first()
        tracker = found or ConnectionFactory(organization=world.ours, kind="api", base_url="")
        issue = {"connection": str(tracker.uid), "external_id": "77", "findings": findings}
        return {"items": [issue]} if "bulk" in template else issue
    if template == "tickets/bulk_move/":
        return {"items": [{}]}
    if template.endswith("}/comments/"):
        return {"body": "On it."}
    if template.endswith("}/report/"):
        return {"assignee": "jo"}
    return None


def _of_connections(method, template, ours):
    if template == "connections/":
        return {"organization": ours, "name": "other", "kind": "api"}
    return {"name": "renamed"} if method == "PATCH" else {}


def _of_routes(method, template, world, ours):
    if template == "routes/order/":
        return {"organization": ours, "routes": []}
    if template in ("routes/", "routes/simulate/"):
        connection = board_of(world.ours)
        return {"organization": ours, "name": "other", "connection": str(connection.uid)}
    if template.endswith(("/accept/", "/dismiss/", "/restore/")):
        return {"items": [{"key": "check:x:team:-"}]}
    if template.endswith("/release/"):
        return {"opens": False}
    return {"name": "renamed"} if method == "PATCH" else {}
