import datetime as dt

import pytest
from cryptography.fernet import Fernet

from accounts.roles import Role
from findings.models import WebhookDelivery, WebhookMessage
from findings.services.retention import retention_sweep
from findings.services.webhook_deliveries import webhook_ping
from findings.services.webhook_feed import webhooks_follow
from tests.factories.accounts import NOW, OrganizationFactory, person_with
from tests.factories.findings import ScanFactory
from tests.factories.webhooks import endpoint_with

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
Status = WebhookMessage.Status


@pytest.fixture
def endpoint(settings):
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    organization = OrganizationFactory()
    return endpoint_with(person_with(Role.ADMINISTRATOR, organization=organization), organization)[
        0
    ]


def message_for(endpoint, status, **fields):
    made = webhook_ping(actor=endpoint.owner, endpoint=endpoint, now=NOW)
    WebhookDelivery.objects.create(message=made, attempt=1, at=NOW, milliseconds=1)
    WebhookMessage.objects.filter(pk=made.pk).update(status=status, **fields)
    return made


def test_what_arrived_goes_after_its_days_and_what_did_not_stays(endpoint):
    for status in Status:
        message_for(endpoint, status)
    kept = {"webhook": 90}
    assert retention_sweep(days=kept, now=NOW + 90 * DAY) == {"webhook": 0}
    assert retention_sweep(days={"webhook": 0}, now=NOW + 900 * DAY) == {}
    assert retention_sweep(days=kept, now=NOW + 91 * DAY) == {"webhook": 2}
    left = set(WebhookMessage.objects.values_list("status", flat=True))
    assert left == {Status.WAITING, Status.DEAD}
    assert WebhookDelivery.objects.count() == 2


def test_what_was_sent_again_lately_is_kept_from_then_on(endpoint):
    message_for(endpoint, Status.DELIVERED, not_before=NOW + 80 * DAY)
    assert retention_sweep(days={"webhook": 90}, now=NOW + 91 * DAY) == {"webhook": 0}
    assert retention_sweep(days={"webhook": 90}, now=NOW + 171 * DAY) == {"webhook": 1}


def test_a_scan_is_not_told_of_again_however_short_they_are_kept(endpoint):
    organization = endpoint.organization
    ScanFactory(organization=organization, finished_at=NOW)
    for days in (0, 2, 4, 8):
        now = NOW + days * DAY
        webhooks_follow(organization=organization, now=now)
        WebhookMessage.objects.update(status=Status.DELIVERED)
        retention_sweep(days={"webhook": 1}, now=now)
        assert WebhookMessage.objects.count() == (1 if days < 8 else 0)
