"""Whom a notice concerns."""

import pytest

from accounts.roles import Role
from findings.models import (
    Alert,
    Finding,
    Notification,
    NotificationFeed,
    Scan,
    SuppressionEvent,
)
from findings.services.alerts import alert_raise
from findings.services.incident_access import incident_event_append
from findings.services.suppression_events import cursor_lock, suppression_events_append
from tests.factories.accounts import (
    NOW,
    OrganizationFactory,
    UserFactory,
    person_with,
)
from tests.factories.findings import ScanFactory, SuppressionFactory
from tests.factories.incidents import IncidentFactory
from tests.factories.notifications import followed, hears, notices, team_hears
from tests.factories.tickets import ConnectionFactory, TicketFactory, TicketFindingFactory
from tests.factories.webhooks import finding_event
from tests.findings.services.notifying.telling import DAY, OPENED, recipients, told

pytestmark = pytest.mark.django_db


def test_people_hear_of_what_their_teams_own_unless_they_want_all(ours, person, shop, sandbox):
    other = person_with(Role.VIEWER, organization=ours)
    wide = person_with(Role.VIEWER, organization=ours)
    for who in (person, other):
        hears(who, OPENED)
    hears(wide, OPENED, covers="seen")
    finding_event(shop)
    finding_event(sandbox)
    followed(ours, NOW)
    heard = Notification.objects.values_list("subscriber__user__username", flat=True)
    assert sorted(heard) == sorted([person.username, wide.username, wide.username])


def test_one_hears_nothing_of_other_ous_and_organizations(ours, shop, sandbox):
    of_prod = person_with(Role.ADMINISTRATOR, organization=ours, ou=shop.ou)
    stranger = person_with(Role.ADMINISTRATOR, organization=OrganizationFactory())
    nobody, gone = UserFactory(), person_with(Role.VIEWER, organization=ours)
    for who in (of_prod, stranger, nobody, gone):
        hears(who, OPENED, "incident.recorded", "scan.incomplete", covers="seen")
    gone.is_active = False
    gone.save()
    finding_event(sandbox)
    incident = IncidentFactory(organization=ours, accounts=[shop, sandbox])
    incident_event_append(incident=incident, kind="recorded", actor=None, now=NOW)
    ScanFactory(organization=ours, state=Scan.State.FAILED, finished_at=NOW + 365 * DAY)
    followed(ours, NOW)
    assert "incident.recorded" in notices()
    assert recipients() == set()
    finding_event(shop)
    followed(ours, NOW)
    owners = set(shop.owner_team.members.values_list("username", flat=True))
    assert recipients() == {of_prod.username} | owners


def test_nobody_is_told_of_what_they_did_themselves(ours, person, shop):
    hears(person, "incident.recorded")
    incident = IncidentFactory(organization=ours, accounts=[shop])
    incident_event_append(incident=incident, kind="recorded", actor=person, now=NOW)
    followed(ours, NOW)
    assert recipients() == set()


def test_requests_go_to_those_who_may_decide(ours, shop, sandbox):
    approver = person_with(Role.APPROVER, organization=ours, ou=shop.ou)
    elsewhere = person_with(Role.APPROVER, organization=ours, ou=sandbox.ou)
    asker = person_with(Role.APPROVER, organization=ours)
    viewer = person_with(Role.VIEWER, organization=ours)
    request = SuppressionFactory(
        organization=ours, account=shop, asked_by=asker, is_approved=None, decided_at=None
    )
    asked = SuppressionEvent(
        suppression=request, kind=SuppressionEvent.Kind.ASKED, at=NOW, actor=asker
    )
    suppression_events_append(cursor_lock(ours.pk), [asked])
    (message,) = followed(ours, NOW)
    assert recipients() == {approver.username}
    assert {elsewhere.username, viewer.username}.isdisjoint(recipients())
    type(request).objects.update(is_approved=True, decided_at=NOW)
    assert told(message) is None  # it waits no more


def test_routes_and_schedules_are_for_administrators_of_all(ours, person, shop):
    administrator = person_with(Role.ADMINISTRATOR, organization=ours)
    person_with(Role.ADMINISTRATOR, organization=ours, ou=shop.ou)
    NotificationFeed.objects.create(organization=ours, began_at=NOW - DAY)
    for kind in (Alert.Kind.ROUTE_HELD, Alert.Kind.SCHEDULE_MISSED):
        alert_raise(organization=ours, kind=kind, subject="x", message="It waits.", now=NOW)
    followed(ours, NOW)
    assert recipients() == {administrator.username}


def test_a_team_hears_of_what_its_own_accounts_show_and_no_more(ours, team, shop, sandbox):
    administrator = person_with(Role.ADMINISTRATOR, organization=ours)
    events = (OPENED, "incident.recorded", "ticket.stuck", "account.role_lost")
    team_hears(administrator, team, *events)
    for account in (shop, sandbox):
        finding = finding_event(account)
        ticket = TicketFactory(connection=ConnectionFactory(organization=ours), team=team)
        TicketFindingFactory(ticket=ticket, finding=finding, episode=finding.episodes.get())
        type(ticket).objects.filter(pk=ticket.pk).update(blocked_reason="no")
    for accounts in ([shop], [shop, sandbox], []):
        incident = IncidentFactory(organization=ours, accounts=accounts)
        incident_event_append(incident=incident, kind="recorded", actor=None, now=NOW)
    followed(ours, NOW)
    heard = Notification.objects.filter(subscriber__team=team).select_related("notice")
    found = sorted((row.notice.event, row.notice.about_id) for row in heard)
    assert [event for event, _ in found] == [OPENED, "incident.recorded", "ticket.stuck"]
    assert Finding.objects.get(pk=found[0][1]).account == shop
