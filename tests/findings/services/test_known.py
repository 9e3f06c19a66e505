"""Incidents made for the purpose, whose true class is known."""

import datetime as dt

import pytest

from accounts.models import AuditEntry, Membership
from findings.foresight import Foresight as F
from findings.models import Episode, Finding, ForesightEntry, Workflow
from findings.selectors.as_of import ou_as_of
from findings.selectors.incidents import open_when_it_began
from findings.services.foresight import foresight_confirm, foresight_propose
from findings.services.incidents import incident_change
from findings.services.known import known_as_of
from findings.services.workflow import finding_move
from tests.factories.accounts import AccountFactory, OuFactory, UserFactory
from tests.factories.findings import SuppressedFindingFactory
from tests.factories.incidents import IncidentFactory
from tests.findings.services.lab import DAY, NOW, Lab, box, denied, finding, only

CHECK = "box_is_sealed"
TICK = dt.timedelta(microseconds=1)
pytestmark = pytest.mark.django_db
SEALED, OPEN, DENIED = (
    {"lab.box": found} for found in ((box(),), (box(is_sealed=False),), denied())
)


@pytest.fixture
def lab():
    return Lab(registry=only(CHECK))


def classes(lab, *instants, check=CHECK, **more):
    given = {"accounts": [lab.account], "checks": [check], "registry": lab.registry, **more}
    return [known_as_of(at=at, **given)[0].judged.foresight for at in instants]


def days_of_scans(lab, *facts):
    """One scan a day, the first at NOW."""
    for number, found in enumerate(facts):
        lab.now = NOW + number * DAY
        lab.scan(facts=found)


def day(number):
    return NOW + number * DAY


def test_an_episode_from_before_it_to_after_it(lab):
    days_of_scans(lab, SEALED, OPEN, SEALED)
    assert classes(lab, NOW - TICK, NOW, day(1) - TICK, day(1), day(2) - TICK, day(2)) == [
        F.BLIND_NO_CHECK,
        F.NOTHING_SEEN,
        F.NOTHING_SEEN,
        F.FORESEEN_OPEN,
        F.FORESEEN_OPEN,
        F.NOTHING_SEEN,
    ]


def test_a_gap_in_what_was_collected(lab):
    days_of_scans(lab, SEALED, DENIED, SEALED)
    assert classes(lab, day(1) - TICK, day(1), day(2) - TICK, day(2)) == [
        F.NOTHING_SEEN,
        F.BLIND_NOT_COLLECTED,
        F.BLIND_NOT_COLLECTED,
        F.NOTHING_SEEN,
    ]


def test_a_finding_that_was_open_before_the_gap_is_still_a_warning(lab):
    days_of_scans(lab, OPEN, DENIED)
    (known,) = known_as_of(accounts=[lab.account], checks=[CHECK], at=day(1), registry=lab.registry)
    assert known.judged.foresight is F.FORESEEN_OPEN
    assert (known.judged.warning, known.region) == (DAY, "eu-west-1")


def test_a_claim_until_the_scan_that_rejected_it(lab):
    days_of_scans(lab, OPEN)
    person = UserFactory(is_superuser=True)
    claimed = NOW + DAY / 2
    finding_move(actor=person, finding=finding(), to=Workflow.FIX_CLAIMED, now=claimed)
    lab.now = day(1)
    lab.scan(facts=OPEN)
    assert classes(lab, claimed - TICK, claimed, day(1) - TICK, day(1)) == [
        F.FORESEEN_OPEN,
        F.CLAIMED_FIXED,
        F.CLAIMED_FIXED,
        F.FORESEEN_OPEN,
    ]


def test_a_suppression_from_its_start_until_its_end(lab):
    days_of_scans(lab, OPEN)
    SuppressedFindingFactory(
        finding=finding(), episode=Episode.objects.get(), from_at=day(1), until_at=day(2)
    )
    assert classes(lab, NOW, day(1) - TICK, day(1), day(2) - TICK, day(2)) == [
        F.FORESEEN_OPEN,
        F.FORESEEN_OPEN,
        F.FORESEEN_SUPPRESSED,
        F.FORESEEN_SUPPRESSED,
        F.FORESEEN_OPEN,
    ]


def test_a_check_that_came_later_saw_nothing_before(lab):
    lab.registry = only("region_has_box")
    days_of_scans(lab, SEALED)
    lab.registry = only(CHECK, "region_has_box")
    lab.now = day(1)
    lab.scan(facts=SEALED)
    assert classes(lab, day(1) - TICK, day(1)) == [F.BLIND_NO_CHECK, F.NOTHING_SEEN]
    assert classes(lab, day(1), check="none_such") == [F.BLIND_NO_CHECK]


def test_an_account_that_moved_is_told_where_it_was_and_one_that_left_is_blind(lab):
    old, new = (OuFactory(organization=lab.organization) for _ in range(2))
    Membership.objects.all().delete()
    for ou, start, end in ((old, -9, 1), (new, 1, 2)):
        Membership.objects.create(
            account=lab.account, ou=ou, started_at=day(start), ended_at=day(end)
        )
    days_of_scans(lab, SEALED)
    instants = (day(-9) - TICK, day(-9), day(1) - TICK, day(1), day(2) - TICK, day(2))
    assert [ou_as_of(lab.account, at) for at in instants] == [None, old, old, new, new, None]
    assert classes(lab, day(2) - TICK, day(2)) == [F.NOTHING_SEEN, F.BLIND_NOT_COLLECTED]


def test_a_proposal_is_made_anew_until_somebody_confirms_it(lab):
    days_of_scans(lab, OPEN)
    incident = IncidentFactory(
        organization=lab.organization, accounts=[lab.account], checks=[CHECK], started_at=day(3)
    )

    def propose():
        return foresight_propose(actor=None, incident=incident, registry=lab.registry, now=lab.now)

    (entry,) = propose()
    assert (entry.proposed, entry.warning_seconds) == ("foreseen_open", 3 * 86_400)
    Episode.objects.all().delete()
    (entry,) = propose()
    assert (entry.proposed, entry.region) == ("nothing_seen", "")
    foresight_confirm(actor=None, entry=entry, foresight=F.BLIND_NO_CHECK, now=lab.now)
    assert propose()[0].confirmed == "blind_no_check"
    assert ForesightEntry.objects.count() == 1


def test_an_incident_without_a_related_check_is_blind(lab):
    incident = IncidentFactory(organization=lab.organization, accounts=[lab.account])
    (entry,) = foresight_propose(actor=None, incident=incident, registry=lab.registry, now=NOW)
    assert (entry.check_id, entry.proposed) == ("", "blind_no_check")
    assert not Finding.objects.exists()


def confirmed(lab, *accounts, checks=(CHECK,)):
    incident = IncidentFactory(
        organization=lab.organization, accounts=accounts, checks=list(checks), started_at=day(1)
    )
    foresight_propose(actor=None, incident=incident, registry=lab.registry, now=lab.now)
    for entry in incident.foresight.all():
        foresight_confirm(actor=None, entry=entry, foresight=F.FORESEEN_OPEN, now=lab.now)
    return incident


def test_what_was_confirmed_of_an_account_goes_when_the_incident_names_it_no_more(lab):
    other = AccountFactory(organization=lab.organization)
    incident = confirmed(lab, lab.account, other)
    incident_change(actor=None, incident=incident, accounts=[lab.account], now=day(2))
    assert [entry.account for entry in incident.foresight.all()] == [lab.account]
    told = AuditEntry.objects.get(action="foresight.withdraw")
    assert told.before == {
        "class": "foreseen_open", "check": CHECK, "account": other.account_id,
    }  # fmt: skip


def test_what_was_confirmed_of_another_instant_is_taken_back_and_of_the_same_one_stays(lab):
    incident = confirmed(lab, lab.account, checks=())
    incident.title = "Orders came late"
    incident_change(actor=None, incident=incident, now=day(2))
    assert incident.foresight.count() == 1
    incident.started_at = day(0)
    incident_change(actor=None, incident=incident, now=day(2))
    assert not incident.foresight.exists()


def test_an_incident_of_the_whole_organization_has_all_that_was_open_in_it(lab):
    days_of_scans(lab, OPEN)
    whole = IncidentFactory(organization=lab.organization, started_at=day(1))
    elsewhere = IncidentFactory(started_at=day(1))
    assert [open_when_it_began(one).number for one in (whole, elsewhere)] == [1, 0]
