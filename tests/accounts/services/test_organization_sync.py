import datetime as dt
from dataclasses import replace

import pytest

from accounts.models import (
    Account,
    AccountEvent,
    AccountEventKind,
    AccountSource,
    AccountState,
    AuditEntry,
    Membership,
    OrganizationalUnit,
)
from accounts.services.organization_sync import (
    SnapshotRefused,
    organization_sync_apply,
    organization_sync_failed,
)
from accounts.snapshot import AccountSnapshot, OrganizationSnapshot, OuSnapshot
from tests.factories.accounts import (
    NOW,
    AccountFactory,
    OrganizationFactory,
    OwnershipRuleFactory,
    TeamFactory,
)

pytestmark = pytest.mark.django_db

MANAGEMENT = "999999999999"
LATER = NOW + dt.timedelta(days=1)


def ou(id, name, parent_id="r-ab12"):
    return OuSnapshot(id=id, name=name, parent_id=parent_id)


def account(id, **changes):
    snapshot = AccountSnapshot(
        id=id,
        name=f"account {id[0]}",
        email=f"{id[0]}@example.com",
        state=AccountState.ACTIVE,
        parent_id="r-ab12",
        tags={},
        joined_at=NOW,
    )
    return replace(snapshot, **changes)


WEB, SHOP = "1" * 12, "2" * 12
FIRST = OrganizationSnapshot(
    organization_id="o-abc1234567",
    management_account_id=MANAGEMENT,
    units=(ou("ou-ab12-1", "Workloads"), ou("ou-ab12-2", "Prod", "ou-ab12-1")),
    accounts=(account(MANAGEMENT), account(WEB, parent_id="ou-ab12-2"), account(SHOP)),
    complete=True,
)


@pytest.fixture
def organization():
    return OrganizationFactory(management_account_id=MANAGEMENT)


@pytest.fixture
def synced(organization):
    organization_sync_apply(organization=organization, snapshot=FIRST, now=NOW)
    return organization


def sync(organization, now=LATER, **changes):
    snapshot = replace(FIRST, **changes)
    return organization_sync_apply(organization=organization, snapshot=snapshot, now=now)


def events_of(account_id):
    events = AccountEvent.objects.filter(account__account_id=account_id)
    return list(events.values_list("kind", flat=True))


def test_the_first_sync_brings_accounts_into_their_ous(synced):
    web = Account.objects.get(account_id=WEB)
    assert (web.organization, web.ou_path, web.name) == (synced, "Workloads/Prod", "account 1")
    assert (web.state, web.email, web.tags, web.joined_at) == ("ACTIVE", "1@example.com", {}, NOW)
    assert web.ou.lineage == f"{web.ou.parent.pk}/{web.ou.pk}/"
    assert events_of(WEB) == ["joined"]


def test_the_sync_is_noted_on_the_organization(synced):
    assert synced.aws_organization_id == "o-abc1234567"
    assert (synced.last_synced_at, synced.last_sync_error) == (NOW, "")


def test_the_same_sync_again_writes_nothing(synced):
    before = [list(model.objects.values()) for model in (Account, OrganizationalUnit, Membership)]
    report = sync(synced)
    assert report.changes == {}
    assert before == [
        list(model.objects.values()) for model in (Account, OrganizationalUnit, Membership)
    ]
    assert AccountEvent.objects.count() == 3


def test_what_happened_is_reported_by_kind(organization):
    report = sync(organization)
    assert (report.complete, report.accounts) == (True, 3)
    assert report.changes == {AccountEventKind.JOINED: 3}


def test_a_move_closes_one_membership_and_opens_another(synced):
    sync(synced, accounts=(account(MANAGEMENT), account(WEB), account(SHOP)))
    assert events_of(WEB) == ["joined", "moved", "environment_changed"]
    old, new = Membership.objects.filter(account__account_id=WEB)
    assert (old.ou.name, old.started_at, old.ended_at) == ("Prod", NOW, LATER)
    assert (new.ou, new.started_at, new.ended_at) == (None, LATER, None)


def test_an_ou_that_moves_takes_its_accounts_along(synced):
    sync(synced, units=(ou("ou-ab12-1", "Workloads"), ou("ou-ab12-2", "Live")))
    web = Account.objects.get(account_id=WEB)
    assert (web.ou_path, web.ou.lineage) == ("Live", f"{web.ou.pk}/")
    assert "moved" in events_of(WEB)
    assert Membership.objects.filter(account=web).count() == 1


def test_a_renamed_parent_renames_every_path_below(synced):
    sync(synced, units=(ou("ou-ab12-1", "Apps"), FIRST.units[1]))
    assert Account.objects.get(account_id=WEB).ou_path == "Apps/Prod"


def test_a_missing_account_left_and_is_kept(synced):
    sync(synced, accounts=FIRST.accounts[:2])
    shop = Account.objects.get(account_id=SHOP)
    assert (shop.state, shop.left_at) == ("LEFT", LATER)
    assert shop.memberships.get().ended_at == LATER
    assert events_of(SHOP) == ["joined", "left"]


def test_an_account_that_comes_back_rejoins(synced):
    sync(synced, accounts=FIRST.accounts[:2])
    sync(synced, now=LATER + dt.timedelta(days=1))
    shop = Account.objects.get(account_id=SHOP)
    assert (shop.state, shop.left_at) == ("ACTIVE", None)
    assert events_of(SHOP) == ["joined", "left", "rejoined"]
    assert shop.memberships.count() == 2


def test_a_suspended_account_stays_a_member(synced):
    suspended = account(SHOP, state=AccountState.SUSPENDED)
    sync(synced, accounts=(*FIRST.accounts[:2], suspended))
    shop = Account.objects.get(account_id=SHOP)
    assert (shop.state, shop.left_at) == ("SUSPENDED", None)
    assert shop.memberships.get().ended_at is None
    assert events_of(SHOP) == ["joined", "suspended"]


def test_a_listing_that_breaks_off_marks_nobody_as_left(synced):
    report = sync(
        synced,
        units=(),
        accounts=(account(WEB, name="web", parent_id=None),),
        complete=False,
        error="Throttled",
    )
    assert report.changes == {AccountEventKind.RENAMED: 1}
    assert Account.objects.members().count() == 3
    assert OrganizationalUnit.objects.present().count() == 2


def test_a_listing_that_breaks_off_is_told_and_is_no_sync(synced):
    sync(synced, complete=False, error="ListAccounts: Throttled")
    assert synced.last_synced_at == NOW
    assert (synced.last_sync_error, synced.last_sync_failed_at) == (
        "ListAccounts: Throttled",
        LATER,
    )
    sync(synced)
    assert (synced.last_sync_error, synced.last_sync_failed_at) == ("", None)


def test_an_organization_that_cannot_be_read_keeps_what_is_known(synced):
    organization_sync_failed(organization=synced, error="Access denied", now=LATER)
    synced.refresh_from_db()
    assert (synced.last_synced_at, synced.last_sync_error) == (NOW, "Access denied")
    assert Account.objects.members().count() == 3


def test_an_ou_that_is_gone_is_marked_and_may_come_back(synced):
    at_root = (account(MANAGEMENT), account(WEB), account(SHOP))
    sync(synced, units=FIRST.units[:1], accounts=at_root)
    assert OrganizationalUnit.objects.get(name="Prod").removed_at == LATER
    sync(synced)
    assert OrganizationalUnit.objects.get(name="Prod").removed_at is None
    assert OrganizationalUnit.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"organization_id": "o-other"}, "is o-abc1234567"),
        ({"management_account_id": "888888888888"}, "is set up with 999999999999"),
        ({"accounts": ()}, "is not believed"),
    ],
)
def test_a_reading_that_cannot_be_of_this_organization_is_refused(synced, changes, said):
    with pytest.raises(SnapshotRefused, match=said):
        sync(synced, **changes)
    assert Account.objects.members().count() == 3


def test_environment_and_owner_are_derived(organization):
    team = TeamFactory(organization=organization, name="Web")
    OwnershipRuleFactory(team=team, tag_key="team", tag_value="web")
    tagged = account(SHOP, tags={"team": "web", "Environment": "dev"})
    sync(organization, accounts=(*FIRST.accounts[:2], tagged))
    web, shop = (Account.objects.get(account_id=id) for id in (WEB, SHOP))
    assert (web.environment, web.owner_team) == ("production", None)
    assert (shop.environment, shop.owner_team) == ("dev", team)


def test_a_new_tag_changes_environment_and_owner_with_an_event_each(synced):
    OwnershipRuleFactory(team=TeamFactory(organization=synced), tag_key="team")
    tagged = account(SHOP, tags={"team": "web", "Environment": "prod"})
    sync(synced, accounts=(*FIRST.accounts[:2], tagged))
    assert events_of(SHOP) == ["joined", "tags_changed", "environment_changed", "owner_changed"]


def test_tags_that_were_not_read_keep_their_last_value(synced):
    sync(synced, accounts=(*FIRST.accounts[:2], account(SHOP, tags={"a": "b"})))
    sync(synced, accounts=(*FIRST.accounts[:2], account(SHOP, tags=None)))
    assert Account.objects.get(account_id=SHOP).tags == {"a": "b"}


def test_tags_that_were_never_read_are_not_known_to_be_none(organization):
    sync(organization, accounts=(*FIRST.accounts[:2], account(SHOP, tags=None)))
    assert Account.objects.get(account_id=SHOP).tags is None


def test_an_imported_account_is_not_missed_but_taken_over_when_listed(organization):
    outside = AccountFactory(organization=organization, source=AccountSource.IMPORT)
    listed = AccountFactory(
        organization=organization, account_id=WEB, source=AccountSource.IMPORT, name="old name"
    )
    sync(organization)
    outside.refresh_from_db()
    listed.refresh_from_db()
    assert (outside.state, outside.source) == ("ACTIVE", AccountSource.IMPORT)
    assert (listed.name, listed.source) == ("account 1", AccountSource.ORGANIZATIONS)


def test_an_exclusion_outlives_the_sync(synced):
    Account.objects.filter(account_id=WEB).update(excluded=True, excluded_reason="sold")
    sync(synced)
    assert Account.objects.get(account_id=WEB).excluded


def test_a_sync_is_no_change_of_a_person(synced):
    assert AuditEntry.objects.count() == 0


def test_other_organizations_are_left_alone(synced):
    other = AccountFactory(account_id=WEB)
    sync(synced, accounts=FIRST.accounts[:1])
    other.refresh_from_db()
    assert other.state == "ACTIVE"


def test_a_thousand_accounts_take_few_queries(organization, django_assert_max_num_queries):
    many = tuple(account(f"{n:012}") for n in range(1000))
    with django_assert_max_num_queries(60):
        sync(organization, accounts=many)
    assert Membership.objects.count() == 1000
