"""Who answers for an action item, and until when, is changed; what closes it is not."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from accounts.access import Denied
from accounts.models import AuditEntry
from accounts.roles import Role
from findings.models import IncidentEvent
from findings.services.action_item_changes import action_item_change
from findings.services.action_item_tickets import action_item_open_ticket
from tests.factories.accounts import (
    NOW,
    AccountFactory,
    OrganizationFactory,
    OuFactory,
    TeamFactory,
    person_with,
)
from tests.factories.incidents import ActionItemFactory, IncidentFactory
from tests.factories.notifications import followed, hears, notices, reachable

DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def ours():
    return OrganizationFactory()


@pytest.fixture
def person(ours):
    return person_with(Role.CONTRIBUTOR, organization=ours)


@pytest.fixture
def item(ours):
    account = AccountFactory(organization=ours, ou=OuFactory(organization=ours))
    incident = IncidentFactory(organization=ours, accounts=[account])
    return ActionItemFactory(
        incident=incident, accounts=[account], due_at=NOW + DAY, overdue_at=NOW
    )


def change(item, actor=None, **fields):
    for name, value in fields.items():
        setattr(item, name, value)
    return action_item_change(actor=actor, item=item, now=NOW)


def test_its_ticket_follows_and_who_has_it_now_is_told(settings, ours, person, item):
    reachable(settings)
    ticket = action_item_open_ticket(actor=None, item=item, now=NOW)
    hears(person, "action.assigned")
    followed(ours, NOW)
    team = item.owner_team
    change(item, title=" Let it\nlog ", owner=person, owner_team=None, due_at=NOW + 9 * DAY)
    item.refresh_from_db()
    ticket.refresh_from_db()
    assert (item.title, item.owner, item.owner_team) == ("Let it log", person, None)
    assert (item.state, item.check_id, item.overdue_at) == (
        "open",
        "cloudtrail_multi_region_logging",
        None,
    )
    assert (ticket.title, ticket.team, ticket.due_on) == (
        "Let it log",
        None,
        (NOW + 9 * DAY).date(),
    )
    assert ticket.closed_at is None
    assert len(followed(ours, NOW)) == 1
    assert notices() == ["action.assigned"]
    change(item, text="more words")
    followed(ours, NOW)
    assert notices() == ["action.assigned"]
    first = AuditEntry.objects.filter(action="action_item.change").earliest("pk")
    assert (first.before["owner_team"], first.after["owner"]) == (str(team), str(person))


def test_the_same_again_changes_nothing(item):
    before = item.changed_at
    assert change(item).changed_at == before
    assert not IncidentEvent.objects.exists()


def test_what_is_refused(ours, person, item):
    blind = person_with(Role.CONTRIBUTOR, ou=OuFactory(organization=ours), organization=ours)
    theirs = TeamFactory()
    for wrong in (
        {"owner": blind, "owner_team": None},
        {"owner": person},
        {"owner_team": None},
        {"owner_team": theirs},
        {"title": " "},
    ):
        fields = {"owner": None, "owner_team": item.owner_team, "title": item.title}
        with pytest.raises(ValidationError):
            change(type(item).objects.get(pk=item.pk), **(fields | wrong))
    for who in (blind, person_with(Role.VIEWER, organization=ours)):
        with pytest.raises(Denied):
            change(item, actor=who, title="mine")
    item.refresh_from_db()
    assert item.title == "Let the trail log"
