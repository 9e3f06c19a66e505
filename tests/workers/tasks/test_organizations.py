import logging

import pytest

from tests.factories.accounts import OrganizationFactory, person_with
from tests.factories.webhooks import endpoint_with
from workers.tasks import (
    deliveries,
    incidents,
    notifications,
    scorecards,
    suppressions,
    tickets,
    webhooks,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("module", "task", "service", "what"),
    [
        (deliveries, "record_all", "deliveries_record", "deliveries"),
        (incidents, "follow_guards", "tickets_follow", "tickets of action items"),
        (notifications, "tick", "notifications_follow", "notifications"),
        (scorecards, "snapshot_all", "scorecards_snapshot", "scorecards"),
        (suppressions, "follow", "suppressions_follow", "suppressions"),
        (suppressions, "renew", "suppressions_renew", "suppressions"),
        (tickets, "follow", "findings_follow", "tickets"),
        (webhooks, "tick", "webhooks_follow", "webhooks"),
    ],
)
def test_the_failure_of_one_organization_is_none_of_the_others(
    monkeypatch, caplog, settings, module, task, service, what
):
    settings.CREDENTIAL_KEYS = ["MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="]
    broken, other = OrganizationFactory(), OrganizationFactory()
    for organization in (broken, other):
        endpoint_with(person_with("contributor", organization=organization), organization)
    asked = []

    def follow(*, organization, **_):
        asked.append(organization)
        if organization == broken:
            raise RuntimeError("broken")
        return 0

    monkeypatch.setattr(module, service, follow)
    with caplog.at_level(logging.ERROR):
        getattr(module, task)()
    assert set(asked) == {broken, other}
    assert [record.getMessage() for record in caplog.records] == [f"{what} of {broken}"]
