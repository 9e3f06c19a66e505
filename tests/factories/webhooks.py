from accounts.models import Organization
from findings.models import Episode, FindingEvent, WebhookEndpoint
from findings.services.events import events_append
from findings.services.webhooks import webhook_make
from tests.factories.accounts import NOW
from tests.factories.tickets import open_finding


def endpoint_with(owner, organization: Organization, **fields):
    """An endpoint as its owner makes it, and its secret."""
    given = {
        "name": "ours",
        "url": "https://hooks.example.com/cairn",
        "event_types": ["finding.opened", "finding.resolved", "ticket.changed", "scan.finished"],
    }
    endpoint = WebhookEndpoint(organization=organization, **(given | fields))
    return endpoint, webhook_make(actor=owner, endpoint=endpoint, now=NOW)


def finding_event(account, *, kind="opened", cause="newly_failing", at=NOW, **fields):
    """A finding that was opened or closed, and the event of it."""
    finding = open_finding(account=account, organization=account.organization, **fields)
    episode = Episode.objects.get(finding=finding)
    event = FindingEvent(finding=finding, episode=episode, kind=kind, cause=cause, at=at)
    events_append(organization_id=account.organization_id, events=[event])
    return finding
