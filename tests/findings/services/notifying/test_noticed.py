"""What of all that happens is noticed."""

import pytest

from accounts.roles import Role
from accounts.services.accounts import account_role_tested
from accounts.states import RoleHealth
from findings.models import (
    Alert,
    Notice,
    NotificationFeed,
    NotificationMessage,
    Scan,
    SuppressionEvent,
    TicketEvent,
)
from findings.services.action_items import action_item_regress, action_item_reject
from findings.services.alerts import alert_raise, alert_resolve
from findings.services.suppression_events import cursor_lock, suppression_events_append
from findings.services.ticket_events import ticket_event, ticket_events_append
from tests.factories.accounts import (
    NOW,
    AccountFactory,
    person_with,
)
from tests.factories.findings import AttestationFactory, ScanFactory, SuppressionFactory
from tests.factories.incidents import ActionItemFactory, IncidentFactory, LearningFactory
from tests.factories.notifications import followed, hears, notices
from tests.factories.tickets import ConnectionFactory, TicketFactory
from tests.factories.webhooks import finding_event
from tests.findings.services.notifying.telling import DAY, HOUR, MINUTE, told

pytestmark = pytest.mark.django_db


HIGH, MEDIUM, LOW = (
    {"severity": severity, "severity_rank": rank}
    for severity, rank in (("high", 1), ("medium", 2), ("low", 3))
)
NOTICED = [
    ("opened", "newly_failing", HIGH, "finding.opened"),
    ("opened", "regressed", HIGH, "finding.reopened"),
    ("returned", "out_of_scope", HIGH, "finding.reopened"),
    ("closed", "verified", HIGH, "finding.resolved"),
    ("closed", "resource_gone", HIGH, None),
    ("closed", "account_left", HIGH, None),
    ("claim_rejected", "", LOW, "finding.claim_rejected"),
    ("opened", "newly_failing", MEDIUM, None),
    ("commented", "", HIGH, None),
    ("changed", "", HIGH, None),
]


def noticed_of():
    """What each is noticed as, by its pk: all are of one kind."""
    return dict(Notice.objects.values_list("about_id", "event"))


def test_severe_findings_are_noticed_and_every_rejected_claim(ours, person, shop):
    cases = {
        finding_event(shop, kind=kind, cause=cause, **fields).pk: (kind, cause, fields, noticed)
        for kind, cause, fields, noticed in NOTICED
    }
    followed(ours, NOW)
    told = noticed_of()
    wrong = [(case, told.get(pk)) for pk, case in cases.items() if told.get(pk) != case[-1]]
    assert wrong == []
    assert Notice.objects.count() == len(told) == 5


def test_the_first_scan_of_an_account_is_no_news(ours, shop):
    finding = finding_event(shop, kind="opened", cause="first_collected")
    finding.episodes.update(is_baseline=True)
    followed(ours, NOW)
    assert notices() == []


def test_a_role_that_worked_and_works_no_more(ours):
    turns = {
        (RoleHealth.HEALTHY, RoleHealth.DENIED): ["account.role_lost"],
        (RoleHealth.UNTESTED, RoleHealth.DENIED): [],
        (RoleHealth.DENIED, RoleHealth.ROLE_MISSING): [],
        (RoleHealth.DENIED, RoleHealth.HEALTHY): [],
    }
    accounts = {
        turn: AccountFactory(organization=ours, role_health=before)
        for turn in turns
        for before in turn[:1]
    }
    for (_, after), account in accounts.items():
        account_role_tested(account=account, health=after, now=NOW)
    followed(ours, NOW)
    told = noticed_of()
    found = {turn: [told[a.pk]] if a.pk in told else [] for turn, a in accounts.items()}
    assert found == turns


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


def test_action_items_whose_claim_is_rejected_and_whose_guard_fails_again(ours, person, shop):
    incident = IncidentFactory(organization=ours, accounts=[shop])
    owned = {"incident": incident, "accounts": [shop], "owner": person, "owner_team": None}
    owned["due_at"] = NOW + DAY
    claimed = ActionItemFactory(**owned, state="claimed", claimed_at=NOW)
    verified = ActionItemFactory(
        **owned,
        learning=LearningFactory(incident=incident, state="guarded"),
        state="verified",
        claimed_at=NOW,
        decided_by=NOW + MINUTE,
        verified_at=NOW + MINUTE,
        passes=1,
    )
    hears(person, "action.rejected")
    followed(ours, NOW)
    action_item_reject(item=claimed, now=NOW + HOUR)
    action_item_regress(item=verified, now=NOW + HOUR)
    followed(ours, NOW + HOUR)
    assert notices() == ["action.rejected"] * 2
    (message,) = NotificationMessage.objects.all()
    assert told(message, NOW + HOUR).counts == ["2 action items open again"]


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
