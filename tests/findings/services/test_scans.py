"""Scans from their request to their end."""

import pytest

from accounts.access import Denied
from accounts.models import AuditEntry
from accounts.roles import Role
from accounts.states import AccountState
from findings.facts.base import AWS_GLOBAL, AWS_ORGANIZATION
from findings.models import RegionState, Scan, ScanAccount, Shard
from findings.planning import Selection, SelectionError
from findings.services import nudges
from findings.services.scan_end import account_collected, accounts_assessed
from findings.services.scans import (
    START,
    ScanRefused,
    scan_cancel,
    scan_request,
    scan_retry,
    scan_start,
    scans_to_start,
)
from tests.factories.accounts import (
    AccountFactory,
    OrganizationFactory,
    OuFactory,
    TeamFactory,
    person_with,
)
from tests.findings.services.lab import (
    OTHER_REGION,
    REGION,
    STABLE,
    Lab,
    box,
    denied,
    only,
    open_findings,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def lab():
    return Lab(registry=only("box_is_sealed"), regions=(REGION, OTHER_REGION))


def places(scan):
    return set(scan.shards.values_list("account__account_id", "region"))


def request(lab, actor, **selection):
    return scan_request(
        actor=actor,
        organization=lab.organization,
        selection=Selection(**selection),
        trigger=Scan.Trigger.PERSON,
        now=lab.now,
        registry=lab.registry,
    )


def test_a_request_asks_for_its_start_when_it_is_committed(
    lab, monkeypatch, django_capture_on_commit_callbacks
):
    sent = []
    monkeypatch.setattr(nudges, "nudge", lambda *task: sent.append(task))
    with django_capture_on_commit_callbacks(execute=True):
        lab.request()
        assert sent == []
    assert sent == [(START,)]


def test_a_full_scan_visits_every_active_account_in_every_region(lab):
    other = AccountFactory(organization=lab.organization)
    AccountFactory(organization=lab.organization, excluded=True, excluded_reason="a test")
    scan = lab.start()
    accounts = {lab.account.account_id, other.account_id}
    assert places(scan) == {(a, r) for a in accounts for r in (REGION, OTHER_REGION)}


def test_account_and_organization_have_shards_only_for_facts_of_theirs():
    lab = Lab(registry=only("account_has_shelf_for_boxes", "box_label_is_on_sign"))
    other = AccountFactory(organization=lab.organization)
    found = places(lab.start())
    assert {region for account, region in found if account == other.account_id} == {
        REGION,
        AWS_GLOBAL,
    }
    assert (lab.account.account_id, AWS_ORGANIZATION) in found


def test_a_suspended_account_is_shown_in_the_scan_and_not_entered(lab):
    suspended = AccountFactory(organization=lab.organization, state=AccountState.SUSPENDED)
    scan = lab.start()
    member = scan.scan_accounts.get(account=suspended)
    assert (member.state, member.access) == (ScanAccount.State.ENDED, "suspended")
    assert suspended.account_id not in {account for account, _ in places(scan)}


def test_two_full_scans_of_one_organization_do_not_overlap(lab):
    lab.request()
    with pytest.raises(ScanRefused, match="is under way, since 2026-03-02 09:00 UTC"):
        lab.request()
    assert lab.request(regions=[REGION]).kind == Scan.Kind.TARGETED
    Lab(organization=OrganizationFactory(), registry=lab.registry).request()


def test_a_selection_limits_accounts_regions_and_rows():
    lab = Lab(registry={**only("box_is_sealed"), **STABLE}, regions=(REGION, OTHER_REGION))
    ou = OuFactory(organization=lab.organization, name="Prod")
    inner = OuFactory(organization=lab.organization, parent=ou)
    account = AccountFactory(organization=lab.organization, ou=inner)
    assert places(lab.start(ous=["Prod"], regions=[REGION])) == {(account.account_id, REGION)}
    assert places(lab.start(ous=[ou.aws_id], rows=["O1"])) == {
        (account.account_id, REGION),
        (account.account_id, OTHER_REGION),
    }


@pytest.mark.parametrize(
    ("selection", "sentence"),
    [
        ({"accounts": ["999999999999"]}, "999999999999 is not an account of"),
        ({"ous": ["Nowhere"]}, "'Nowhere' is not an OU of .*; there are: Prod"),
        ({"regions": ["ap-south-1"]}, "ap-south-1 is not scanned in .*; its regions are eu-west-1"),
    ],
)
def test_a_selection_of_what_is_not_there_says_what_is(lab, selection, sentence):
    OuFactory(organization=lab.organization, name="Prod")
    person = person_with(Role.CONTRIBUTOR, organization=lab.organization)
    with pytest.raises(SelectionError, match=sentence):
        request(lab, person, **selection)


def test_a_selection_tells_a_person_nothing_of_what_is_hidden_from_them(lab):
    own = OuFactory(organization=lab.organization, name="Own")
    hidden = OuFactory(organization=lab.organization, name="Secret")
    account = AccountFactory(
        organization=lab.organization, ou=hidden, excluded=True, excluded_reason="secret too"
    )
    person = person_with(Role.CONTRIBUTOR, organization=lab.organization, ou=own)
    refusals = []
    for selection in (
        {"ous": ["Nowhere"]},
        {"ous": ["Secret"]},
        {"accounts": [account.account_id]},
    ):
        with pytest.raises(SelectionError) as refused:
            request(lab, person, **selection)
        refusals.append(str(refused.value))
    assert "there are: Own." in refusals[0]
    assert refusals[1] == refusals[0].replace("Nowhere", "Secret")
    assert "not an account of" in refusals[2]
    assert "secret too" not in refusals[2]


def test_an_ou_shared_with_others_is_refused_without_naming_their_accounts(lab):
    team = TeamFactory(organization=lab.organization)
    ou = OuFactory(organization=lab.organization, name="Shared")
    AccountFactory(organization=lab.organization, ou=ou, owner_team=team)
    AccountFactory(organization=lab.organization, ou=ou, name="hidden")
    person = person_with(Role.CONTRIBUTOR, organization=lab.organization, accounts_of=team)
    with pytest.raises(Denied) as refused:
        request(lab, person, ous=["Shared"])
    assert "hidden" not in str(refused.value)


def test_an_excluded_account_cannot_be_selected(lab):
    account = AccountFactory(
        organization=lab.organization, excluded=True, excluded_reason="a playground"
    )
    with pytest.raises(SelectionError, match=r"is not scanned: it is excluded \(a playground\)"):
        lab.request(accounts=[account.account_id])


def test_an_organization_without_accounts_says_what_to_do():
    lab = Lab(registry=only("box_is_sealed"))
    lab.account.delete()
    with pytest.raises(ScanRefused, match="Synchronize the organization"):
        lab.request()


def test_who_may_contribute_to_one_account_may_scan_that_account_only(lab):
    ou = OuFactory(organization=lab.organization, name="Prod")
    account = AccountFactory(organization=lab.organization, ou=ou)
    person = person_with(Role.CONTRIBUTOR, organization=lab.organization, ou=ou)
    assert request(lab, person, accounts=(account.account_id,)).requested_by == person
    for selection in ({}, {"regions": (REGION,)}):
        with pytest.raises(Denied):
            request(lab, person, **selection)
    with pytest.raises(SelectionError):
        request(lab, person, accounts=(lab.account.account_id,))


def test_who_may_scan_an_account_may_cancel_that_scan_and_no_wider_one(lab):
    ou = OuFactory(organization=lab.organization, name="Prod")
    account = AccountFactory(organization=lab.organization, ou=ou)
    person = person_with(Role.CONTRIBUTOR, organization=lab.organization, ou=ou)
    narrow = lab.start(accounts=[account.account_id])
    scan_cancel(actor=person, scan=narrow, now=lab.now)
    assert narrow.state == Scan.State.CANCELLED
    with pytest.raises(Denied):
        scan_cancel(actor=person, scan=lab.start(), now=lab.now)


def test_a_queued_scan_may_be_cancelled_by_who_asked_for_it(lab):
    ou = OuFactory(organization=lab.organization, name="Prod")
    account = AccountFactory(organization=lab.organization, ou=ou)
    person = person_with(Role.CONTRIBUTOR, organization=lab.organization, ou=ou)
    scan = request(lab, person, accounts=(account.account_id,))
    assert scan_cancel(actor=person, scan=scan, now=lab.now).state == Scan.State.CANCELLED


def test_what_a_person_asks_for_is_in_the_audit_log(lab):
    person = person_with(Role.CONTRIBUTOR, organization=lab.organization)
    scan = request(lab, person, regions=(REGION,))
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.target_uid) == ("scan.request", person, str(scan.uid))
    assert entry.after["selection"] == {"regions": [REGION]}


def test_a_scan_is_started_once(lab):
    scan = lab.request()
    starts = [scan_start(scan_id=scan.pk, registry=lab.registry, now=lab.now) for _ in range(2)]
    assert [len(accounts) for accounts in starts] == [1, 0]


def test_a_scan_of_other_checks_is_left_to_the_workers_that_have_them(lab):
    scan = lab.request()
    assert scans_to_start(registry=lab.registry) == [scan.pk]
    assert scans_to_start(registry=only("box_is_sealed", version=2)) == []


def test_a_selection_that_is_gone_when_the_scan_starts_ends_it_with_the_reason(lab):
    scan = lab.request(accounts=[lab.account.account_id])
    lab.account.excluded, lab.account.excluded_reason = True, "a playground"
    lab.account.save()
    assert scan_start(scan_id=scan.pk, registry=lab.registry, now=lab.now) == []
    scan.refresh_from_db()
    assert scan.state == Scan.State.FAILED
    assert "a playground" in scan.error


def test_the_last_account_ends_the_scan_with_its_tally(lab):
    scan = lab.scan(box("a", is_sealed=False), box("b"))
    assert (scan.state, scan.collected_shards, scan.facts, scan.api_calls) == ("finished", 2, 4, 2)
    assert scan.results == {"O2": {"pass": 2, "fail": 2, "unknown": 0, "not_applicable": 0}}
    assert scan.open_findings == {"high": 2}
    assert len(scan.digest) == 64


def test_an_account_is_assessed_by_one_and_only_after_its_last_shard(lab):
    scan = lab.start()
    member = lab.claim_account(scan)
    first, second = scan.shards.all()
    lab.commit(lab.harvest(lab.claim(first), {}))
    assert not account_collected(scan_account_id=member.pk, now=lab.now)
    lab.commit(lab.harvest(lab.claim(second), {}))
    assert account_collected(scan_account_id=member.pk, now=lab.now)
    assert not account_collected(scan_account_id=member.pk, now=lab.now)


def test_the_organization_is_assessed_by_one_and_only_after_its_last_account(lab):
    AccountFactory(organization=lab.organization)
    scan = lab.start()
    lab.collect(scan, {})
    members = scan.scan_accounts.order_by("position")
    assert not accounts_assessed(scan_id=scan.pk, now=lab.now)
    assert lab.end(scan).state == Scan.State.FINISHED
    assert not accounts_assessed(scan_id=scan.pk, now=lab.now)
    assert {member.state for member in members} == {"ended"}


def test_a_scan_that_learnt_nothing_has_failed(lab):
    assert lab.scan(facts={"lab.box": denied()}).state == Scan.State.FAILED


def test_a_cancelled_scan_throws_away_what_is_in_flight(lab):
    scan = lab.start()
    lab.claim_account(scan)
    claim = lab.claim(scan.shards.get(region=REGION))
    person = person_with(Role.CONTRIBUTOR, organization=lab.organization)
    scan_cancel(actor=person, scan=scan, now=lab.now)
    assert not lab.commit(lab.harvest(claim, {"lab.box": (box(is_sealed=False),)}))
    assert not open_findings()
    assert scan.state == Scan.State.CANCELLED
    assert set(scan.shards.values_list("state", flat=True)) == {Shard.State.CANCELLED}
    assert AuditEntry.objects.get().action == "scan.cancel"
    assert lab.request().kind == Scan.Kind.FULL


def test_what_has_ended_cannot_be_cancelled_and_a_viewer_may_cancel_nothing(lab):
    scan = lab.scan()
    with pytest.raises(ScanRefused, match="has ended"):
        scan_cancel(actor=None, scan=scan, now=lab.now)
    viewer = person_with(Role.VIEWER, organization=lab.organization)
    with pytest.raises(Denied):
        scan_cancel(actor=viewer, scan=lab.request(), now=lab.now)


def test_a_retry_visits_what_was_not_collected(lab):
    scan = lab.scan(facts={REGION: {"lab.box": denied()}, OTHER_REGION: {}})
    again = scan_retry(actor=None, scan=scan, now=lab.now, registry=lab.registry)
    scan_start(scan_id=again.pk, registry=lab.registry, now=lab.now)
    assert places(again) == {(lab.account.account_id, REGION)}
    assert (again.retry_of, again.kind) == (scan, Scan.Kind.TARGETED)


def test_there_is_nothing_to_retry_when_all_was_collected(lab):
    scan = lab.scan()
    with pytest.raises(ScanRefused, match="nothing to retry"):
        scan_retry(actor=None, scan=scan, now=lab.now)


def test_places_in_scope_are_known_before_they_are_collected(lab):
    lab.start(regions=[REGION])
    assert set(RegionState.objects.values_list("region", flat=True)) == {
        REGION,
        OTHER_REGION,
        AWS_GLOBAL,
        AWS_ORGANIZATION,
    }
