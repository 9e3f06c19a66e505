import uuid

import pytest
from django.db import IntegrityError, transaction

from accounts.models import AccountEvent, Membership, Organization, OrganizationalUnit, uuid7
from tests.factories.accounts import (
    NOW,
    AccountFactory,
    GrantFactory,
    OrganizationFactory,
    OuFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def refused(constraint, make):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make()


@pytest.mark.parametrize(
    "id", ["12345678901", "1234567890123", "12345678901x", "12345678901\n", ""]
)
def test_an_account_id_has_12_digits(id):
    with pytest.raises(Exception, match=r"account_id_is_12_digits|too long"), transaction.atomic():
        AccountFactory(account_id=id)


def test_an_account_is_once_in_an_organization():
    account = AccountFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        AccountFactory(organization=account.organization, account_id=account.account_id)
    AccountFactory(account_id=account.account_id)


def test_what_left_says_when_and_only_that():
    refused("account_left_at", lambda: AccountFactory(state="LEFT"))
    refused("account_left_at", lambda: AccountFactory(left_at=NOW))


def test_states_and_kinds_are_known():
    account = AccountFactory()
    refused("account_state_known", lambda: AccountFactory(state="FROZEN"))
    refused("account_role_health_known", lambda: AccountFactory(role_health="fine"))
    refused("organization_partition_known", lambda: OrganizationFactory(partition="x"))
    refused("grant_role_known", lambda: GrantFactory(user=UserFactory(), role="owner"))
    refused(
        "account_event_kind_known",
        lambda: AccountEvent.objects.create(account=account, kind="sold", at=NOW),
    )


def test_an_exclusion_has_a_reason():
    refused("excluded_exactly", lambda: AccountFactory(excluded=True))
    refused("excluded_exactly", lambda: AccountFactory(excluded_reason="sold"))


def test_an_account_has_one_open_membership():
    account = AccountFactory()
    Membership.objects.create(account=account, started_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(account=account, started_at=NOW)


def test_a_grant_has_one_grantee_and_at_most_one_narrower_scope():
    organization = OrganizationFactory()
    ou, team = OuFactory(organization=organization), TeamFactory(organization=organization)
    refused("exactly_one_grantee", lambda: GrantFactory(organization=organization))
    refused("exactly_one_grantee", lambda: GrantFactory(user=UserFactory(), team=team))
    refused(
        "at_most_one_narrower_scope",
        lambda: GrantFactory(user=UserFactory(), ou=ou, accounts_of=team),
    )


def test_a_grantee_has_one_grant_on_a_scope():
    anna, organization = UserFactory(), OrganizationFactory()
    GrantFactory(user=anna, organization=organization)
    refused(
        "grant_unique", lambda: GrantFactory(user=anna, organization=organization, role="approver")
    )
    GrantFactory(user=anna, organization=organization, ou=OuFactory(organization=organization))
    GrantFactory(user=UserFactory(), organization=organization)


def test_an_ou_always_has_a_lineage():
    refused(
        "unit_has_a_lineage",
        lambda: OrganizationalUnit.objects.filter(pk=OuFactory().pk).update(lineage=""),
    )


def test_uids_grow_with_time():
    uids = [uuid7() for _ in range(100)]
    assert uids == sorted(uids)
    assert {uid.version for uid in uids} == {7}
    assert isinstance(OrganizationFactory().uid, uuid.UUID)


def test_the_management_account_is_known():
    organization = OrganizationFactory()
    id = organization.management_account_id
    assert AccountFactory(organization=organization, account_id=id).is_management
    assert not AccountFactory(organization=organization).is_management


def test_management_accounts_are_compared_within_a_partition():
    first = OrganizationFactory()
    id = first.management_account_id
    refused("management_account", lambda: OrganizationFactory(management_account_id=id))
    OrganizationFactory(management_account_id=id, partition="aws-cn")
    assert Organization.objects.count() == 2
