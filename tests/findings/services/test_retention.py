import datetime as dt

import pytest

from accounts.services.audit import audit_record
from accounts.services.idempotency import request_claim
from findings.models import (
    AwsJob,
    CallLog,
    EvidenceBlob,
    Finding,
    FindingEvent,
    Manifest,
    Observation,
    RegionState,
    Scan,
    Shard,
    TicketEvent,
)
from findings.services.evidence import evidence_verify
from findings.services.reassessments import reassess
from findings.services.retention import retention_sweep
from tests.factories.accounts import UserFactory
from tests.factories.findings import AwsJobFactory
from tests.factories.tickets import ticket_of_everything
from tests.findings.services.lab import NOW, Lab, box, finding, only, open_findings

pytestmark = pytest.mark.django_db

FOR_EVER = {"call_log": 0, "scan": 0, "job": 0, "evidence": 0, "event": 0, "audit": 0}


@pytest.fixture
def lab():
    return Lab(registry=only("box_is_sealed"))


def sweep(lab, **days):
    return retention_sweep(days=FOR_EVER | days, now=lab.now)


def test_zero_days_keep_everything(lab):
    lab.scan(box())
    lab.wait(days=10_000)
    assert sweep(lab) == {}
    assert Scan.objects.count() == CallLog.objects.count() == 1


def test_calls_and_observations_go_after_their_days_but_not_the_newest_observation(lab):
    lab.scan(box())
    lab.wait(days=1).scan(box())
    assert sweep(lab.wait(days=29), call_log=30) == {"call_log": 0, "observation": 0}
    assert sweep(lab.wait(days=2), call_log=30) == {"call_log": 2, "observation": 1}
    assert Observation.objects.get().shard.scan == Scan.objects.latest("id")


def test_scans_go_after_their_days_with_their_shards(lab):
    for _ in range(2):
        lab.wait(days=1).scan(box())
    assert sweep(lab.wait(days=400), scan=400) == {"scan": 1}
    assert Scan.objects.count() == Shard.objects.count() == 1


def test_the_scan_with_the_newest_evidence_of_a_place_is_kept_however_old(lab):
    scan = lab.scan(box(is_sealed=False))
    sweep(lab.wait(days=5000), scan=400, evidence=400, call_log=30)
    assert list(evidence_verify(scan=scan)) == []
    reassess(organization=lab.organization, registry=lab.registry, now=lab.now)
    assert len(open_findings()) == 1


def test_a_finding_outlives_the_scans_that_it_is_from(lab):
    lab.scan(box(is_sealed=False))
    lab.wait(days=1).scan(box())
    sweep(lab.wait(days=401), scan=400)
    assert finding().episodes.get().opened_by is None
    assert Finding.objects.count() == 1


def test_evidence_goes_when_no_shard_refers_to_it(lab):
    lab.scan(box("old"))
    lab.wait(days=1).scan(box("new"))
    assert Manifest.objects.count() == EvidenceBlob.objects.count() == 2
    assert sweep(lab.wait(days=399), evidence=400) == {"evidence": 0}
    assert sweep(lab.wait(days=2), evidence=400) == {"evidence": 3}
    (current,) = RegionState.objects.exclude(sources={})
    kept = Shard.objects.get(pk=next(iter(current.sources)))
    assert Manifest.objects.get() == kept.manifest
    assert EvidenceBlob.objects.count() == 1


def test_a_blob_that_was_referred_to_lately_is_kept(lab):
    lab.scan(box("old"))
    lab.wait(days=500).scan(box("new"))
    EvidenceBlob.objects.update(referred_at=lab.now)
    sweep(lab.wait(days=1), evidence=400)
    assert EvidenceBlob.objects.count() == 2


def test_history_has_its_own_days(lab):
    lab.scan(box(is_sealed=False))
    audit_record(
        actor=None, action="a.b", target=lab.organization, before=None, after=None, now=lab.now
    )
    assert sweep(lab.wait(days=1100), event=1100, audit=1100) == {"event": 0, "audit": 0}
    lab.now += dt.timedelta(seconds=1)
    assert sweep(lab, event=1100, audit=1100) == {"event": 1, "audit": 1}
    assert not FindingEvent.objects.exists()


def ended_job(days, **fields):
    at = NOW + dt.timedelta(days=days)
    return AwsJobFactory(state="finished", asked_at=at, finished_at=at, **fields)


def test_jobs_at_aws_go_after_their_days_but_the_newest_of_a_subject_only_after_a_year(lab):
    old = ended_job(0, subject="a")
    newest = ended_job(5, subject="a", account=old.account)
    live = AwsJobFactory(account=old.account)
    assert sweep(lab.wait(days=60), job=30) == {"job": 1}
    assert set(AwsJob.objects.all()) == {newest, live}
    assert sweep(lab.wait(days=310), job=30) == {"job": 0}
    assert sweep(lab.wait(days=1), job=30) == {"job": 1}
    assert AwsJob.objects.get() == live


@pytest.mark.parametrize(("hours", "gone"), [(23, {}), (24, {"answered_request": 1})])
def test_keys_of_idempotency_are_forgotten_after_a_day(hours, gone):
    request_claim(user=UserFactory(), token=None, key="k", request_sha256="a", now=NOW)
    assert retention_sweep(days={}, now=NOW + dt.timedelta(hours=hours)) == gone


def test_what_was_exchanged_about_tickets_goes_after_its_days(lab):
    lab.scan(box(is_sealed=False))
    ticket_of_everything(finding())
    assert sweep(lab.wait(days=90), sync=90) == {"sync": 0, "delivery": 0}
    assert sweep(lab.wait(days=1), sync=90, event=1) == {"sync": 1, "delivery": 1, "event": 3}
    assert not TicketEvent.objects.exists()
