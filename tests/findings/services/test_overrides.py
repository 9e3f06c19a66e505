import pytest

from accounts.access import Denied
from accounts.models import AuditEntry
from accounts.roles import Role
from findings.checks.parameters import ParameterError
from findings.models import ParameterOverride
from findings.services import nudges
from findings.services.contexts import overrides_of
from findings.services.overrides import REASSESS, override_remove, override_set
from findings.services.reassessments import reassess
from tests.factories.accounts import AccountFactory, OuFactory, person_with
from tests.factories.findings import ParameterOverrideFactory
from tests.findings.services.lab import NOW, STABLE, Crate, Lab, finding, open_findings

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
        ({"value": "ten"}, "days takes a number of days, not 'ten'"),
        ({"value": -1}, "a number from 0"),
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
