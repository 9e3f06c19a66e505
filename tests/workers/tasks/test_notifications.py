import logging

import pytest

from accounts.roles import Role
from findings.models import NotificationMessage
from tests.factories.accounts import AccountFactory, OrganizationFactory, TeamFactory, person_with
from tests.factories.notifications import hears, reachable
from tests.factories.webhooks import finding_event
from workers.tasks import notifications

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent_tasks(monkeypatch):
    """What would go to the broker."""
    sent = []
    monkeypatch.setattr(
        notifications.send, "apply_async", lambda arguments, **_: sent.append(*arguments)
    )
    return sent


def test_what_happened_is_told_at_the_next_tick(settings, mailoutbox, sent_tasks):
    reachable(settings)
    ours = OrganizationFactory()
    person = person_with(Role.VIEWER, organization=ours)
    team = TeamFactory(organization=ours, members=[person])
    hears(person, "finding.opened")
    finding_event(AccountFactory(organization=ours, owner_team=team))
    notifications.tick()
    message = NotificationMessage.objects.get()
    assert sent_tasks == [message.pk]
    for message_id in sent_tasks:
        notifications.send(message_id)
    assert [mail.to for mail in mailoutbox] == [[person.email]]
    sent_tasks.clear()
    notifications.tick()
    assert sent_tasks == []


def test_the_failure_of_one_organization_is_none_of_the_others(monkeypatch, caplog, sent_tasks):
    broken, other = OrganizationFactory(), OrganizationFactory()
    asked = []

    def service(*, organization, **_):
        asked.append(organization)
        if organization == broken:
            raise RuntimeError("broken")

    monkeypatch.setattr(notifications, "notifications_follow", service)
    with caplog.at_level(logging.ERROR):
        notifications.tick()
    assert set(asked) == {broken, other}
    assert [record.getMessage() for record in caplog.records] == [f"notifications of {broken}"]
