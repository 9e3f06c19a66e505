"""What a dead worker or a lost message left behind."""

import datetime as dt

import pytest

from accounts.services.organizations import organization_save
from findings.models import Scan, ScanAccount
from findings.services.overrides import REASSESS
from findings.services.reassessments import reassess
from findings.services.scan_end import ASSESS_ACCOUNT, ASSESS_ORGANIZATION, account_collected
from findings.services.scans import START
from findings.services.shards import LEASE, PATIENCE
from findings.services.sweeping import COLLECT, REASSESS_DUE, work_left_behind
from tests.factories.accounts import AccountFactory, UserFactory
from tests.findings.services.lab import NOW, STABLE, Crate, Lab, episodes, finding, only

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def lab():
    return Lab(registry=only("box_is_sealed"))


def left(lab, **time):
    return work_left_behind(registry=lab.registry, now=lab.wait(**time).now)


def member(scan):
    return scan.scan_accounts.get()


def test_nothing_is_left_when_nothing_runs(lab):
    lab.scan()
    assert left(lab) == []


def test_a_queued_scan_is_started(lab):
    lab.request()
    assert left(lab) == [(START, None)]


def test_an_account_whose_message_was_lost_is_asked_for_again_once_in_a_while(lab):
    scan = lab.start()
    assert left(lab, minutes=1) == []
    lab.wait(seconds=PATIENCE.total_seconds())
    assert left(lab) == [(COLLECT, member(scan).pk)]
    assert left(lab) == []


def test_an_account_whose_worker_died_is_taken_up_when_its_lease_has_ended(lab):
    scan = lab.start()
    lab.claim_account(scan)
    assert left(lab, seconds=LEASE.total_seconds() - 1) == []
    assert left(lab, seconds=1) == [(COLLECT, member(scan).pk)]
    assert lab.claim_account(scan)


def test_every_account_is_asked_for_in_the_order_of_the_scan(lab):
    AccountFactory(organization=lab.organization)
    scan = lab.start()
    found = left(lab, seconds=PATIENCE.total_seconds())
    members = scan.scan_accounts.order_by("position")
    assert found == [(COLLECT, pk) for pk in members.values_list("pk", flat=True)]


def test_an_assessment_that_died_is_asked_for_again(lab):
    scan = lab.start()
    lab.collect(scan, {})
    assert left(lab) == []
    assert left(lab, hours=1) == [(ASSESS_ACCOUNT, member(scan).pk)]


def test_a_scan_whose_last_account_ended_unnoticed_goes_on(lab, django_capture_on_commit_callbacks):
    scan = lab.start()
    lab.collect(scan, {})
    ScanAccount.objects.update(state=ScanAccount.State.ENDED)
    left(lab)
    scan.refresh_from_db()
    assert scan.state == Scan.State.ASSESSING
    assert left(lab, hours=1) == [(ASSESS_ORGANIZATION, scan.pk)]


def test_a_scan_of_other_checks_is_left_alone_and_ends_when_nobody_works_on_it(lab):
    scan = lab.start()
    lab.registry = only("box_is_sealed", version=2)
    assert left(lab, minutes=30) == []
    scan.refresh_from_db()
    assert scan.state == Scan.State.RUNNING
    left(lab, hours=2)
    scan.refresh_from_db()
    assert scan.state == Scan.State.FAILED
    assert "another version of Cairn" in scan.error


def test_time_that_has_come_is_noticed():
    lab = Lab(registry={"crate_is_new": STABLE["crate_is_new"]})
    lab.scan(facts={"lab.crate": (Crate(name="a", made_at=NOW),)})
    assert left(lab, days=30) == []
    assert left(lab, seconds=1) == [(REASSESS_DUE, None)]


def test_an_account_that_is_collected_while_the_sweep_looks_is_not_given_away(lab):
    scan = lab.start()
    claimed = lab.claim_account(scan)
    lab.commit(lab.harvest(lab.claim(scan.shards.get()), {}))
    assert account_collected(scan_account_id=claimed.pk, now=lab.now)
    assert left(lab, minutes=2) == []


def rules(lab, environment, actor):
    organization = lab.organization
    organization.environment_rules = [{"tag": "Stage", "environment": environment}]
    organization_save(actor=actor, organization=organization, now=lab.now)


def test_a_new_rule_of_what_is_production_has_the_evidence_judged_once(lab):
    lab.registry = {"crate_is_not_in_production": STABLE["crate_is_not_in_production"]}
    lab.account.tags = {"Stage": "live"}
    lab.account.save()
    lab.scan(facts={"lab.crate": (Crate(name="a", made_at=NOW),)})
    left(lab)
    rules(lab, "production", UserFactory(is_superuser=True))
    assert left(lab) == [(REASSESS, lab.organization.pk)]
    assert left(lab) == []
    reassess(organization=lab.organization, registry=lab.registry, now=lab.now)
    assert finding("crate_is_not_in_production").is_open
    rules(lab, "sandbox", UserFactory(is_superuser=True))
    assert left(lab) == [(REASSESS, lab.organization.pk)]
    reassess(organization=lab.organization, registry=lab.registry, now=lab.now)
    (episode,) = episodes("crate_is_not_in_production")
    assert (episode.close_cause, episode.workflow) == ("out_of_scope", "new")


def test_what_a_synchronization_changed_is_judged_by_it(lab):
    lab.account.tags = {"Stage": "live"}
    lab.account.save()
    rules(lab, "production", None)
    assert left(lab) == []
