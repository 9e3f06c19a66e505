"""What was known, where the history has a hole, a turn or an end; each true class is known."""

import datetime as dt
from dataclasses import replace
from types import MappingProxyType

import pytest

from accounts.models import Account, AccountEvent, Membership
from accounts.services.accounts import account_exclude, account_include
from findings.facts.base import AWS_ORGANIZATION
from findings.foresight import Foresight as F
from findings.models import Finding, FindingEvent, Manifest, RetentionMark, Scan, Shard
from findings.selectors.as_of import opened_as_of
from findings.services.known import known_as_of
from findings.services.retention import retention_sweep
from findings.services.scan_end import account_collected
from findings.services.scope import scope_apply
from findings.services.shards import shards_waiting
from tests.factories.accounts import AccountFactory, UserFactory
from tests.findings.services.lab import (
    DAY,
    NOW,
    OTHER_REGION,
    REGION,
    Lab,
    Shelf,
    Sign,
    box,
    denied,
    episodes,
    only,
)

CHECK = "box_is_sealed"
TWO = (REGION, OTHER_REGION)
TICK = dt.timedelta(microseconds=1)
SEALED, OPEN, DENIED = (
    {"lab.box": found} for found in ((box(),), (box(is_sealed=False),), denied())
)
pytestmark = pytest.mark.django_db


def day(number):
    return NOW + number * DAY


class World:
    """Scans once a day; ``known`` asks what was known in the account of the lab, or another."""

    def __init__(self, registry=None, **fields):
        self.lab = Lab(registry=registry or only(CHECK), **fields)

    def on(self, number, facts=SEALED, **more):
        self.lab.now = day(number)
        return self.lab.scan(facts=facts, **more)

    def known(self, at, *accounts, check=CHECK):
        found = known_as_of(
            accounts=accounts or [self.lab.account],
            checks=[check],
            at=at,
            registry=self.lab.registry,
        )
        return [one.judged.foresight for one in found]


def test_while_an_account_was_excluded_nothing_was_looked_at():
    world, person = World(), UserFactory(is_superuser=True)
    AccountFactory(organization=world.lab.organization)
    world.on(0, OPEN)
    account_exclude(actor=person, account=world.lab.account, reason="sold", now=day(1))
    account = Account.objects.get(pk=world.lab.account.pk)
    world.on(2, OPEN)
    account_include(actor=person, account=account, now=day(3))
    world.on(4, OPEN)
    kinds = FindingEvent.objects.filter(finding__account=account).values_list("kind", flat=True)
    assert list(kinds) == ["opened", "closed", "returned"]
    expected = {
        day(0): F.FORESEEN_OPEN,
        day(2) - TICK: F.FORESEEN_OPEN,  # until the scan that noticed it, the finding was told
        day(2): F.BLIND_NOT_COLLECTED,
        day(3) - TICK: F.BLIND_NOT_COLLECTED,
        day(3): F.BLIND_NOT_COLLECTED,  # it is scanned again, but was not yet
        day(4) - TICK: F.BLIND_NOT_COLLECTED,
        day(4): F.FORESEEN_OPEN,
    }
    assert {at: world.known(at, account)[0] for at in expected} == expected


def test_what_was_collected_before_it_left_says_nothing_after_its_return():
    world = World()
    other = AccountFactory(organization=world.lab.organization)
    Membership.objects.create(account=other, started_at=day(-1), ended_at=day(1))
    Membership.objects.create(account=other, started_at=day(2))
    AccountEvent.objects.create(account=other, kind="left", at=day(1), before="ACTIVE")
    AccountEvent.objects.create(
        account=other, kind="rejoined", at=day(2), before="LEFT", after="ACTIVE"
    )
    world.on(0)
    world.on(3)
    assert [world.known(day(n), other)[0] for n in (0, 1, 2, 3)] == [
        F.NOTHING_SEEN,
        F.BLIND_NOT_COLLECTED,
        F.BLIND_NOT_COLLECTED,
        F.NOTHING_SEEN,
    ]


def test_an_account_that_joined_later_was_not_collected_and_one_never_scanned_neither():
    world = World()
    world.on(0)
    later, never = (AccountFactory(organization=world.lab.organization) for _ in range(2))
    Membership.objects.create(account=later, started_at=day(2))
    assert world.known(day(1), world.lab.account, later, never) == [
        F.NOTHING_SEEN,
        F.BLIND_NOT_COLLECTED,
        F.BLIND_NOT_COLLECTED,
    ]
    assert world.known(day(1), later, check="none_such") == [F.BLIND_NO_CHECK]


def test_accounts_of_one_incident_have_classes_of_their_own():
    world = World()
    other = AccountFactory(organization=world.lab.organization)
    world.on(0, OPEN, selection={"accounts": [world.lab.account.account_id]})
    assert world.known(day(1), world.lab.account, other) == [
        F.FORESEEN_OPEN,
        F.BLIND_NOT_COLLECTED,
    ]


@pytest.mark.parametrize(
    ("found", "foresight"),
    [
        (box(is_sealed=denied(operation="lab:GetSeal")), F.BLIND_NOT_COLLECTED),
        (box(label=denied(operation="lab:GetLabel")), F.BLIND_NOT_COLLECTED),
        (box(made_at=denied(operation="lab:GetAge")), F.NOTHING_SEEN),
        (box(label="sample", is_sealed=False), F.NOTHING_SEEN),
    ],
)
def test_a_field_that_was_refused_blinds_only_the_check_that_reads_it(found, foresight):
    world = World()
    world.on(0, {"lab.box": (found, box("b"))})
    assert world.known(day(0)) == [foresight]


@pytest.mark.parametrize(
    ("sign", "label", "foresight"),
    [
        ((Sign(text="x"),), "x", F.NOTHING_SEEN),
        (denied("lab.sign"), "x", F.BLIND_NOT_COLLECTED),
        (denied("lab.sign"), "", F.NOTHING_SEEN),
        ((), "x", F.FORESEEN_OPEN),
    ],
)
def test_what_was_refused_in_the_organization_blinds_what_reads_it_from_an_account(
    sign, label, foresight
):
    world = World(only("box_label_is_on_sign"))
    other = AccountFactory(organization=world.lab.organization)
    facts = {"lab.box": (box(label=label),), "lab.sign": sign}
    world.on(0, facts)
    assert world.known(day(0), other, check="box_label_is_on_sign") == [foresight]


def test_a_check_of_the_whole_organization_is_known_at_its_management_account_alone():
    world = World(_of_organization())
    other = AccountFactory(organization=world.lab.organization)
    world.on(0, {"lab.sign": (Sign(text="x"),)})
    known = world.known(day(0), world.lab.account, other, check="organization_has_sign")
    assert known == [F.NOTHING_SEEN, F.UNKNOWN]
    assert Shard.objects.filter(region=AWS_ORGANIZATION).count() == 1


def test_a_region_that_is_no_longer_looked_at_hides_nothing():
    world = World(regions=(REGION, OTHER_REGION))
    world.on(0, {REGION: SEALED, OTHER_REGION: DENIED})
    world.on(1, {REGION: SEALED, OTHER_REGION: SEALED}, states={OTHER_REGION: "opted_out"})
    assert [world.known(day(n))[0] for n in (0, 1)] == [F.BLIND_NOT_COLLECTED, F.NOTHING_SEEN]
    world.on(2, {REGION: SEALED, OTHER_REGION: DENIED})
    world.lab.organization.regions = [REGION]
    world.lab.organization.save()
    world.on(3)
    assert [world.known(day(n))[0] for n in (2, 3)] == [F.BLIND_NOT_COLLECTED, F.NOTHING_SEEN]


def test_a_check_by_another_name_was_there_and_its_findings_are_its_own():
    world = World()
    world.on(0, OPEN)
    old = world.lab.registry[CHECK]
    renamed = replace(old, id="box_is_shut", check=replace(old.check, aliases=(CHECK,)))
    world.lab.registry = MappingProxyType({"box_is_shut": renamed})
    scope_apply(organization=world.lab.organization, registry=world.lab.registry, now=day(1))
    assert Finding.objects.get().check_id == "box_is_shut"
    for name in (CHECK, "box_is_shut"):
        assert world.known(day(0), check=name) == [F.FORESEEN_OPEN]
    world = World()
    world.on(0)
    world.lab.registry = MappingProxyType({"box_is_shut": renamed})
    assert world.known(day(0), check="box_is_shut") == [F.NOTHING_SEEN]


def test_of_a_check_that_is_gone_its_findings_are_known_and_nothing_else():
    world = World()
    world.on(0, OPEN)
    world.on(1)
    world.lab.registry = only("region_has_box")
    assert [world.known(day(n))[0] for n in (0, 1)] == [F.FORESEEN_OPEN, F.UNKNOWN]


def test_findings_of_one_check_count_by_region():
    world = World(regions=(REGION, OTHER_REGION))
    two = {"lab.box": (box(is_sealed=False), box("b", is_sealed=False))}
    world.on(0, {REGION: two, OTHER_REGION: SEALED})
    assert world.known(day(1)) == [F.FORESEEN_OPEN]
    world.on(2, {REGION: two, OTHER_REGION: OPEN})
    assert world.known(day(2)) == [F.FORESEEN_OPEN, F.FORESEEN_OPEN]


def test_a_thing_that_was_deleted_warns_of_nothing_and_the_same_one_made_again_does():
    world = World()
    for number, facts in enumerate((OPEN, {"lab.box": ()}, OPEN)):
        world.on(number, facts)
    assert [world.known(day(n))[0] for n in (0, 1, 2)] == [
        F.FORESEEN_OPEN, F.NOTHING_SEEN, F.FORESEEN_OPEN,
    ]  # fmt: skip


def test_what_was_not_looked_at_for_long_is_not_collected():
    world = World()
    world.on(0)
    assert world.known(day(45) - TICK) == [F.NOTHING_SEEN]
    assert world.known(day(45)) == [F.BLIND_NOT_COLLECTED]


def test_what_retention_may_have_taken_is_unknown_and_never_guessed():
    world = World()
    world.on(0)
    world.on(10, OPEN)
    world.on(500)
    world.on(501, DENIED)
    assert [world.known(day(n))[0] for n in (0, 5, 500, 501)] == [
        F.NOTHING_SEEN, F.NOTHING_SEEN, F.NOTHING_SEEN, F.BLIND_NOT_COLLECTED,
    ]  # fmt: skip
    retention_sweep(days={"scan": 400}, now=day(502))
    assert Scan.objects.count() == 2
    assert [world.known(day(n))[0] for n in (-1, 0, 5, 10, 101, 120, 499, 500, 501)] == [
        F.UNKNOWN, F.UNKNOWN, F.UNKNOWN, F.FORESEEN_OPEN, F.FORESEEN_OPEN, F.FORESEEN_OPEN,
        F.FORESEEN_OPEN, F.NOTHING_SEEN, F.BLIND_NOT_COLLECTED,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("check", "turns"),
    [
        (CHECK, [F.BLIND_NOT_COLLECTED, F.BLIND_NOT_COLLECTED, F.NOTHING_SEEN, F.NOTHING_SEEN]),
        (
            "account_has_shelf_for_boxes",
            [F.BLIND_NOT_COLLECTED, F.BLIND_NOT_COLLECTED, F.BLIND_NOT_COLLECTED, F.NOTHING_SEEN],
        ),
        (
            "box_label_is_on_sign",
            [F.BLIND_NOT_COLLECTED, F.BLIND_NOT_COLLECTED, F.BLIND_NOT_COLLECTED, F.NOTHING_SEEN],
        ),
    ],
)
def test_in_the_midst_of_the_first_scan_only_that_was_seen_which_a_check_was_run_over(check, turns):
    """One region, the other, what is of the whole account, and the end of the scan: by the hour."""
    world = World(only(CHECK, "account_has_shelf_for_boxes", "box_label_is_on_sign"), regions=TWO)
    lab, hour = world.lab, DAY / 24
    scan = lab.start()
    member = lab.claim_account(scan)
    facts = {"lab.box": (box(),), "lab.shelf": (Shelf(label="x"),), "lab.sign": (Sign(text="x"),)}
    order = {region: number for number, region in enumerate(TWO)}
    for shard in sorted(shards_waiting(scan_account=member, now=NOW), key=lambda s: s.region):
        lab.now = NOW + (1 + order.get(shard.region, 2)) * hour
        lab.commit(lab.harvest(lab.claim(shard), facts))
    account_collected(scan_account_id=member.pk, now=lab.now)
    before = [world.known(NOW + number * hour, check=check)[0] for number in range(4)]
    lab.now = NOW + 4 * hour
    lab.end(scan)
    asked = {number: world.known(NOW + number * hour, check=check)[0] for number in range(5)}
    assert [asked[number] for number in (0, 1, 2, 4)] == turns
    if check == CHECK:
        assert before == [asked[number] for number in range(4)]  # what comes later changes nothing


def test_evidence_that_is_no_longer_kept_is_unknown_too():
    world = World()
    world.on(0)
    Shard.objects.update(manifest=None)
    Manifest.objects.all().delete()
    assert world.known(day(0)) == [F.UNKNOWN]


def test_without_the_events_of_the_time_what_was_open_may_have_been_claimed():
    world = World()
    world.on(0, OPEN)
    retention_sweep(days={"event": 10}, now=day(20))
    mark = RetentionMark.objects.get(kind="event")
    assert mark.before == day(10)
    assert [world.known(at)[0] for at in (day(10) - TICK, day(10))] == [F.UNKNOWN, F.FORESEEN_OPEN]
    retention_sweep(days={"event": 100}, now=day(20))
    mark.refresh_from_db()
    assert mark.before == day(10)


def test_a_claim_before_the_first_event_that_is_kept_is_told_by_it():
    world = World()
    world.on(0, OPEN)
    (episode,) = episodes()
    FindingEvent.objects.all().delete()
    FindingEvent.objects.create(
        organization=world.lab.organization,
        number=99,
        finding=episode.finding,
        episode=episode,
        kind="claim_rejected",
        at=day(3),
        before={"workflow": "fix_claimed"},
        after={"workflow": "in_progress"},
    )
    (opened,) = opened_as_of([episode]).values()
    assert [(span.start, span.end) for span in opened.claimed] == [(day(0), day(3))]


def _of_organization():
    from tests.findings.services import lab

    def organization_has_sign(facts, context):
        return lab.any_of(facts.of(Sign), lambda sign: True)

    made = lab.define(organization_has_sign, scope=lab.Scope.ORGANIZATION, needs=(Sign,))
    return MappingProxyType({made.id: made})
