"""What comes after an import: tests that share one."""

import datetime as dt

import pytest

from accounts.models import AccountEvent, AuditEntry, Organization, OwnershipRule, Team
from findings.configuration.mistakes import ConfigurationRefused
from findings.configuration.telling import summary
from findings.models import DeclaredTool, ParameterOverride, Route, Schedule, SlaRule
from findings.services.connections import board_of
from tests.factories.accounts import NOW, OrganizationFactory
from tests.findings.services.configuration.importing import (
    FULL,
    LATER,
    RETENTION,
    everything,
    export,
    load,
    peopled,
    refusal,
    told,
)
from tests.modules import rows_for_a_module

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def imported(django_db_setup, django_db_blocker):
    with rows_for_a_module(django_db_blocker):
        organization = peopled(OrganizationFactory())
        load(organization, FULL)
        yield organization


@pytest.fixture
def organization(imported, db):
    """One into which everything was imported; what a test does is undone."""
    return Organization.objects.get(pk=imported.pk)


def test_an_import_of_what_is_there_changes_nothing(organization):
    before = everything()
    differences = load(organization, export(organization, LATER), now=LATER)
    assert everything() == before
    assert told(differences) == []
    assert summary(differences) == "All of it is so already."


def test_the_rows_mean_what_the_file_says(organization):
    organization.refresh_from_db()
    assert organization.environment_rules[1] == {"ou": "Sandbox", "environment": "sandbox"}
    first, second = organization.routes.all()
    assert (first.name, first.connection.name, first.auto_since) == ("Web", "Jira", NOW)
    assert first.selector == {"checks": [RETENTION], "ous": ["Workloads/Prod"], "teams": ["Web"]}
    assert (second.connection, second.auto_since) == (board_of(organization), None)
    owners = {a.account_id: a.owner_team.name for a in organization.accounts.all()}
    assert owners == {"012345678901": "Platform", "333333333333": "Platform"}
    nightly = Schedule.objects.get(name="nightly")
    assert (nightly.next_run_at > NOW, nightly.jitter_minutes) == (True, 15)
    assert SlaRule.objects.get(severity="low").days is None
    assert ParameterOverride.objects.get(account__isnull=False).value == ["/tmp/"]
    rule = OwnershipRule.objects.get(tag_key="team")
    assert (rule.position, rule.team.name, rule.tag_value) == (3, "Web", "web")


def test_sections_that_are_absent_are_left_alone(organization):
    load(organization, "version: 1\nsla_rules: []\n")
    expected = FULL[: FULL.index("sla_rules:")] + "sla_rules: []\n" + FULL[FULL.index("routes:") :]
    assert export(organization) == expected
    load(organization, "version: 1\n")
    assert export(organization) == expected


def test_what_a_section_does_not_name_goes_and_its_history_stays(organization):
    names = ("teams", "ownership_rules", "schedules", "production_selectors", "parameters")
    rest = ("declared_tools", "sla_rules", "routes")
    empty = "version: 1\n" + "".join(f"{name}: []\n" for name in (*names, *rest))
    with pytest.raises(ConfigurationRefused) as caught:
        load(organization, empty, now=LATER)
    assert str(caught.value).startswith("teams: Platform cannot be removed: ")
    assert export(organization) == FULL
    load(organization, empty.replace("teams: []\n", "", 1), now=LATER)
    ended = DeclaredTool.objects.values_list("name", "ended_at").order_by("name")
    assert list(ended) == [("Datadog", LATER), ("Splunk", LATER)]
    models = (OwnershipRule, Schedule, ParameterOverride, SlaRule, Route)
    assert not any(model.objects.exists() for model in models)
    load(organization, "version: 1\nteams: [{name: Platform}]")
    assert list(Team.objects.values_list("name", flat=True)) == ["Platform"]


def test_a_tool_that_changes_is_ended_and_declared_again(organization):
    [_, line, *_] = told(load(organization, FULL.replace("Every workload.", "All."), now=LATER))
    assert line == "  ~ name Datadog, kind monitoring, ou Workloads"
    rows = DeclaredTool.objects.filter(name="Datadog").order_by("id")
    assert [(row.reason, row.ended_at) for row in rows] == [
        ("Every workload.", LATER),
        ("All.", None),
    ]


def test_a_tool_whose_time_is_over_is_left_out_and_told(organization):
    next_year = NOW + dt.timedelta(days=400)
    before = everything()
    differences = load(organization, FULL, now=next_year)
    assert told(differences)[:2] == [
        "declared_tools:",
        "    name Datadog, kind monitoring, ou Workloads is left out: its time is over",
    ]
    assert everything() == before
    assert "declared_tools: []" in export(organization, next_year)


def test_an_order_is_put_right_and_told(organization):
    route = "- name: first\n  connection: Board\n"
    moved = f"version: 1\nroutes:\n{route}" + FULL[FULL.index("- name: everything\n") :]
    web = FULL[FULL.index("- name: Web\n  connection") : FULL.index("- name: everything\n")]
    differences = load(organization, moved + web)
    assert told(differences)[1:] == [
        '  + first (connection: "Board")',
        "  ~ order: Web, everything, first -> first, everything, Web",
    ]
    names = ["first", "everything", "Web"]
    assert list(organization.routes.values_list("name", flat=True)) == names
    assert "1 put in another order." in summary(differences)


def test_ownership_rules_are_set_at_once_and_move_owners_once(organization):
    before = AccountEvent.objects.count()
    rules = "- team: Web\n- team: Platform\n  ou: Workloads/Prod\n- team: Web\n  tag_key: team\n"
    load(organization, f"version: 1\nownership_rules:\n{rules}")
    assert rules in export(organization)
    events = AccountEvent.objects.order_by("id")[before:]
    assert [(e.account.account_id, e.before, e.after) for e in events] == [
        ("333333333333", "Platform", "Web")
    ]
    actions = AuditEntry.objects.filter(action__startswith="ownership_rule.")
    assert list(actions.order_by("-id").values_list("action", flat=True)[:6]) == [
        "ownership_rule.add",
        "ownership_rule.change",
        "ownership_rule.change",
        *["ownership_rule.delete"] * 3,
    ]


def test_positions_with_gaps_are_no_difference(organization):
    for number, rule in enumerate(organization.ownership_rules.all()):
        OwnershipRule.objects.filter(pk=rule.pk).update(position=10 * number + 7)
    for number, route in enumerate(organization.routes.all()):
        Route.objects.filter(pk=route.pk).update(position=10 * number)
    before = everything()
    load(organization, FULL)
    assert everything() == before


def test_what_stands_already_is_not_asked_about(organization):
    organization.units.filter(name="Prod").update(removed_at=NOW)
    before = everything()
    load(organization, FULL)
    assert everything() == before
    assert "there is no OU 'Workloads/Prod'" in refusal(
        organization,
        f"parameters: [{{check: {RETENTION}, parameter: max_days, value: 1, ou: Workloads/Prod}}]",
    )
