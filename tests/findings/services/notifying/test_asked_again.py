"""Who may not hear it any more when it is sent does not."""

import pytest

from accounts.models import Grant
from accounts.roles import Role
from findings.models import (
    Notification,
    NotificationMessage,
)
from tests.factories.accounts import (
    NOW,
    AccountFactory,
    GrantFactory,
    UserFactory,
    person_with,
)
from tests.factories.notifications import followed, hears, team_hears
from tests.factories.webhooks import finding_event
from tests.findings.services.notifying.telling import OPENED, told

pytestmark = pytest.mark.django_db


def lose_the_role(person, team, shop):
    Grant.objects.filter(user=person).delete()


def leave_the_team(person, team, shop):
    team.members.clear()


def be_deactivated(person, team, shop):
    person.is_active = False
    person.save()


def lose_the_account(person, team, shop):
    shop.owner_team = None
    shop.save()


def want_it_no_more(person, team, shop):
    hears(person)


@pytest.mark.parametrize(
    "change",
    [
        lose_the_role,
        pytest.param(leave_the_team, marks=pytest.mark.one_database),
        pytest.param(be_deactivated, marks=pytest.mark.one_database),
        pytest.param(lose_the_account, marks=pytest.mark.one_database),
        want_it_no_more,
    ],
)
def test_who_may_not_or_will_not_hear_it_any_more_does_not(ours, person, team, shop, change):
    hears(person, OPENED)
    finding_event(shop)
    (message,) = followed(ours, NOW)
    change(person, team, shop)
    assert told(message) is None
    message.refresh_from_db()
    assert message.status == NotificationMessage.Status.WITHHELD
    assert set(Notification.objects.values_list("status", flat=True)) == {"withheld"}


def test_a_team_that_lost_an_account_hears_nothing_of_it(ours, team, shop):
    administrator = person_with(Role.ADMINISTRATOR, organization=ours)
    team_hears(administrator, team, OPENED)
    finding_event(shop)
    other = finding_event(AccountFactory(organization=ours, owner_team=team, name="other"))
    (message,) = followed(ours, NOW)
    lose_the_account(None, team, shop)
    letter = told(message)
    assert letter.total == 1
    assert other.account.account_id in letter.lines[0].text


def test_a_person_with_an_expired_grant_hears_nothing(ours, shop, team):
    person = UserFactory()
    team.members.add(person)
    grant = GrantFactory(user=person, organization=ours)
    hears(person, OPENED)
    finding_event(shop)
    (message,) = followed(ours, NOW)
    grant.expires_at = NOW
    grant.save()
    assert told(message) is None
