import pytest
from django.core.exceptions import ValidationError

from accounts.access import Denied
from accounts.models import Account, AuditEntry, OwnershipRule
from accounts.roles import Role
from accounts.services.ownership import (
    OwnerChange,
    ownership_preview,
    ownership_recompute,
    ownership_rule_delete,
    ownership_rule_save,
    ownership_rules_order,
    ownership_rules_set,
)
from tests.factories.accounts import (
    NOW,
    AccountFactory,
    OuFactory,
    OwnershipRuleFactory,
    TeamFactory,
    person_with,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def web():
    return TeamFactory(name="Web")


@pytest.fixture
def organization(web):
    return web.organization


@pytest.fixture
def administrator(organization):
    return person_with(Role.ADMINISTRATOR, organization=organization)


@pytest.fixture
def account(organization):
    return AccountFactory(organization=organization, tags={"team": "web"})


def owner(account):
    return Account.objects.get(pk=account.pk).owner_team


def rule(team, **conditions):
    return OwnershipRule(organization=team.organization, team=team, position=1, **conditions)


def test_a_saved_rule_gives_accounts_an_owner(web, account, administrator):
    ownership_rule_save(actor=administrator, rule=rule(web, tag_key="team"), now=NOW)
    assert owner(account) == web
    event = account.events.get()
    assert (event.kind, event.before, event.after) == ("owner_changed", "", "Web")
    assert event.actor == administrator
    assert AuditEntry.objects.get().action == "ownership_rule.add"


def test_a_changed_rule_is_audited_with_both_states(web, account, administrator):
    saved = ownership_rule_save(actor=None, rule=rule(web), now=NOW)
    saved.tag_key = "cost"
    ownership_rule_save(actor=administrator, rule=saved, now=NOW)
    entry = AuditEntry.objects.first()
    assert (entry.action, entry.before["tag_key"], entry.after["tag_key"]) == (
        "ownership_rule.change",
        "",
        "cost",
    )
    assert owner(account) is None


def test_a_deleted_rule_takes_its_accounts_back(web, account, administrator):
    saved = ownership_rule_save(actor=None, rule=rule(web), now=NOW)
    ownership_rule_delete(actor=administrator, rule=saved, now=NOW)
    assert owner(account) is None
    assert AuditEntry.objects.first().action == "ownership_rule.delete"


def test_the_order_decides(web, account, administrator):
    data = TeamFactory(organization=web.organization, name="Data")
    first, last = OwnershipRuleFactory(team=web), OwnershipRuleFactory(team=data)
    ownership_recompute(actor=administrator, organization=web.organization, now=NOW)
    assert owner(account) == data
    ownership_rules_order(
        actor=administrator, organization=web.organization, rules=[last, first], now=NOW
    )
    assert owner(account) == web
    assert AuditEntry.objects.get().action == "ownership_rules.order"


def test_an_order_names_every_rule_once(web, administrator):
    first = OwnershipRuleFactory(team=web)
    OwnershipRuleFactory(team=web)
    for rules in ([first], [first, first], [first, OwnershipRuleFactory()]):
        with pytest.raises(ValidationError, match="every rule"):
            ownership_rules_order(
                actor=administrator, organization=web.organization, rules=rules, now=NOW
            )


def test_a_preview_tells_who_would_change_and_writes_nothing(web, account, administrator):
    AccountFactory(organization=web.organization, tags={})
    changes = ownership_preview(
        actor=administrator, organization=web.organization, rules=[rule(web, tag_key="team")]
    )
    assert changes == [OwnerChange(account=account, before=None, after=web)]
    assert owner(account) is None


def test_accounts_that_left_keep_their_last_owner(web, account, administrator):
    ownership_rule_save(actor=None, rule=rule(web), now=NOW)
    Account.objects.update(state="LEFT", left_at=NOW)
    OwnershipRule.objects.all().delete()
    assert ownership_recompute(actor=administrator, organization=web.organization, now=NOW) == []
    assert owner(account) == web


def test_parts_of_another_organization_are_refused(web):
    for wrong in (
        rule(web, ou=OuFactory()),
        rule(web, account=AccountFactory()),
        OwnershipRule(organization=web.organization, team=TeamFactory(), position=1),
    ):
        with pytest.raises(ValidationError, match="not part of the chosen organization"):
            ownership_rule_save(actor=None, rule=wrong, now=NOW)


def test_a_tag_value_needs_its_key(web):
    with pytest.raises(ValidationError, match="Give the key of the tag"):
        ownership_rule_save(actor=None, rule=rule(web, tag_value="web"), now=NOW)


def test_rules_are_for_administrators_of_the_whole_organization(web, organization):
    ou = OuFactory(organization=organization)
    saved = OwnershipRuleFactory(team=web)
    for actor in (
        person_with(Role.APPROVER, organization=organization),
        person_with(Role.ADMINISTRATOR, organization=organization, ou=ou),
    ):
        attempts = (
            lambda actor=actor: ownership_rule_save(actor=actor, rule=rule(web), now=NOW),
            lambda actor=actor: ownership_rule_delete(actor=actor, rule=saved, now=NOW),
            lambda actor=actor: ownership_rules_order(
                actor=actor, organization=organization, rules=[saved], now=NOW
            ),
            lambda actor=actor: ownership_preview(actor=actor, organization=organization, rules=[]),
            lambda actor=actor: ownership_recompute(
                actor=actor, organization=organization, now=NOW
            ),
        )
        for attempt in attempts:
            with pytest.raises(Denied):
                attempt()


def test_all_rules_are_set_at_once_and_owners_move_once(web, account, administrator):
    shop = TeamFactory(organization=web.organization, name="Shop")
    first = ownership_rule_save(actor=None, rule=rule(web), now=NOW)
    gone = ownership_rule_save(actor=None, rule=rule(shop, region="eu-west-1"), now=NOW)
    account.events.all().delete()
    first.team = shop
    rules = [rule(web, service="s3"), first, rule(web, tag_key="team"), rule(shop)]
    ownership_rules_set(actor=administrator, organization=web.organization, rules=rules, now=NOW)
    stored = web.organization.ownership_rules.all()
    assert [str(one.conditions) for one in stored] == [
        "service s3",
        "everything",
        "tag team=*",
        "everything",
    ]
    assert not OwnershipRule.objects.filter(pk=gone.pk).exists()
    event = account.events.get()
    assert (event.before, event.after, owner(account)) == ("Web", "Shop", shop)
    before = AuditEntry.objects.count()
    ownership_rules_set(
        actor=administrator, organization=web.organization, rules=list(stored), now=NOW
    )
    assert (AuditEntry.objects.count(), account.events.count()) == (before, 1)


def test_no_rule_of_another_organization_is_set(web, organization):
    foreign = OwnershipRuleFactory()
    viewer = person_with(Role.VIEWER, organization=organization)
    for rules in ([foreign], [rule(TeamFactory())], [rule(foreign.team)]):
        with pytest.raises(ValidationError):
            ownership_rules_set(actor=None, organization=organization, rules=rules, now=NOW)
    with pytest.raises(Denied):
        ownership_rules_set(actor=viewer, organization=organization, rules=[], now=NOW)
    assert OwnershipRule.objects.get() == foreign
