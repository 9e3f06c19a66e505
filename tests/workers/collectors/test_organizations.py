"""The organization, and who administers services for it."""

import pytest
from botocore.exceptions import ClientError

from tests.workers.collectors.stubbed import StubbedSession
from workers.collectors.organizations import (
    ADMINISTERED,
    delegated_administrators,
    member_accounts,
    organizations,
    parse_organization,
    parse_tag_policy,
    tag_policies,
)

LISTING = ("organizations", "list_delegated_administrators")
NOT_IN_USE = "AWSOrganizationsNotInUseException"


@pytest.fixture
def session():
    session = StubbedSession()
    yield session
    session.assert_all_asked()


def test_the_organization_is_read(session):
    found = {"Id": "o-a1b2c3d4e5", "MasterAccountId": "111111111111", "FeatureSet": "ALL"}
    session.answer("organizations", "describe_organization", {"Organization": found})
    (organization,) = organizations(session)
    assert (organization.key, organization.management_account) == ("o-a1b2c3d4e5", "111111111111")
    assert organization.has_all_features


def test_an_organization_for_billing_alone_has_not_all_features():
    raw = {"Id": "o-1", "MasterAccountId": "1", "FeatureSet": "CONSOLIDATED_BILLING"}
    assert not parse_organization(raw).has_all_features


def test_an_account_without_an_organization_has_none(session):
    session.refuse("organizations", "describe_organization", NOT_IN_USE)
    assert list(organizations(session)) == []


def test_the_administrators_of_each_service_are_asked(session):
    for service in ADMINISTERED:
        session.answer(
            "organizations",
            "list_delegated_administrators",
            {"DelegatedAdministrators": [{"Id": "222222222222"}]},
            ServicePrincipal=service,
        )
    found = {(fact.service, fact.account) for fact in delegated_administrators(session)}
    assert found == {(service, "222222222222") for service in ADMINISTERED}


def test_without_an_organization_nobody_administers_anything(session):
    session.refuse("organizations", "list_delegated_administrators", NOT_IN_USE)
    assert list(delegated_administrators(session)) == []


def test_a_service_that_organizations_does_not_know_is_administered_by_nobody(session):
    told = "You specified an unrecognized service principal."
    for _ in ADMINISTERED:
        session.refuse(*LISTING, "InvalidInputException", told)
    assert list(delegated_administrators(session)) == []


def test_another_invalid_input_is_no_empty_list(session):
    session.refuse(*LISTING, "InvalidInputException")
    with pytest.raises(ClientError):
        list(delegated_administrators(session))


def test_accounts_are_listed_with_their_state(session):
    accounts = [
        {"Id": "111111111111", "Status": "SUSPENDED", "State": "PENDING_CLOSURE"},
        {"Id": "222222222222", "Status": "ACTIVE", "Name": "shop", "Email": "shop@example.com"},
    ]
    session.answer("organizations", "list_accounts", {"Accounts": accounts})
    members = list(member_accounts(session))
    assert [(member.key, member.state) for member in members] == [
        ("111111111111", "PENDING_CLOSURE"),
        ("222222222222", "ACTIVE"),
    ]
    assert "shop" not in repr(members)


def test_an_account_without_an_organization_has_no_members(session):
    session.refuse("organizations", "list_accounts", NOT_IN_USE)
    assert list(member_accounts(session)) == []


OWN = {"PolicyType": "TAG_POLICY", "TargetId": "111111111111"}


def content(text):
    return {"EffectivePolicy": {"PolicyContent": text}}


def test_an_account_asks_for_the_tag_policy_that_holds_for_it(session):
    policy = (
        '{"tags": {"owner": {"tag_key": "Owner", "tag_value": ["secret"]},'
        ' "environment": {}, "team": {"tag_key": "Team"}}}'
    )
    session.answer("organizations", "describe_effective_policy", content(policy), **OWN)
    (found,) = tag_policies(session)
    assert (found.account, found.tag_keys) == ("111111111111", ("Owner", "Team", "environment"))
    assert "secret" not in repr(found)


def test_where_no_tag_policy_holds_it_speaks_of_nothing(session):
    code = "EffectivePolicyNotFoundException"
    session.refuse("organizations", "describe_effective_policy", code)
    (found,) = tag_policies(session)
    assert found.tag_keys == ()


def test_outside_an_organization_there_is_no_tag_policy(session):
    session.refuse("organizations", "describe_effective_policy", NOT_IN_USE)
    assert list(tag_policies(session)) == []


@pytest.mark.parametrize(
    "text", ["no json", "[]", '{"tags": []}', '{"tags": {"owner": "Owner"}}', None]
)
def test_a_policy_that_cannot_be_read_is_not_known(text):
    assert set(parse_tag_policy(content(text), "111111111111").gaps) == {"tag_keys"}


@pytest.mark.parametrize("text", ["{}", '{"tags": {}}'])
def test_a_policy_without_tags_speaks_of_none(text):
    assert parse_tag_policy(content(text), "111111111111").tag_keys == ()
