"""The commit of a shard, whoever is late."""

import datetime as dt

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from findings.facts.base import AWS_GLOBAL, GapReason, not_told
from findings.models import (
    CallLog,
    CheckStatus,
    EvidenceBlob,
    Finding,
    FindingEvent,
    Manifest,
    Observation,
    RegionState,
    Scan,
    Shard,
)
from findings.services.commits import refused
from findings.services.current import current_evidence
from findings.services.reassessments import reassess
from findings.services.scan_end import account_assess, account_collected
from findings.services.shards import LEASE
from tests.findings.services.lab import (
    NOW,
    REGION,
    Lab,
    Shelf,
    box,
    denied,
    finding,
    only,
    open_findings,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def lab():
    return Lab(registry=only("box_is_sealed"))


def claimed(lab, **selection):
    """A scan whose one shard of the region is being collected."""
    scan = lab.start(**selection)
    lab.claim_account(scan)
    return lab.claim(scan.shards.get(region=REGION))


def boxes(*found):
    return {"lab.box": found}


def test_a_shard_keeps_its_evidence_its_observation_and_its_calls(lab):
    scan = lab.scan(box())
    shard = scan.shards.get(region=REGION)
    assert (shard.state, shard.facts, shard.api_calls) == ("collected", 1, 1)
    assert shard.manifest
    assert shard.observation
    assert shard.call_log


def test_a_shard_with_a_gap_is_partial_and_one_without_a_fact_has_failed(lab):
    lab.registry = only("box_is_sealed", "account_has_shelf_for_boxes")
    scan = lab.scan(box("a", is_sealed=denied()))
    assert scan.shards.get(region=REGION).state == Shard.State.PARTIAL
    scan = lab.wait(days=1).scan(facts={"lab.box": denied()})
    assert scan.shards.get(region=REGION).state == Shard.State.FAILED
    assert (scan.state, scan.gaps) == (Scan.State.PARTIAL, {"access_denied": 1})


def test_what_aws_does_not_tell_is_a_gap_but_all_there_was_was_collected(lab):
    lab.registry = only("box_is_sealed")
    scan = lab.scan(box("a", is_sealed=not_told("lab.box", "lab:DescribeBoxes")))
    shard = scan.shards.get(region=REGION)
    assert (shard.state, shard.gaps) == (Shard.State.COLLECTED, {"not_in_schema": 1})
    assert (scan.state, scan.gaps) == (Scan.State.FINISHED, {"not_in_schema": 1})
    assert CheckStatus.objects.get(check_id="box_is_sealed").unknown == 1


def test_a_stale_owner_writes_nothing(lab):
    first = claimed(lab)
    lab.wait(seconds=LEASE.total_seconds())
    second = lab.claim(Shard.objects.get(pk=first.shard))
    before = [model.objects.count() for model in (EvidenceBlob, Manifest, CallLog, Finding)]
    assert not lab.commit(lab.harvest(first, boxes(box(is_sealed=False))))
    after = [model.objects.count() for model in (EvidenceBlob, Manifest, CallLog, Finding)]
    assert after == before
    assert lab.commit(lab.harvest(second, boxes(box())))


def test_a_commit_counts_once(lab):
    claim = claimed(lab)
    harvest = lab.harvest(claim, boxes(box(is_sealed=False)))
    assert [lab.commit(harvest), lab.commit(harvest)] == [True, False]
    assert Finding.objects.count() == FindingEvent.objects.count() == 1


@pytest.mark.one_database
def test_what_is_judged_while_it_is_committed_is_as_old_as_when_it_is_read_again(lab):
    claim = claimed(lab)
    began = lab.now
    lab.wait(minutes=1)
    lab.commit(lab.harvest(claim, boxes(box(is_sealed=False), box("b", denied())), at=began))
    assert {found.facts_at for found in open_findings().values()} == {began}
    assert reassess(organization=lab.organization, registry=lab.registry, now=lab.now) == 0


def test_an_unchanged_shard_has_the_manifest_it_had_and_a_log_of_its_own(lab):
    first = lab.scan(box()).shards.get(region=REGION)
    later = box(looked_at=NOW + dt.timedelta(hours=1))
    second = lab.wait(hours=1).scan(later).shards.get(region=REGION)
    assert first.manifest == second.manifest
    assert Manifest.objects.count() == EvidenceBlob.objects.count() == 1
    assert Observation.objects.count() == CallLog.objects.count() == 2


def test_equal_evidence_is_stored_once_whatever_the_region():
    lab = Lab(registry=only("box_is_sealed"), regions=(REGION, "us-east-1", "us-west-2"))
    lab.scan(box())
    assert EvidenceBlob.objects.count() == 1


def test_a_region_denied_by_policy_is_out_of_scope_neither_unknown_nor_passing(lab):
    lab.scan(box("a", is_sealed=False), box("b"))
    scan = lab.wait(days=1).scan(states={REGION: "denied_by_policy"})
    assert scan.shards.get(region=REGION).state == Shard.State.OUT_OF_SCOPE
    assert scan.state == Scan.State.FINISHED
    assert not CheckStatus.objects.filter(region=REGION).exists()
    assert finding().episodes.get().close_cause == "out_of_scope"
    state = RegionState.objects.get(region=REGION)
    assert (state.state, state.since) == ("denied_by_policy", lab.now)


def test_a_region_that_is_allowed_again_takes_its_findings_up_where_they_were(lab):
    lab.scan(box(is_sealed=False))
    lab.wait(days=1).scan(states={REGION: "denied_by_policy"})
    claim = claimed(lab.wait(days=1))
    assert claim.denied_before
    lab.commit(lab.harvest(claim, boxes(box(is_sealed=False))))
    assert finding().is_open
    assert finding().episodes.count() == 1


def test_an_account_check_leaves_a_denied_region_out():
    lab = Lab(registry=only("account_has_shelf_for_boxes"), regions=(REGION, "us-east-1"))
    shelf = {AWS_GLOBAL: {"lab.shelf": (Shelf(label="x"),)}}
    lab.scan(facts=shelf, states={"us-east-1": "denied_by_policy"})
    assert CheckStatus.objects.get(region=AWS_GLOBAL).passed == 1


def test_an_account_that_cannot_be_entered_is_unknown_and_closes_nothing(lab):
    lab.scan(box(is_sealed=False))
    claim = claimed(lab.wait(days=1))
    reason = {"reason": GapReason.CREDENTIALS, "code": "role_missing", "error": "no role"}
    lab.commit(refused(claim=claim, now=lab.now, **reason))
    shard = Shard.objects.get(pk=claim.shard)
    assert (shard.state, shard.error) == (Shard.State.FAILED, "no role")
    assert shard.gaps == {"credentials": 1}
    assert finding().is_open
    assert finding().unverified_since == lab.now
    assert RegionState.objects.get(region=REGION).state == "unreachable"


@pytest.mark.parametrize("is_late_first", [True, False])
def test_facts_that_are_older_than_those_known_change_nothing(lab, is_late_first):
    lab.scan(box(is_sealed=False))
    slow = claimed(lab.wait(days=1))
    slow = lab.harvest(slow, boxes(box(is_sealed=False)))
    quick = claimed(lab.wait(seconds=LEASE.total_seconds()), regions=[REGION])
    quick = lab.harvest(quick, boxes(box()))
    for harvest in (slow, quick) if is_late_first else (quick, slow):
        assert lab.commit(harvest)
    assert not open_findings()
    assert CheckStatus.objects.get(check_id="box_is_sealed", region=REGION).passed == 1


BOXES = st.dictionaries(st.sampled_from("abc"), st.sampled_from([True, False, None]))


def boxes_of(found):
    """A box by name: sealed, not sealed, or not known; ``None`` stands for a denied listing."""
    if found is None:
        return {"lab.box": denied()}
    return boxes(*(box(n, denied() if v is None else v) for n, v in found.items()))


def end_account(lab, scan):
    member = scan.scan_accounts.get(account=lab.account)
    assert account_collected(scan_account_id=member.pk, now=lab.now)
    account_assess(scan_account_id=member.pk, registry=lab.registry, now=lab.now)


def states_after(before, slow, quick):
    """What is known after two scans that overlapped were committed in the one and other order."""
    lab = Lab(registry=only("box_is_sealed", "region_has_box", "account_boxes_are_sealed"))
    lab.scan(facts=boxes_of(before))
    first = lab.harvest(claimed(lab.wait(days=1)), boxes_of(slow))
    lab.wait(seconds=LEASE.total_seconds())
    second = lab.harvest(claimed(lab, regions=[REGION]), boxes_of(quick))
    for order in ((first, second), (second, first)):
        with transaction.atomic():
            for harvest in order:
                lab.commit(harvest)
                end_account(lab, Shard.objects.get(pk=harvest.shard).scan)
            yield state()
            transaction.set_rollback(True)


def state():
    fields = ("check_id", "region", "passed", "failed", "unknown", "gaps")
    return {
        "findings": sorted(open_findings()),
        "doubted": sorted(k for k, f in open_findings().items() if f.unverified_since),
        "statuses": sorted(map(repr, CheckStatus.objects.values_list(*fields))),
        "evidence": [
            (place.region, kind, ref.entry, ref.at)
            for place, found in current_evidence(RegionState.objects.all()).references.items()
            for kind, ref in found.items()
        ],
    }


@pytest.mark.one_database
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(before=st.none() | BOXES, slow=st.none() | BOXES, quick=st.none() | BOXES)
def test_two_scans_committed_in_either_order_end_in_the_same_state(before, slow, quick):
    with transaction.atomic():
        one, other = states_after(before, slow, quick)
        transaction.set_rollback(True)
    assert one == other
