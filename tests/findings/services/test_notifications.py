"""Notices of what happened, whom they concern, and the messages that are made of them."""

import datetime as dt
import importlib

import pytest
from django.apps import apps

from accounts.models import Grant
from accounts.roles import Role
from accounts.services.accounts import account_role_tested
from accounts.states import RoleHealth
from findings.models import (
    Alert,
    Finding,
    Notice,
    Notification,
    NotificationFeed,
    NotificationMessage,
    Scan,
    SuppressionEvent,
    TicketEvent,
)
from findings.services import notification_sources
from findings.services.alerts import alert_raise, alert_resolve
from findings.services.incident_access import incident_event_append
from findings.services.notification_feed import notifications_follow
from findings.services.notification_messages import message_claim
from findings.services.retention import retention_sweep
from findings.services.suppression_events import cursor_lock, suppression_events_append
from findings.services.ticket_events import ticket_event, ticket_events_append
from tests.factories.accounts import (
    NOW,
    AccountFactory,
    GrantFactory,
    OrganizationFactory,
    OuFactory,
    TeamFactory,
    UserFactory,
    person_with,
)
from tests.factories.findings import AttestationFactory, ScanFactory, SuppressionFactory
from tests.factories.incidents import ActionItemFactory, IncidentFactory
from tests.factories.notifications import followed, hears, notices, reachable, team_hears
from tests.factories.tickets import ConnectionFactory, TicketFactory, TicketFindingFactory
from tests.factories.webhooks import finding_event

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
OPENED = "finding.opened"


@pytest.fixture(autouse=True)
def installation(settings):
    reachable(settings)


@pytest.fixture
def ours():
    return OrganizationFactory(name="Ours")


@pytest.fixture
def person(ours):
    return person_with(Role.CONTRIBUTOR, organization=ours)


@pytest.fixture
def team(ours, person):
    return TeamFactory(organization=ours, name="Shop", members=[person])


@pytest.fixture
def shop(ours, team):
    """An account that the person's team owns, in the OU Prod."""
    prod = OuFactory(organization=ours, name="Prod")
    return AccountFactory(organization=ours, name="shop", ou=prod, owner_team=team)


@pytest.fixture
def sandbox(ours):
    """An account of nobody's, in the OU Dev."""
    return AccountFactory(
        organization=ours, name="sandbox", ou=OuFactory(organization=ours, name="Dev")
    )


def told(message, now=NOW):
    """What a message says when it is sent, or None where nothing of it is told."""
    parcel = message_claim(message_id=message.pk, now=now)
    return parcel and parcel.letter


def recipients():
    return set(Notification.objects.values_list("subscriber__user__username", flat=True))


# --- What is noticed ---


@pytest.mark.parametrize(
    ("kind", "cause", "fields", "noticed"),
    [
        ("opened", "newly_failing", {}, "finding.opened"),
        ("opened", "regressed", {}, "finding.reopened"),
        ("returned", "out_of_scope", {}, "finding.reopened"),
        ("closed", "verified", {}, "finding.resolved"),
        ("closed", "resource_gone", {}, None),
        ("closed", "account_left", {}, None),
        ("claim_rejected", "", {"severity": "low", "severity_rank": 3}, "finding.claim_rejected"),
        ("opened", "newly_failing", {"severity": "medium", "severity_rank": 2}, None),
        ("commented", "", {}, None),
        ("changed", "", {}, None),
    ],
)
def test_severe_findings_are_noticed_and_every_rejected_claim(
    ours, person, shop, kind, cause, fields, noticed
):
    finding_event(shop, kind=kind, cause=cause, **fields)
    followed(ours, NOW)
    assert notices() == ([noticed] if noticed else [])


def test_the_first_scan_of_an_account_is_no_news(ours, shop):
    finding = finding_event(shop, kind="opened", cause="first_collected")
    finding.episodes.update(is_baseline=True)
    followed(ours, NOW)
    assert notices() == []


@pytest.mark.parametrize(
    ("before", "after", "noticed"),
    [
        (RoleHealth.HEALTHY, RoleHealth.DENIED, True),
        (RoleHealth.UNTESTED, RoleHealth.DENIED, False),
        (RoleHealth.DENIED, RoleHealth.ROLE_MISSING, False),
        (RoleHealth.DENIED, RoleHealth.HEALTHY, False),
    ],
)
def test_a_role_that_worked_and_works_no_more(ours, shop, before, after, noticed):
    shop.role_health = before
    account_role_tested(account=shop, health=after, now=NOW)
    followed(ours, NOW)
    assert notices() == (["account.role_lost"] if noticed else [])


def test_scans_that_ended_incomplete_are_noticed_once(ours):
    for state in (Scan.State.PARTIAL, Scan.State.FAILED, Scan.State.FINISHED):
        ScanFactory(organization=ours, state=state)
    NotificationFeed.objects.create(organization=ours, began_at=NOW - DAY)
    followed(ours, NOW)
    followed(ours, NOW + MINUTE)
    assert notices() == ["scan.incomplete"] * 2


def flap(ours, *hours, resolve=True):
    about = {"organization": ours, "kind": Alert.Kind.TRACKER_FAILING, "subject": "x"}
    for hour in hours:
        now = NOW + hour * HOUR
        alert_raise(**about, message="Tickets do not reach it.", now=now)
        followed(ours, now)
        if resolve:
            alert_resolve(**about, now=now)


def test_an_alert_that_flaps_is_news_once_a_day(ours):
    hears(person_with(Role.ADMINISTRATOR, organization=ours), "delivery.failing", mode="weekly")
    NotificationFeed.objects.create(organization=ours, began_at=NOW - DAY)
    flap(ours, 0, 1, 25)
    assert notices() == ["delivery.failing"] * 2


def test_an_alert_that_came_again_is_told_in_the_digest(ours):
    administrator = person_with(Role.ADMINISTRATOR, organization=ours)
    hears(administrator, "delivery.failing", mode="daily")
    NotificationFeed.objects.create(organization=ours, began_at=NOW - DAY)
    flap(ours, 0)
    flap(ours, 1, resolve=False)
    (message,) = followed(ours, NOW + DAY)
    assert told(message, NOW + DAY).total == 1


def test_an_alert_of_which_nobody_was_told_is_news_when_it_comes_again(ours):
    administrator = person_with(Role.ADMINISTRATOR, organization=ours)
    hears(administrator, "delivery.failing")
    NotificationFeed.objects.create(organization=ours, began_at=NOW - DAY)
    flap(ours, 0)
    (message,) = NotificationMessage.objects.all()
    assert told(message) is None  # it was right again before it was sent
    flap(ours, 1, resolve=False)
    later = NotificationMessage.objects.latest("id")
    assert told(later, NOW + HOUR).total == 1


def test_what_stands_is_noticed_again_only_after_it_was_over(ours, person, shop):
    item = ActionItemFactory(
        organization=ours,
        incident=IncidentFactory(organization=ours, accounts=[shop]),
        accounts=[shop],
        owner=person,
        owner_team=None,
        due_at=NOW,
    )
    hears(person, "action.overdue")
    for hours in (-1, 1, 2):
        followed(ours, NOW + hours * HOUR)
    assert notices() == ["action.overdue"]
    type(item).objects.update(due_at=NOW + DAY)
    followed(ours, NOW + 3 * HOUR)
    followed(ours, NOW + 2 * DAY)
    assert notices() == ["action.overdue"] * 2


def test_attestations_about_to_end(ours):
    AttestationFactory(organization=ours, ends_at=NOW + 30 * DAY)
    AttestationFactory(organization=ours, starts_at=NOW - DAY, ends_at=NOW + DAY)  # a short one
    withdrawn = AttestationFactory(
        organization=ours, starts_at=NOW - 90 * DAY, ends_at=NOW + DAY, withdrawn_at=NOW
    )
    assert withdrawn.pk
    followed(ours, NOW)
    assert notices() == []
    followed(ours, NOW + 16 * DAY)
    followed(ours, NOW + 17 * DAY)
    assert notices() == ["attestation.ending"]


def test_tickets_that_are_out_of_step(ours, shop):
    ticket = TicketFactory(connection=ConnectionFactory(organization=ours))
    events = [ticket_event(ticket, TicketEvent.Kind.DETACHED, NOW)]
    events.append(ticket_event(ticket, TicketEvent.Kind.COMMENTED, NOW))
    ticket_events_append(organization_id=ours.pk, events=events)
    type(ticket).objects.update(blocked_reason="A field is missing.")
    followed(ours, NOW)
    followed(ours, NOW)
    assert notices() == ["ticket.stuck"] * 2


def test_what_happens_to_suppressions(ours):
    suppression = SuppressionFactory(organization=ours)
    kinds = SuppressionEvent.Kind
    events = [
        SuppressionEvent(suppression=suppression, kind=kind, at=NOW)
        for kind in (kinds.ASKED, kinds.APPROVED, kinds.ENDING, kinds.REVOKED)
    ]
    of_one_finding = SuppressionEvent(suppression=suppression, kind=kinds.EVIDENCE_CHANGED, at=NOW)
    suppression_events_append(cursor_lock(ours.pk), [*events, of_one_finding])
    followed(ours, NOW)
    assert notices() == [
        "suppression.asked",
        "suppression.decided",
        "suppression.ended",
        "suppression.ending",
    ]


# --- Never lost, never twice ---


def test_events_are_followed_past_a_cursor(ours, person, shop, monkeypatch):
    monkeypatch.setattr(notification_sources, "BATCH", 2)
    monkeypatch.setattr("findings.services.notification_feed.BATCH", 2)
    hears(person, OPENED)
    for _ in range(5):
        finding_event(shop)
    assert notifications_follow(organization=ours, now=NOW)
    followed(ours, NOW)
    followed(ours, NOW)
    assert notices() == [OPENED] * 5
    assert Notification.objects.count() == 5


def test_of_two_workers_at_once_one_notices(ours, person, shop, monkeypatch):
    """Another has looked and written between this one's reading and its writing."""
    hears(person, OPENED)
    finding_event(shop)
    looked_at = notification_sources.looked_at

    def meanwhile(feed, now):
        NotificationFeed.objects.update(turn=feed.turn + 1)
        return looked_at(feed, now)

    with monkeypatch.context() as patched:
        patched.setattr("findings.services.notification_feed.looked_at", meanwhile)
        assert not notifications_follow(organization=ours, now=NOW)
    assert notices() == []
    followed(ours, NOW)
    assert notices() == [OPENED]
    assert Notification.objects.count() == 1


def test_a_new_organization_is_followed_from_its_beginning(ours, shop):
    finding_event(shop)
    followed(ours, NOW)
    assert notices() == [OPENED]
    feed = NotificationFeed.objects.get(organization=ours)
    assert feed.began_at == ours.created_at


def test_nothing_happened_writes_nothing(ours):
    followed(ours, NOW)
    turn = NotificationFeed.objects.get(organization=ours).turn
    followed(ours, NOW)
    assert NotificationFeed.objects.get(organization=ours).turn == turn


def test_an_organization_that_was_there_before_is_told_of_what_comes(ours, shop):
    finding_event(shop)
    account_role_tested(account=shop, health=RoleHealth.HEALTHY, now=NOW)
    migration = importlib.import_module("findings.migrations.0060_notifications")
    migration.begin_at_the_end(apps, None)
    followed(ours, NOW)
    assert notices() == []
    finding_event(shop)
    followed(ours, NOW)
    assert notices() == [OPENED]


def test_what_was_sent_is_kept_for_its_days_and_never_noticed_again(ours, person, shop):
    hears(person, "action.overdue", OPENED)
    incident = IncidentFactory(organization=ours, accounts=[shop])
    person_item = {"owner": person, "owner_team": None, "due_at": NOW - DAY}
    ActionItemFactory(organization=ours, incident=incident, accounts=[shop], **person_item)
    finding_event(shop)
    (message,) = followed(ours, NOW)
    days = {"notification": 90}
    later = NOW + 91 * DAY
    assert retention_sweep(days=days, now=later) == {"notification": 0, "notice": 0}  # it waits
    NotificationMessage.objects.update(status="dead")
    Notification.objects.update(status="told")
    gone = retention_sweep(days=days, now=later)
    assert gone == {"notification": 1, "notice": 1}
    assert notices() == ["action.overdue"]  # which stands still
    assert message not in followed(ours, later)
    assert NotificationMessage.objects.count() == 0


# --- Whom it concerns ---


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


# --- When it is told ---


def test_a_storm_is_one_message_with_counts(ours, person, shop):
    hears(person, OPENED)
    scan = ScanFactory(organization=ours, state=Scan.State.RUNNING, finished_at=None)
    for severity, rank, number in (("high", 1, 30), ("critical", 0, 2)):
        for _ in range(number):
            finding_event(shop, severity=severity, severity_rank=rank)
    Notice.objects.update(scan=scan)
    ours.finding_events.update(scan=scan)
    assert followed(ours, NOW) == []  # its scan goes on
    finding_event(shop)
    Scan.objects.update(state=Scan.State.FINISHED, finished_at=NOW)
    (message,) = followed(ours, NOW + MINUTE)
    letter = told(message, NOW + MINUTE)
    assert letter.counts == ["33 findings opened: 2 critical, 31 high"]
    assert letter.total == 33
    assert len(letter.lines) == 20
    assert letter.lines[0].heading == "Critical: finding opened"


def test_a_scan_is_not_waited_for_for_ever(ours, person, shop):
    hears(person, OPENED)
    scan = ScanFactory(organization=ours, state=Scan.State.RUNNING, finished_at=None)
    finding_event(shop)
    ours.finding_events.update(scan=scan)
    assert followed(ours, NOW) == []
    assert len(followed(ours, NOW + 2 * HOUR)) == 1


def test_two_messages_keep_a_distance(ours, person, shop):
    hears(person, OPENED)
    finding_event(shop)
    assert len(followed(ours, NOW)) == 1
    finding_event(shop)
    finding_event(shop)
    assert len(followed(ours, NOW + 9 * MINUTE)) == 1
    _, second = followed(ours, NOW + 10 * MINUTE)
    assert second.notifications.count() == 2


def test_a_digest_waits_for_the_morning_of_its_reader(ours, person, shop):
    hears(person, OPENED, mode="daily", time_zone="Pacific/Auckland")
    finding_event(shop)
    due = dt.datetime(2026, 3, 2, 19, tzinfo=dt.UTC)
    assert followed(ours, NOW) == []
    assert followed(ours, due - MINUTE) == []
    (message,) = followed(ours, due)
    assert "2026-03-02 22:00 NZDT" in told(message, due).lines[0].at


def test_without_a_zone_the_organizations_counts(ours, person, shop):
    ours.time_zone = "Asia/Tokyo"
    ours.save()
    hears(person, OPENED, mode="daily")
    finding_event(shop)
    followed(ours, NOW)
    due = Notification.objects.get().not_before
    assert due == dt.datetime(2026, 3, 2, 23, tzinfo=dt.UTC)


def test_what_we_caused_ourselves_waits_for_a_digest(ours, person, shop):
    hears(person, OPENED)
    finding_event(shop, cause="check_changed")
    assert followed(ours, NOW) == []
    assert len(followed(ours, NOW + DAY)) == 1


def test_another_choice_counts_for_what_waits(ours, person, shop):
    hears(person, OPENED, mode="weekly")
    finding_event(shop)
    assert followed(ours, NOW) == []
    hears(person, OPENED, mode="instant")
    assert len(followed(ours, NOW)) == 1
    hears(person, OPENED, mode="weekly")
    finding_event(shop)
    followed(ours, NOW)
    hears(person)
    followed(ours, NOW + 14 * DAY)
    assert Notification.objects.filter(status="withheld").count() == 1
    assert NotificationMessage.objects.count() == 1


def test_without_a_mail_server_nothing_piles_up(ours, person, shop, settings):
    settings.EMAIL_HOST = ""
    hears(person, OPENED)
    finding_event(shop)
    followed(ours, NOW)
    assert not Notification.objects.exists()


# --- Asked again at the moment of sending ---


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
    "change", [lose_the_role, leave_the_team, be_deactivated, lose_the_account, want_it_no_more]
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
