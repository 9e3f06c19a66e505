"""Claims, tokens and leases."""

import pytest

from findings.models import Scan, Shard
from findings.services.shards import (
    ATTEMPTS,
    LEASE,
    account_claim,
    account_release,
    shard_release,
    shards_renew,
)
from tests.findings.services.lab import OTHER_REGION, REGION, STABLE, Lab, only

pytestmark = pytest.mark.django_db


@pytest.fixture
def lab():
    return Lab(registry=only("box_is_sealed"), regions=(REGION, OTHER_REGION))


def shard_of(scan, region=REGION):
    return scan.shards.get(region=region)


def test_a_shard_has_one_owner_until_its_lease_ends(lab):
    scan = lab.start()
    first = lab.claim(shard_of(scan))
    assert lab.claim(shard_of(scan)) is None
    second = lab.wait(seconds=LEASE.total_seconds()).claim(shard_of(scan))
    assert (first.attempt, second.attempt) == (1, 2)
    assert first.token != second.token


def test_a_renewed_lease_keeps_the_shard(lab):
    scan = lab.start()
    member = lab.claim_account(scan)
    claim = lab.claim(shard_of(scan))
    lab.wait(seconds=80)
    shards_renew(scan_account_id=member.pk, tokens=[claim.token], now=lab.now)
    assert lab.wait(seconds=80).claim(shard_of(scan)) is None
    assert account_claim(scan_account_id=member.pk, registry=lab.registry, now=lab.now) is None


def test_the_last_attempt_is_known_as_such(lab):
    scan = lab.start()
    for number in range(1, ATTEMPTS + 1):
        claim = lab.claim(shard_of(scan))
        assert claim.is_last_attempt == (number == ATTEMPTS)
        shard_release(claim=claim, error="it broke")
    assert (shard_of(scan).state, shard_of(scan).error) == (Shard.State.PENDING, "it broke")


def test_an_account_has_one_owner_and_can_be_given_back(lab):
    member = lab.claim_account(lab.start())
    claim = {"scan_account_id": member.pk, "registry": lab.registry, "now": lab.now}
    assert account_claim(**claim) is None
    account_release(scan_account_id=member.pk, now=lab.now)
    assert account_claim(**claim) is not None


def test_a_scan_of_another_version_of_the_checks_is_left_alone(lab):
    scan = lab.start()
    member = scan.scan_accounts.get()
    newer = only("box_is_sealed", version=2)
    assert account_claim(scan_account_id=member.pk, registry=newer, now=lab.now) is None


def test_an_account_of_a_scan_that_does_not_run_is_not_claimed(lab):
    member = lab.start().scan_accounts.get()
    Scan.objects.update(state=Scan.State.CANCELLED, finished_at=lab.now)
    assert account_claim(scan_account_id=member.pk, registry=lab.registry, now=lab.now) is None


def test_two_scans_do_not_read_the_same_facts_at_once(lab):
    full, targeted = lab.start(), lab.start(regions=[REGION])
    claim = lab.claim(shard_of(full))
    assert lab.claim(shard_of(targeted)) is None
    lab.commit(lab.harvest(claim, {}))
    assert lab.claim(shard_of(targeted)) is not None


def test_a_scan_of_other_facts_may_read_the_same_region_at_once():
    lab = Lab(registry={**only("box_is_sealed"), "crate_is_new": STABLE["crate_is_new"]})
    boxes, crates = lab.start(rows=["O2"]), lab.start(rows=["O1"])
    assert set(lab.claim(shard_of(boxes)).kinds) == {"lab.box"}
    assert set(lab.claim(shard_of(crates)).kinds) == {"lab.crate"}
