"""What is sent to endpoints that change something, good enough for who may."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from tests.portal.api import ticket_rows

TOOL = {
    "kind": "tracing",
    "name": "Datadog",
    "owner": "administrator",
    "reason": "traced there",
    "ends_on": (timezone.now() + timedelta(days=30)).date().isoformat(),
}
ATTESTATION = {
    "best_practice": "OPS01-BP01",
    "statement": "asked every quarter",
    "owner": "administrator",
    "ends_at": (timezone.now() + timedelta(days=30)).isoformat(),
}
BODIES = {
    "move": {"to": "fix_claimed"},
    "comment": {"note": "seen"},
    "exclude": {"reason": "being closed"},
}
SUPPRESSION = {
    "kind": "accepted_risk",
    "check_id": "cloudtrail_multi_region_logging",
    "maximum": 10,
    "reason": "another trail logs",
    "ends_at": (timezone.now() + timedelta(days=20)).isoformat(),
}
INCIDENT = {"title": "Lost", "severity": "low", "started_at": "2026-01-01T00:00:00Z"}
INCIDENT_BODIES = {
    "/timeline/": {"at": "2026-01-01T00:00:00Z", "text": "it rang"},
    "/factors/": {"kind": "change", "text": "a release"},
}
WEBHOOK = {
    "name": "other",
    "url": "https://hooks.example.com/",
    "event_types": ["finding.opened"],
}
FAR = datetime(2100, 1, 1, tzinfo=UTC)
SCHEDULE = {"name": "other", "cron": "0 4 * * *"}


def body_of(method, template, world):
    if (given := ticket_rows.body_of(method, template, world)) is not None:
        return given
    if template.startswith("notification-settings/"):
        return {"channel": "email"} if method == "POST" else {"matrix": {}}
    if template == "scans/":
        return {"organization": str(world.ours.uid)}
    if template == "webhooks/" or (template.startswith("webhooks/") and method == "PUT"):
        return {**WEBHOOK, "organization": str(world.ours.uid)}
    if template.endswith("{webhook}/replay/"):
        return {"since": FAR.isoformat()}
    if template.startswith("webhooks/") and method == "PATCH":
        return {"name": "renamed"}
    if template == "schedules/" or method == "PUT":
        return {**SCHEDULE, "organization": str(world.ours.uid)}
    if template == "tools/":
        return {**TOOL, "organization": str(world.ours.uid)}
    if template == "attestations/":
        return {**ATTESTATION, "organization": str(world.ours.uid)}
    if template == "tokens/":
        return {"name": "sync", "days": 30, "scopes": ["read"]}
    if template == "findings/bulk_move/":
        return {"items": [{"finding": str(world.finding().uid), "to": "triaged"}]}
    if template in ("suppressions/", "suppressions/preview/"):
        return {**SUPPRESSION, "organization": str(world.ours.uid)}
    if template == "exports/":
        return {"organization": str(world.ours.uid), "kind": "findings", "format": "csv"}
    if template == "action-items/{action_item}/":
        return {"title": "renamed"}
    if template == "incidents/":
        return {**INCIDENT, "organization": str(world.ours.uid)}
    for part, body in INCIDENT_BODIES.items():
        if template.endswith(part):
            return body
    if method == "PATCH":
        return {"cron": "0 5 * * *"}
    return BODIES.get(template.rstrip("/").rpartition("/")[2], {})
