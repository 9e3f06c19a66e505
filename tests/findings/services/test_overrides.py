import pytest

from accounts.access import Denied
from accounts.models import AuditEntry
from accounts.roles import Role
from findings.checks.base import built_in
from findings.checks.outcomes import not_applicable, outcome
from findings.checks.parameters import PRODUCTION, SHARED, ParameterError
from findings.models import ParameterOverride
from findings.services import nudges
from findings.services.contexts import overrides_of
from findings.services.overrides import REASSESS, override_remove, override_set
from findings.services.reassessments import reassess
from tests.factories.accounts import AccountFactory, OuFactory, person_with
from tests.factories.findings import ParameterOverrideFactory
from tests.findings.services.lab import (
    NOW,
    STABLE,
    Crate,
    Lab,
    define,
    episodes,
    finding,
    open_findings,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def lab():
    return Lab(registry={"crate_is_new": STABLE["crate_is_new"]})


def override(lab, value, *, actor=None, check="crate_is_new", parameter="days", **scope):
    return override_set(
        actor=actor,
        organization=lab.organization,
        check=check,
        parameter=parameter,
        value=value,
        reason="our rule",
        now=lab.now,
        registry=lab.registry,
        **scope,
    )


def test_the_nearest_value_wins(lab):
    top = OuFactory(organization=lab.organization)
    inner = OuFactory(organization=lab.organization, parent=top)
    own = AccountFactory(organization=lab.organization, ou=inner)
    accounts = [lab.account] + [
        AccountFactory(organization=lab.organization, ou=ou) for ou in (top, inner)
    ]
    for value, scope in enumerate([{}, {"ou": inner}, {"ou": top}, {"account": own}], start=1):
        override(lab, value, **scope)
    found = overrides_of(lab.organization, [*accounts, own], lab.registry)
    values = [found("crate_is_new", a.account_id)["days"] for a in [*accounts, own]]
    assert values == [1, 3, 2, 4]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"check": "no_such_check"}, "There is no check 'no_such_check'"),
        ({"parameter": "weeks"}, "has no parameter 'weeks'; it has: days"),
        ({"check": ""}, "Name a check: only production_selector means the same in every one"),
        (
            {"check": "", "parameter": "production_selector", "value": "Prod"},
            "production_selector takes an object of",
        ),
        ({"value": "ten"}, "days takes a number of days, not 'ten'"),
        ({"value": -1}, "a number from 0"),
        ({"value": float("inf")}, "a number from 0 to 36500"),
        ({"value": float("nan")}, "a number from 0"),
        ({"value": 1e300}, "a number from 0"),
    ],
)
def test_a_value_that_the_check_does_not_take_is_refused(lab, wrong, sentence):
    with pytest.raises(ParameterError, match=sentence):
        override(lab, **({"value": 1} | wrong))
    assert not ParameterOverride.objects.exists()


def test_a_value_that_a_newer_check_no_longer_takes_is_left_out(lab):
    ParameterOverrideFactory(organization=lab.organization, check_id="crate_is_new", value="thirty")
    lab.scan(facts={"lab.crate": (Crate(name="a", made_at=NOW),)})
    assert not open_findings()


def test_setting_it_again_replaces_the_value_and_both_are_in_the_audit_log(lab):
    override(lab, 10)
    override(lab, 20)
    assert ParameterOverride.objects.get().value == 20
    entry = AuditEntry.objects.first()
    assert (entry.action, entry.before["value"], entry.after["value"]) == ("override.set", 10, 20)


def test_only_an_administrator_of_the_scope_may_set_and_remove_it(lab):
    ou = OuFactory(organization=lab.organization)
    of_ou = person_with(Role.ADMINISTRATOR, organization=lab.organization, ou=ou)
    approver = person_with(Role.APPROVER, organization=lab.organization)
    for actor, scope in ((of_ou, {}), (approver, {}), (approver, {"ou": ou})):
        with pytest.raises(Denied):
            override(lab, 10, actor=actor, **scope)
    made = override(lab, 10, actor=of_ou, ou=ou)
    with pytest.raises(Denied):
        override_remove(actor=approver, override=made, now=lab.now)
    override_remove(actor=of_ou, override=made, now=lab.now)
    assert not ParameterOverride.objects.exists()


def test_a_change_asks_for_a_new_assessment(lab, monkeypatch, django_capture_on_commit_callbacks):
    sent = []
    monkeypatch.setattr(nudges, "nudge", lambda *task: sent.append(task))
    with django_capture_on_commit_callbacks(execute=True):
        made = override(lab, 10)
        override_remove(actor=None, override=made, now=lab.now)
    assert sent == [(REASSESS, lab.organization.pk)] * 2


def test_a_changed_parameter_is_judged_at_once_over_stored_evidence(lab):
    lab.scan(facts={"lab.crate": (Crate(name="a", made_at=NOW),)})
    lab.wait(days=10)
    made = override(lab, 5)
    assert reassess(organization=lab.organization, registry=lab.registry, now=lab.now) == 1
    episode = finding("crate_is_new").episodes.get()
    assert (episode.open_cause, episode.opened_at) == ("parameter_changed", lab.now)
    override_remove(actor=None, override=made, now=lab.now)
    reassess(organization=lab.organization, registry=lab.registry, now=lab.now)
    assert not open_findings()


def test_a_pass_by_a_wider_limit_is_no_remediation_and_the_end_of_it_no_regression(lab):
    lab.wait(days=40).scan(facts={"lab.crate": (Crate(name="a", made_at=NOW),)})
    made = override(lab, 50)
    reassess(organization=lab.organization, registry=lab.registry, now=lab.now)
    (episode,) = episodes("crate_is_new")
    assert (episode.close_cause, episode.workflow) == ("out_of_scope", "new")
    override_remove(actor=None, override=made, now=lab.now)
    lab.wait(days=1)
    reassess(organization=lab.organization, registry=lab.registry, now=lab.now)
    (again,) = episodes("crate_is_new")
    assert (again.closed_at, again.opened_at) == (None, episode.opened_at)
    lab.scan(facts={"lab.crate": (Crate(name="a", made_at=lab.now),)})
    assert episodes("crate_is_new")[0].close_cause == "verified"


SELECTOR = {"parameter": "production_selector", "check": ""}


@pytest.fixture
def shop():
    """Two checks of things that are only judged in production."""

    def in_production(crate, facts, context):
        if not context.is_production():
            return not_applicable("it is not in production")
        return outcome(False)

    def also_in_production(crate, facts, context):
        return in_production(crate, facts, context)

    production = {"resource": Crate, "parameters": (PRODUCTION,)}
    definitions = [define(f, **production) for f in (in_production, also_in_production)]
    lab = Lab(registry={definition.id: definition for definition in definitions})
    lab.account.environment = "production"
    lab.account.save()
    return lab


def test_one_rule_says_for_all_checks_what_is_production_and_a_change_is_no_remediation(shop):
    shop.scan(facts={"lab.crate": (Crate(name="a", made_at=NOW),)})
    assert len(open_findings()) == 2
    made = override(shop, {"environments": ["live"]}, **SELECTOR)
    assert str(made) == f"every check.production_selector for {shop.organization}"
    reassess(organization=shop.organization, registry=shop.registry, now=shop.now)
    assert not open_findings()
    closed = [episode for check in shop.registry for episode in episodes(check)]
    assert {(e.close_cause, e.workflow) for e in closed} == {("out_of_scope", "new")}
    override_remove(actor=None, override=made, now=shop.now)
    reassess(organization=shop.organization, registry=shop.registry, now=shop.now)
    assert len(open_findings()) == 2
    assert [e.number for check in shop.registry for e in episodes(check)] == [1, 1]


def test_a_value_for_one_check_goes_before_the_rule_for_all_in_its_scope(shop):
    ou = OuFactory(organization=shop.organization)
    below = AccountFactory(organization=shop.organization, ou=ou)
    override(shop, {"tag": "own"}, parameter="production_selector", check="in_production")
    override(shop, {"tag": "all"}, **SELECTOR)
    override(shop, {"tag": "below"}, ou=ou, **SELECTOR)
    found = overrides_of(shop.organization, [shop.account, below], shop.registry)
    tags = {
        (check, account): found(check, account.account_id)["production_selector"]["tag"]
        for check in shop.registry
        for account in (shop.account, below)
    }
    assert tags == {
        ("in_production", shop.account): "own",
        ("also_in_production", shop.account): "all",
        ("in_production", below): "below",
        ("also_in_production", below): "below",
    }


def test_production_means_the_same_in_every_check():
    declared = [
        parameter
        for definition in built_in().values()
        for parameter in definition.check.parameters
        if parameter.name in SHARED
    ]
    assert all(SHARED[parameter.name] is parameter for parameter in declared)
