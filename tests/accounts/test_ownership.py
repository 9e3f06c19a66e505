import pytest

from accounts.ownership import Subject, explain, owning_rule
from tests.factories.accounts import AccountFactory, OuFactory, OwnershipRuleFactory, TeamFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return TeamFactory(name="Platform")


@pytest.fixture
def account(team):
    workloads = OuFactory(organization=team.organization, name="Workloads")
    prod = OuFactory(organization=team.organization, name="Prod", parent=workloads)
    return AccountFactory(organization=team.organization, ou=prod, tags={"team": "web"})


def fits(account, subject=None, /, **conditions):
    rule = OwnershipRuleFactory(team__organization=account.organization, **conditions)
    return owning_rule([rule], subject or Subject(account=account)) is rule


def test_a_rule_without_conditions_owns_everything(account):
    assert fits(account)


def test_the_last_rule_that_fits_wins(team, account):
    rules = [
        OwnershipRuleFactory(team=team),
        OwnershipRuleFactory(team=team, tag_key="team"),
        OwnershipRuleFactory(team=team, tag_key="cost"),
    ]
    assert owning_rule(rules, Subject(account=account)) is rules[1]


def test_nobody_owns_what_no_rule_fits(team, account):
    assert (
        owning_rule([OwnershipRuleFactory(team=team, region="x")], Subject(account=account)) is None
    )


def test_an_ou_owns_everything_below_it(account):
    assert fits(account, ou=account.ou.parent)
    assert not fits(account, ou=OuFactory(organization=account.organization, name="Sandbox"))


def test_an_ou_does_not_own_accounts_at_the_root(account):
    account.ou = None
    assert not fits(account, ou=OuFactory(organization=account.organization))


def test_an_account_is_owned_by_its_own_rule_only(account):
    assert fits(account, account=account)
    assert not fits(account, account=AccountFactory(organization=account.organization))


def test_a_tag_fits_by_key_or_by_key_and_value(account):
    assert fits(account, tag_key="team")
    assert fits(account, tag_key="team", tag_value="web")
    assert not fits(account, tag_key="team", tag_value="data")
    assert not fits(account, tag_key="cost")


def test_a_tag_of_the_resource_outweighs_the_one_of_its_account(account):
    subject = Subject(account=account, resource_tags={"team": "data"})
    assert fits(account, subject, tag_key="team", tag_value="data")
    assert not fits(account, subject, tag_key="team", tag_value="web")


def test_tags_that_were_not_collected_fit_nothing_and_say_so(account):
    account.tags = None
    rule = OwnershipRuleFactory(team__organization=account.organization, tag_key="team")
    (verdict,) = explain([rule], Subject(account=account))
    assert (verdict.fits, verdict.reason) == (False, "the account's tags were not collected")


def test_rules_about_findings_say_nothing_of_whole_accounts(account):
    assert not fits(account, region="eu-west-1")
    assert fits(account, Subject(account=account, region="eu-west-1"), region="eu-west-1")
    assert not fits(account, Subject(account=account, region="eu-west-1"), region="us-east-1")


@pytest.mark.parametrize("condition", ["service", "check_id", "region"])
def test_each_condition_on_a_finding_counts(account, condition):
    assert fits(account, Subject(account=account, **{condition: "x"}), **{condition: "x"})
    assert not fits(account, Subject(account=account, **{condition: "y"}), **{condition: "x"})


def test_a_rule_of_another_organization_never_fits(account):
    rule = OwnershipRuleFactory()
    assert owning_rule([rule], Subject(account=account)) is None


def test_why_is_told_for_every_rule(team, account):
    rules = [
        OwnershipRuleFactory(team=team),
        OwnershipRuleFactory(team=team, tag_key="cost"),
        OwnershipRuleFactory(team=team, ou=account.ou),
    ]
    assert [verdict.reason for verdict in explain(rules, Subject(account=account))] == [
        "fits, but a later rule does too",
        "has no tag cost=*",
        "fits, and is the last that does",
    ]
