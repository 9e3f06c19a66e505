import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.access import Denied
from accounts.models import AuditEntry
from accounts.roles import Role
from findings.catalogue.tools import Tool
from findings.models import CheckStatus, DeclaredTool, Finding
from findings.services import nudges
from findings.services.declared_tools import ToolIsOver, tool_declare, tool_end, tools_of
from findings.services.overrides import REASSESS
from findings.services.reassessments import reassess, reassess_due, results_of
from tests.factories.accounts import (
    AccountFactory,
    OuFactory,
    TeamFactory,
    UserFactory,
    person_with,
)
from tests.factories.findings import DeclaredToolFactory
from tests.findings.services.lab import (
    DAY,
    NOW,
    Lab,
    box,
    denied,
    episodes,
    finding,
    only,
    open_findings,
)

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture
def lab():
    return Lab(registry=only("box_is_sealed", alternatives=(Tool.TRACING,)))


def declare(lab, *, actor=None, **fields):
    given = {
        "organization": lab.organization,
        "kind": "tracing",
        "name": "Datadog",
        "owner_team": TeamFactory(organization=lab.organization),
        "reason": "every service is traced there",
        "starts_on": lab.now.date(),
        "ends_on": lab.now.date() + 30 * DAY,
    }
    return tool_declare(actor=actor, tool=DeclaredTool(**(given | fields)), now=lab.now)


def judge_again(lab):
    return reassess(organization=lab.organization, registry=lab.registry, now=lab.now)


def counts(**wanted):
    names = ("passed", "failed", "unknown", "not_applicable")
    (found,) = CheckStatus.objects.filter(check_id="box_is_sealed").values(*names)
    return {name: number for name, number in found.items() if number} == wanted


def test_a_declaration_closes_findings_as_out_of_scope_and_its_end_brings_them_back(lab):
    lab.scan(box(is_sealed=False))
    lab.wait(days=1)
    made = declare(lab)
    assert judge_again(lab) == 1
    assert not open_findings()
    (episode,) = episodes()
    assert (episode.close_cause, episode.workflow) == ("out_of_scope", "new")
    assert finding().message == "Datadog is declared to do this until 2026-04-02"
    assert counts(not_applicable=1)
    lab.wait(days=1)
    tool_end(actor=None, tool=made, now=lab.now)
    assert judge_again(lab) == 1
    (again,) = episodes()
    assert (again.closed_at, again.clock_starts_at) == (None, episode.clock_starts_at)
    assert counts(failed=1)


def test_it_lapses_by_itself_at_the_end_of_its_last_day(lab):
    lab.organization.time_zone = "America/New_York"
    lab.organization.save()
    lab.scan(box(is_sealed=False))
    declare(lab, ends_on=TODAY)
    judge_again(lab)
    midnight = dt.datetime(2026, 3, 3, 5, tzinfo=dt.UTC)
    lab.now = midnight - dt.timedelta(seconds=1)
    assert reassess_due(registry=lab.registry, now=lab.now) == 0
    assert not open_findings()
    lab.now = midnight
    assert reassess_due(registry=lab.registry, now=lab.now) == 1
    assert len(episodes()) == len(open_findings()) == 1


def test_one_that_begins_later_stands_in_from_then_on(lab):
    lab.scan(box(is_sealed=False))
    declare(lab, starts_on=TODAY + DAY)
    judge_again(lab)
    assert open_findings()
    lab.now = dt.datetime(2026, 3, 3, tzinfo=dt.UTC)
    assert reassess_due(registry=lab.registry, now=lab.now) == 1
    assert not open_findings()


@pytest.mark.one_database
def test_what_failed_meanwhile_opens_because_the_scope_changed(lab):
    lab.scan(box())
    made = declare(lab)
    judge_again(lab)
    lab.wait(days=1).scan(box(is_sealed=False))
    assert not Finding.objects.exists()
    tool_end(actor=None, tool=made, now=lab.now)
    judge_again(lab)
    assert episodes()[0].open_cause == "scope_changed"


@pytest.mark.one_database
def test_what_cannot_be_listed_is_out_of_scope_too_and_not_gone(lab):
    lab.scan(box(is_sealed=False))
    lab.wait(days=1).scan(facts={"lab.box": denied()})
    assert finding().unverified_since == lab.now
    declare(lab)
    judge_again(lab)
    assert episodes()[0].close_cause == "out_of_scope"
    assert counts(not_applicable=1)


@pytest.mark.one_database
def test_what_goes_while_a_tool_stands_in_stays_out_of_scope(lab):
    lab.scan(box(is_sealed=False))
    declare(lab)
    judge_again(lab)
    lab.wait(days=1).scan()
    assert episodes()[0].close_cause == "out_of_scope"
    lab.wait(days=1).scan(box(is_sealed=False))
    assert not open_findings()


@pytest.mark.one_database
def test_nothing_is_judged_again_while_nothing_changes(lab):
    lab.registry = only("box_is_new", alternatives=(Tool.TRACING,))
    lab.scan(box())
    declare(lab)
    assert judge_again(lab) == 1
    assert judge_again(lab) == 0


@pytest.mark.one_database
def test_a_tool_of_another_kind_changes_nothing(lab):
    lab.scan(box(is_sealed=False))
    declare(lab, kind="delivery")
    assert judge_again(lab) == 0
    assert open_findings()


@pytest.mark.one_database
def test_results_of_a_scan_know_the_tools(lab):
    scan = lab.scan(box(is_sealed=False))
    declare(lab)
    (result,) = results_of(scan, registry=lab.registry, now=lab.now)
    assert result.status == "not_applicable"
    later = lab.now + 60 * DAY
    (result,) = results_of(scan, registry=lab.registry, now=later)
    assert result.status == "fail"


def test_it_stands_in_where_it_is_declared_and_below(lab):
    top = OuFactory(organization=lab.organization)
    inner = OuFactory(organization=lab.organization, parent=top)
    high, low = (AccountFactory(organization=lab.organization, ou=ou) for ou in (top, inner))
    declare(lab, name="everywhere")
    declare(lab, name="below", ou=inner)
    declare(lab, name="here", account=high)
    DeclaredToolFactory(name="elsewhere")
    found = tools_of(lab.organization, [lab.account, high, low], lab.now)
    told = {a: {(t.name, t.is_organization_wide) for t in tools} for a, tools in found.items()}
    everywhere = ("everywhere", True)
    assert told == {
        lab.account.account_id: {everywhere},
        high.account_id: {everywhere, ("here", False)},
        low.account_id: {everywhere, ("below", False)},
    }


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"kind": "magic"}, "not a valid choice"),
        ({"name": " "}, "cannot be blank"),
        ({"reason": ""}, "cannot be blank"),
        ({"owner_team": None}, "Name a team or a person who answers for it"),
        ({"ends_on": None}, "cannot be null"),
        ({"ends_on": TODAY + 366 * DAY}, "At most a year after the first day"),
        ({"starts_on": TODAY + DAY, "ends_on": TODAY}, "The last day is before the first"),
        ({"starts_on": TODAY - 2 * DAY, "ends_on": TODAY - DAY}, "This day is over"),
    ],
)
def test_a_declaration_that_says_too_little_is_refused(lab, wrong, told):
    with pytest.raises(ValidationError, match=told):
        declare(lab, **wrong)
    assert not DeclaredTool.objects.exists()


@pytest.mark.one_database
def test_a_year_is_the_most(lab):
    assert declare(lab, ends_on=TODAY + 365 * DAY).pk


def test_scope_and_owner_are_of_the_same_organization_and_one_each(lab):
    ou, account = OuFactory(organization=lab.organization), lab.account
    person = person_with(Role.VIEWER, organization=lab.organization)
    for wrong, told in (
        ({"ou": OuFactory()}, "not part of the chosen organization"),
        ({"account": AccountFactory()}, "not part of the chosen organization"),
        ({"owner_team": TeamFactory()}, "not part of the chosen organization"),
        ({"ou": ou, "account": account}, "Choose an OU or an account, not both"),
        ({"owner": person}, "Give it to a team or to a person, not to both"),
    ):
        with pytest.raises(ValidationError, match=told):
            declare(lab, **wrong)
    assert declare(lab, owner=person, owner_team=None).owner == person
    with pytest.raises(ValidationError, match="may see nothing of"):
        declare(lab, owner=UserFactory(), owner_team=None)


def test_without_a_first_day_it_begins_today_where_the_organization_is(lab):
    lab.organization.time_zone = "Pacific/Auckland"
    lab.wait(hours=6)
    made = declare(lab, starts_on=None)
    assert made.starts_on == dt.date(2026, 3, 3)
    assert made.state(lab.now) == "active"


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"kind": "magic"}, "declared_tool_kind_known"),
        ({"name": ""}, "declared_tool_has_a_name_and_a_reason"),
        ({"reason": ""}, "declared_tool_has_a_name_and_a_reason"),
        ({"ends_on": TODAY - DAY}, "declared_tool_does_not_end_before_it_starts"),
    ],
)
def test_the_database_refuses_it_too(wrong, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        DeclaredToolFactory(**wrong)


def test_only_an_administrator_of_the_scope_may_declare_and_end(lab):
    ou = OuFactory(organization=lab.organization)
    of_ou = person_with(Role.ADMINISTRATOR, organization=lab.organization, ou=ou)
    approver = person_with(Role.APPROVER, organization=lab.organization)
    for actor, scope in ((of_ou, {}), (approver, {}), (approver, {"ou": ou})):
        with pytest.raises(Denied):
            declare(lab, actor=actor, **scope)
    made = declare(lab, actor=of_ou, ou=ou)
    with pytest.raises(Denied):
        tool_end(actor=approver, tool=made, now=lab.now)
    assert tool_end(actor=of_ou, tool=made, now=lab.now).ended_at == lab.now


def test_both_are_in_the_audit_log_and_ask_for_a_new_assessment(
    lab, monkeypatch, django_capture_on_commit_callbacks
):
    sent = []
    monkeypatch.setattr(nudges, "nudge", lambda *task: sent.append(task))
    actor = person_with(Role.ADMINISTRATOR, organization=lab.organization)
    with django_capture_on_commit_callbacks(execute=True):
        made = declare(lab, actor=actor)
        tool_end(actor=actor, tool=made, now=lab.now)
    assert sent == [(REASSESS, lab.organization.pk)] * 2
    ended, declared = AuditEntry.objects.all()
    assert (declared.action, declared.actor, declared.before) == ("tool.declare", actor, None)
    assert declared.after["ends_on"] == "2026-04-01"
    assert (ended.action, ended.actor) == ("tool.end", actor)


def test_what_is_over_is_not_ended_again(lab):
    made = declare(lab)
    tool_end(actor=None, tool=made, now=lab.now)
    with pytest.raises(ToolIsOver, match="Datadog has ended already, 2026-03-02 09:00"):
        tool_end(actor=None, tool=made, now=lab.now + DAY)
    lapsed = declare(lab, ends_on=TODAY)
    with pytest.raises(ToolIsOver):
        tool_end(actor=None, tool=lapsed, now=lab.now + DAY)
    lapsed.refresh_from_db()
    assert lapsed.ended_at is None
