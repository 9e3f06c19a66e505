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
