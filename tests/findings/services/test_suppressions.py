"""Who asks for suppressions and who decides, and what is refused."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.access import Denied
from accounts.models import AuditEntry
from accounts.roles import Role
from findings.models import Suppression, SuppressionEvent
from findings.services.suppressions import (
    SuppressionRefused,
    suppression_ask_from_outside,
    suppression_refuse,
    suppression_revoke,
)
from tests.factories.accounts import AccountFactory, OuFactory, UserFactory, person_with
from tests.factories.findings import FindingFactory, SuppressionFactory
from tests.findings.services.lab import NOW, box
from tests.findings.services.suppressing import CHECK, DAY, SECOND, UNSEALED

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(there):
    organization = there.lab.organization
    return {role: person_with(role, organization=organization) for role in Role}


def kinds_of(suppression):
    return list(suppression.events.order_by("number").values_list("kind", flat=True))


def test_what_is_asked_covers_nothing_until_somebody_else_approves_it(there, people):
    asked = there.ask(actor=people[Role.CONTRIBUTOR])
    assert (asked.state(NOW), asked.reason, asked.starts_at) == (
        "asked",
        "it is sealed elsewhere",
        NOW,
    )
    assert there.covered() == set()
    approved = there.approve(asked, actor=people[Role.APPROVER], note=" fine ")
    assert (approved.state(NOW), approved.decision_note) == ("active", "fine")
    assert there.covered() == {"a"}
    assert kinds_of(asked) == ["asked", "approved"]
    assert list(AuditEntry.objects.order_by("pk").values_list("action", "actor")) == [
        ("suppression.ask", people[Role.CONTRIBUTOR].pk),
        ("suppression.approve", people[Role.APPROVER].pk),
    ]


def test_the_finding_itself_stays_what_it_was(there):
    before = list(there.finding.episodes.values())
    there.suppress()
    found = there.finding
    assert (found.is_open, found.evidence_status) == (True, "fail")
    assert list(found.episodes.values()) == before


def test_viewers_do_not_ask_and_contributors_do_not_decide(there, people):
    with pytest.raises(Denied):
        there.ask(actor=people[Role.VIEWER])
    asked = there.ask(actor=people[Role.CONTRIBUTOR])
    with pytest.raises(Denied):
        there.approve(asked, actor=people[Role.CONTRIBUTOR])
    with pytest.raises(Denied):
        suppression_refuse(
            actor=people[Role.CONTRIBUTOR], suppression=asked, note="no", now=NOW
        )  # fmt: skip
    assert Suppression.objects.get().state(NOW) == "asked"


def test_who_may_only_a_part_of_the_scope_neither_asks_nor_decides(there):
    ou = OuFactory(organization=there.lab.organization)
    of_ou = person_with(Role.APPROVER, organization=there.lab.organization, ou=ou)
    with pytest.raises(Denied):
        there.ask(actor=of_ou)
    with pytest.raises(Denied):
        there.approve(there.ask(), actor=of_ou)
    assert there.ask(actor=of_ou, ou=ou).ou == ou


def test_the_approver_differs_from_the_asker(there, people):
    asked = there.ask(actor=people[Role.APPROVER])
    with pytest.raises(Denied, match="another approver does"):
        there.approve(asked, actor=people[Role.APPROVER])
    approved = there.approve(asked, actor=people[Role.ADMINISTRATOR])
    assert not approved.is_decided_by_its_asker


def test_where_nobody_else_could_the_only_approver_decides_and_it_shows(there):
    organization = there.lab.organization
    alone = person_with(Role.APPROVER, organization=organization)
    person_with(Role.CONTRIBUTOR, organization=organization)
    person_with(Role.APPROVER, organization=organization, ou=OuFactory(organization=organization))
    UserFactory(is_superuser=True, is_active=False)
    asked = there.ask(actor=alone)
    assert there.approve(asked, actor=alone).is_decided_by_its_asker


def test_a_superuser_is_another_approver(there, people):
    alone = person_with(Role.APPROVER, organization=there.lab.organization)
    for role in (Role.APPROVER, Role.ADMINISTRATOR):
        people[role].delete()
    UserFactory(is_superuser=True)
    with pytest.raises(Denied):
        there.approve(there.ask(actor=alone), actor=alone)


def test_one_is_refused_with_a_reason_and_then_decided(there, people):
    asked, approver = there.ask(), people[Role.APPROVER]
    with pytest.raises(ValidationError, match="Say why"):
        suppression_refuse(actor=approver, suppression=asked, note=" ", now=NOW)
    refused = suppression_refuse(actor=approver, suppression=asked, note="no", now=NOW)
    assert (refused.state(NOW), refused.decision_note) == ("refused", "no")
    with pytest.raises(SuppressionRefused, match="it is refused"):
        there.approve(asked, actor=approver)
    with pytest.raises(SuppressionRefused, match="refused already"):
        suppression_revoke(actor=approver, suppression=asked, now=NOW)


def test_what_is_revoked_covers_nothing_from_then_on_and_did_before(there, people):
    suppression = there.suppress()
    there.lab.wait(days=2)
    with pytest.raises(Denied):
        suppression_revoke(
            actor=people[Role.CONTRIBUTOR], suppression=suppression, now=there.lab.now
        )
    revoked = suppression_revoke(
        actor=people[Role.APPROVER], suppression=suppression, now=there.lab.now
    )
    assert (revoked.state(there.lab.now), there.covered()) == ("revoked", set())
    assert there.covered(at=there.lab.now - SECOND) == {"a"}
    there.follow(days=1)
    assert there.covered() == set()


def test_who_asked_takes_it_back_while_it_waits(there, people):
    asker = people[Role.CONTRIBUTOR]
    asked = there.ask(actor=asker)
    assert suppression_revoke(actor=asker, suppression=asked, now=NOW).state(NOW) == "revoked"
    with pytest.raises(Denied):
        suppression_revoke(actor=people[Role.VIEWER], suppression=there.ask(), now=NOW)


def test_a_request_lapses_at_its_end(there):
    asked = there.ask()
    assert asked.state(asked.ends_at - SECOND) == "asked"
    with pytest.raises(SuppressionRefused, match="it is expired"):
        there.approve(asked, now=asked.ends_at)


def test_one_of_a_later_start_covers_from_then(there):
    there.suppress(starts_at=NOW + DAY)
    row = Suppression.objects.get()
    assert [row.state(NOW + n * DAY) for n in (0, 1)] == ["approved", "active"]
    assert there.covered() == set()
    assert there.covered(at=NOW + DAY) == {"a"}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"reason": " "}, "cannot be blank"),
        ({"kind": "ignored"}, "not a valid choice"),
        ({"ends_at": None}, "cannot be null"),
        ({"ends_at": NOW}, "This is over"),
        ({"ends_at": NOW - DAY}, "This is over"),
        ({"starts_at": NOW + 2 * DAY, "ends_at": NOW + DAY}, "It ends before it starts"),
        ({"ends_at": NOW + 90 * DAY + SECOND}, "At most 90 days after the start"),
        ({"starts_at": NOW + 366 * DAY, "ends_at": NOW + 367 * DAY}, "At most a year from now"),
        ({"check_id": "no_such_check"}, "The catalogue has no such check"),
        ({"compensating_check": "no_such_check"}, "The catalogue has no such check"),
        ({"compensating_check": CHECK}, "does not compensate for itself"),
        ({"check_id": ""}, "it would cover every finding"),
        ({"maximum": None}, "how many findings it may cover"),
        ({"maximum": 0}, "how many findings it may cover"),
        ({"tag_value": "x"}, "Name the tag of this value"),
        ({"resource": "a*b"}, "only stand at the end"),
        ({"resource": "*"}, "only stand at the end"),
    ],
)
def test_a_request_that_says_too_little_or_too_much_is_refused(there, wrong, told):
    with pytest.raises(ValidationError, match=told):
        there.ask(**wrong)
    assert not Suppression.objects.exists()


def test_its_scope_is_of_its_organization(there):
    for wrong in ({"ou": OuFactory()}, {"account": AccountFactory()}):
        with pytest.raises(ValidationError, match="not part of the chosen organization"):
            there.ask(**wrong)
    with pytest.raises(ValidationError, match="not part of the chosen organization"):
        there.ask(finding=_opened_elsewhere())
    mine = {"organization": there.lab.organization}
    with pytest.raises(ValidationError, match="not both"):
        there.ask(ou=OuFactory(**mine), account=AccountFactory(**mine))


def _opened_elsewhere():
    found = FindingFactory()
    found.episodes.create(
        number=1, opened_at=NOW, open_cause="first_collected", clock_starts_at=NOW
    )
    return found


def test_exactly_the_longest_is_accepted(there):
    assert there.ask(ends_at=NOW + 90 * DAY).ends_at == NOW + 90 * DAY
    assert there.ask(finding=there.finding, ends_at=NOW + 90 * DAY)
    with pytest.raises(ValidationError, match="At most 90 days"):
        there.ask(finding=there.finding, ends_at=NOW + 90 * DAY + SECOND)


def test_the_longest_is_a_setting(there, settings):
    settings.SUPPRESSION_DAYS = {**settings.SUPPRESSION_DAYS, "high": 10}
    with pytest.raises(ValidationError, match="At most 10 days"):
        there.ask(ends_at=NOW + 11 * DAY)


def test_a_selector_of_every_check_covers_each_severity_as_long_as_its_own_allows(there):
    there.suppress(check_id="", account=there.lab.account, ends_at=NOW + 365 * DAY)
    assert there.covered(at=NOW + 90 * DAY - SECOND) == {"a"}
    assert there.covered(at=NOW + 90 * DAY) == set()


def test_what_has_closed_is_not_asked_for_nor_approved(there):
    asked = there.ask(finding=there.finding)
    there.lab.wait(days=1).scan(box())
    with pytest.raises(SuppressionRefused, match="has closed"):
        there.approve(asked)
    with pytest.raises(ValidationError, match="It is closed"):
        there.ask(finding=there.finding)


def test_a_finding_waits_for_one_decision_at_a_time(there):
    there.ask(finding=there.finding)
    with pytest.raises(ValidationError, match="waits for a decision"):
        there.ask(finding=there.finding, kind="false_positive")


def test_more_than_the_maximum_is_not_approved(there):
    there.lab.wait(days=1).scan(UNSEALED, box(name="b", is_sealed=False))
    with pytest.raises(SuppressionRefused, match="2 findings match, and it may cover 1"):
        there.approve(there.ask(maximum=1))
    assert there.approve(there.ask(maximum=2)).state(there.lab.now) == "active"
    assert there.covered() == {"a", "b"}


def test_a_tracker_that_will_not_fix_asks_for_as_long_as_the_severity_allows(there):
    def ask():
        return suppression_ask_from_outside(
            finding=there.finding,
            reason="won't fix: the box is empty",
            origin="Jira OPS-1",
            registry=there.registry,
            now=NOW,
        )

    asked = ask()
    assert (asked.asked_by, asked.origin, asked.ends_at) == (None, "Jira OPS-1", NOW + 90 * DAY)
    assert (asked.kind, asked.state(NOW), there.covered()) == ("accepted_risk", "asked", set())
    assert ask() == asked
    there.approve(asked)
    assert ask() == asked
    assert Suppression.objects.count() == 1
    suppression_revoke(actor=None, suppression=asked, now=NOW)
    assert ask() != asked


def test_events_are_numbered_without_gaps(there):
    there.suppress()
    there.ask(check_id="region_has_box")
    numbers = SuppressionEvent.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == [1, 2, 3]


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"reason": ""}, "suppression_has_a_reason"),
        ({"ends_at": NOW}, "suppression_ends_after_it_starts"),
        ({"maximum": None}, "suppression_of_selector_has_a_maximum"),
        ({"check_id": ""}, "suppression_selects_something"),
        ({"tag_value": "x"}, "suppression_value_has_its_tag"),
        ({"is_approved": None}, "suppression_decided_at_an_instant"),
        ({"is_approved": False, "tripped_at": NOW}, "suppression_trips_only_when_approved"),
    ],
)
def test_the_database_refuses_it_too(wrong, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        SuppressionFactory(**wrong)


def test_states_and_their_queries_agree():
    day = dt.timedelta(days=1)
    rows = [
        SuppressionFactory(**fields)
        for fields in (
            {},
            {"starts_at": NOW + day},
            {"is_approved": None, "decided_at": None},
            {"is_approved": False},
            {"revoked_at": NOW},
            {"revoked_at": NOW, "tripped_at": NOW},
            {"tripped_at": NOW},
            {"is_approved": None, "decided_at": None, "revoked_at": NOW},
        )
    ]
    for now in (NOW, NOW + day, NOW + 30 * day - SECOND, NOW + 30 * day, NOW + 31 * day):
        for state in Suppression.State:
            found = set(Suppression.objects.in_state(state, now))
            assert found == {row for row in rows if row.state(now) is state}, (now, state)
