"""An action item is closed by scans that looked, and by nothing else."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.access import Denied
from accounts.roles import Role
from findings.models import ActionItem, IncidentEvent, Learning, Scan
from findings.services import action_items
from findings.services.action_items import (
    ActionItemRefused,
    action_item_add,
    action_item_claim,
    action_item_take_back,
)
from findings.services.guard_following import guard_follow, guards_due
from tests.factories.accounts import (
    AccountFactory,
    OuFactory,
    TeamFactory,
    UserFactory,
    person_with,
)
from tests.factories.incidents import ActionItemFactory, IncidentFactory, LearningFactory
from tests.findings.services.guarded import OPEN, SEALED, Guarded
from tests.findings.services.lab import NOW, denied

HOUR = dt.timedelta(hours=1)
pytestmark = pytest.mark.django_db
EMPTY, DENIED = {"lab.box": ()}, {"lab.box": denied()}


def test_only_a_scan_after_the_claim_verifies_it():
    guarded = Guarded()
    assert guarded.scan() == ("open", "open")
    assert guarded.claim() == ("claimed", "open")
    assert guarded.scan() == ("verified", "guarded")
    assert guarded.item.decided_by == guarded.lab.now
    assert list(IncidentEvent.objects.values_list("kind", flat=True)) == [
        "action_claimed", "learned", "action_verified",
    ]  # fmt: skip


@pytest.mark.one_database
def test_a_claim_that_a_scan_contradicts_is_taken_back_and_counted():
    guarded = Guarded()
    guarded.scan(OPEN)
    assert guarded.claim() == ("claimed", "open")
    assert guarded.scan(OPEN) == ("open", "open")
    assert guarded.item.rejected_claims == 1
    assert guarded.claim() == ("claimed", "open")
    assert guarded.scan() == ("verified", "guarded")


@pytest.mark.one_database
def test_what_fails_after_it_was_verified_re_opens_its_learning():
    guarded = Guarded()
    guarded.claim()
    guarded.scan()
    assert guarded.scan(OPEN) == ("open", "regressed")
    assert (guarded.item.regressions, guarded.item.verified_at) == (1, None)
    assert guarded.scan() == ("open", "regressed")
    guarded.claim()
    assert guarded.scan() == ("verified", "guarded")


@pytest.mark.one_database
@pytest.mark.parametrize("facts", [DENIED, EMPTY])
def test_a_scan_that_could_not_look_decides_nothing(facts):
    guarded = Guarded()
    guarded.scan()
    guarded.claim()
    assert guarded.scan(facts) == ("claimed", "open")
    assert guarded.scan() == ("verified", "guarded")
    assert guarded.scan(facts) == ("verified", "guarded")


@pytest.mark.one_database
def test_a_scan_of_one_of_two_accounts_decides_nothing():
    guarded = Guarded()
    guarded.scan()
    guarded.claim()
    account = guarded.lab.account.account_id
    assert guarded.scan(accounts=[account]) == ("claimed", "open")
    assert guarded.scan() == ("verified", "guarded")


@pytest.mark.one_database
def test_facts_of_before_the_claim_count_for_nothing_even_when_committed_after_it():
    guarded = Guarded()
    lab = guarded.lab
    scan = lab.start()
    before = lab.now
    guarded.claim()
    for member in scan.scan_accounts.all():
        lab.claim_account(scan, member.account)
    for shard in scan.shards.all():
        lab.commit(lab.harvest(lab.claim(shard), SEALED, at=before))
    Scan.objects.filter(pk=scan.pk).update(state="finished", finished_at=lab.now)
    assert guarded.follow() == ("claimed", "open")


def test_a_scan_that_has_not_ended_is_not_listened_to():
    guarded = Guarded()
    guarded.claim()
    scan = guarded.lab.wait(hours=1).start()
    guarded.lab.collect(scan, SEALED)
    assert guarded.follow() == ("claimed", "open")
    guarded.lab.end(scan)
    assert guarded.follow() == ("verified", "guarded")


@pytest.mark.one_database
def test_an_account_wide_check_is_followed_too():
    guarded = Guarded("account_boxes_are_sealed")
    guarded.claim()
    assert guarded.scan(OPEN) == ("open", "open")
    guarded.claim()
    assert guarded.scan() == ("verified", "guarded")


@pytest.mark.one_database
def test_it_needs_as_many_scans_as_it_says():
    guarded = Guarded(needed_passes=2)
    guarded.claim()
    assert guarded.scan() == ("claimed", "open")
    assert guarded.item.passes == 1
    assert guarded.scan() == ("verified", "guarded")


def test_a_learning_is_guarded_when_all_its_items_are():
    guarded = Guarded()
    ActionItemFactory(
        incident=guarded.item.incident,
        learning=guarded.learning,
        accounts=[guarded.lab.account],
    )
    guarded.claim()
    assert guarded.scan() == ("verified", "open")


def test_only_organizations_where_a_scan_ended_since_are_looked_at():
    guarded = Guarded()
    guarded.scan()
    assert guards_due(guarded.lab.now) == []
    guarded.claim()
    later = guarded.lab.now + HOUR
    assert guards_due(later) == []
    guarded.lab.wait(hours=2).scan(facts=SEALED)
    assert guards_due(guarded.lab.now + HOUR) == [guarded.lab.organization.pk]
    guarded.follow()
    assert guards_due(guarded.lab.now + HOUR) == []
    assert guards_due(guarded.lab.now) == [guarded.lab.organization.pk]


def test_the_database_itself_refuses_what_no_evidence_verified():
    item = Guarded().item
    for fields in (
        {"state": "verified"},
        {"state": "verified", "claimed_at": NOW, "verified_at": NOW, "passes": 1},
        {"state": "verified", "claimed_at": NOW, "verified_at": NOW, "decided_by": NOW,
         "passes": 1},
        {"state": "verified", "claimed_at": NOW, "verified_at": NOW, "decided_by": NOW + HOUR},
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            ActionItem.objects.filter(pk=item.pk).update(**fields)


def test_a_guard_that_the_catalogue_no_longer_has_decides_nothing():
    guarded = Guarded()
    guarded.claim()
    guarded.lab.wait(hours=1).scan(facts=SEALED)
    guard_follow(item_id=guarded.item.pk, registry={}, now=guarded.lab.now)
    guarded.item.refresh_from_db()
    assert guarded.item.state == "claimed"


def test_it_is_claimed_once_and_a_claim_is_taken_back():
    item = Guarded().item
    with pytest.raises(ActionItemRefused, match="Nothing is claimed"):
        action_item_take_back(actor=None, item=item, now=NOW)
    action_item_claim(actor=None, item=item, via="ticket", now=NOW)
    with pytest.raises(ActionItemRefused, match="already"):
        action_item_claim(actor=None, item=item, now=NOW)
    action_item_take_back(actor=None, item=item, now=NOW)
    assert (item.state, item.claimed_at) == ("open", None)


def test_its_owner_and_contributors_claim_it():
    item = Guarded().item
    organization = item.organization
    viewer, owner = (person_with(Role.VIEWER, organization=organization) for _ in range(2))
    item.owner_team.members.add(owner)
    outsider = UserFactory()
    item.owner_team.members.add(outsider)
    for person in (viewer, outsider, UserFactory()):
        with pytest.raises(Denied):
            action_item_claim(actor=person, item=item, now=NOW)
    action_item_claim(actor=owner, item=item, now=NOW)
    contributor = person_with(Role.CONTRIBUTOR, organization=organization)
    action_item_take_back(actor=contributor, item=item, now=NOW)
    assert list(ActionItem.objects.visible_to(owner).of(owner)) == [item]
    assert list(ActionItem.objects.of(viewer)) == []


@pytest.fixture
def add():
    incident = IncidentFactory(severity="critical")
    account = AccountFactory(organization=incident.organization)
    owner = person_with(Role.VIEWER, organization=incident.organization)

    def make(actor=None, accounts=(account,), **fields):
        given = {"incident": incident, "title": "Log", "owner": owner,
                 "check_id": "cloudtrail_multi_region_logging"} | fields  # fmt: skip
        item = ActionItem(**given)
        return action_item_add(actor=actor, item=item, accounts=accounts, now=NOW)

    make.incident, make.account = incident, account
    return make


def test_it_is_due_by_the_severity_of_its_incident(add):
    assert add().due_at == NOW + dt.timedelta(days=14)
    assert add(due_at=NOW + HOUR).due_at == NOW + HOUR
    assert set(action_items.DUE_DAYS) == {"critical", "high", "medium", "low", "informational"}


def test_mistakes_are_told(add):
    for wrong in (
        {"title": " "},
        {"check_id": "none"},
        {"accounts": ()},
        {"accounts": [AccountFactory()]},
        {"owner": None},
        {"owner_team": TeamFactory(organization=add.incident.organization)},
        {"owner": UserFactory()},
        {"needed_passes": 0},
        {"learning": LearningFactory()},
    ):
        with pytest.raises(ValidationError):
            add(**wrong)
    assert not ActionItem.objects.exists()


def test_a_new_item_opens_a_guarded_learning(add):
    learning = LearningFactory(incident=add.incident, state="guarded")
    add(learning=learning)
    assert Learning.objects.get().state == "open"


def test_who_does_not_see_all_guarded_accounts_sees_nothing_of_it(add):
    organization = add.incident.organization
    prod = OuFactory(organization=organization)
    shop = AccountFactory(organization=organization, ou=prod)
    add.incident.accounts.set([shop])
    item = add(accounts=[shop])
    of_both = add(accounts=[shop, add.account])
    person = person_with(Role.CONTRIBUTOR, ou=prod)
    assert list(ActionItem.objects.visible_to(person)) == [item]
    with pytest.raises(Denied):
        action_item_claim(actor=person, item=of_both, now=NOW)
    with pytest.raises(Denied):
        add(actor=person, accounts=[shop, add.account], owner=person)
