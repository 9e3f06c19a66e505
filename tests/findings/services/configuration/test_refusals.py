"""What a file of configuration must not say."""

import pytest

from tests.findings.services.configuration.importing import FULL, RETENTION, refusal

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("teams: [{name: ''}]", "line 2: teams[0].name: This field cannot be blank."),
        ("teams: [{name: a, members: [eve]}]", "teams[0].members: there is no person 'eve'"),
        (
            "teams: [{name: Platform}]\nownership_rules:\n- team: Plattform",
            "line 4: ownership_rules[0].team: there is no team 'Plattform' in",
        ),
        (
            "teams: [{name: Platform}]\nownership_rules: [{team: Platform, tag_value: a}]",
            "line 3: ownership_rules[0]: Give the key of the tag, too.",
        ),
        ("schedules: [{name: a, cron: daily}]", "line 2: schedules[0]: 'daily' is not a cron"),
        (
            "schedules: [{name: a, cron: 0 3 * * *, jitter_minutes: 99999999999}]",
            "line 2: schedules[0].jitter_minutes: ",
        ),
        (
            "schedules: [{name: a, cron: 0 3 * * *, selection: {ous: [Workload]}}]",
            "line 2: schedules[0].selection: there is no OU 'Workload' in ",
        ),
        (
            "schedules: [{name: a, cron: 0 3 * * *, selection: {rows: [X9]}}]",
            "line 2: schedules[0]: ",
        ),
        (
            "parameters: [{check: nope, parameter: a, value: 1}]",
            "line 2: parameters[0].check: there is no check 'nope'",
        ),
        (
            f"parameters: [{{check: {RETENTION}, parameter: days, value: 1}}]",
            f"line 2: parameters[0]: {RETENTION} has no parameter 'days'",
        ),
        (
            f"parameters: [{{check: {RETENTION}, parameter: max_days, value: many}}]",
            "line 2: parameters[0]: max_days takes a number of days, not 'many'",
        ),
        (
            f"parameters: [{{check: {RETENTION}, parameter: exempt_prefixes, value: 5}}]",
            "line 2: parameters[0]: exempt_prefixes takes a list of texts, not 5",
        ),
        (
            "production_selectors: [{account: 999999999999, tag: a}]",
            "line 2: production_selectors[0].account: there is no account '999999999999'",
        ),
        ("sla_rules: [{severity: high, days: 0}]", "line 2: sla_rules[0].days: Ensure this value"),
        (
            "sla_rules:\n- {severity: high, days: 1}\n- {severity: high, days: 2}",
            "line 4: sla_rules[1]: severity high stands on line 3 already.",
        ),
        (
            "routes: [{name: a, connection: jira}]",
            "line 2: routes[0].connection: there is no connection 'jira' in",
        ),
        (
            "routes: [{name: a, connection: Jira, selector: {ous: [ou-ab12-1]}}]",
            "line 2: routes[0].selector: there is no path of an OU 'ou-ab12-1'",
        ),
        (
            "routes: [{name: a, connection: Jira, labels: [a b]}]",
            "line 2: routes[0].labels: A list of words without blanks.",
        ),
        (
            "routes: [{name: a, connection: Jira, field_map: [1]}]",
            "line 2: routes[0].field_map: An object",
        ),
        (
            "declared_tools: [{name: ' A', kind: monitoring, owner: ada, reason: a,"
            " starts_on: 2026-01-01, ends_on: 2026-05-01}]",
            "line 2: declared_tools[0]: this is kept in another form",
        ),
        (
            "declared_tools: [{name: A, kind: monitoring, owner: ada, reason: ' a',"
            " starts_on: 2026-01-01, ends_on: 2026-05-01}]",
            "line 2: declared_tools[0]: reason is kept as 'a': write that, not ' a'.",
        ),
        (
            "declared_tools: [{name: A, kind: monitoring, reason: a,"
            " starts_on: 2026-01-01, ends_on: 2026-05-01}]",
            "line 2: declared_tools[0]: Name a team or a person who answers for it.",
        ),
        (
            "suppression_policy: {longest_days: {critical: 1, high: 1, medium: 1, low: 1,"
            " informational: 0}}",
            "CAIRN_SUPPRESSION_DAYS=critical=1,high=1,medium=1,low=1,informational=0",
        ),
        (
            "organization: {time_zone: Mars, home_region: us-east-1, regions: [],"
            " environment_rules: []}",
            "line 2: organization.time_zone: 'Mars' is not a time zone",
        ),
        (
            "organization: {time_zone: UTC, home_region: us-east-1, regions: [],"
            " environment_rules: [{ou: a, tag: b}]}",
            "line 2: organization.environment_rules: environment rule 1: give either",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_its_place_and_nothing_is_changed(organization, text, told):
    assert told in refusal(organization, text)


def test_one_mistake_at_the_end_changes_nothing_before_it(organization):
    text = FULL.replace("max_new: 5", "max_new: 0")
    assert "routes[0].max_new" in refusal(organization, text.partition("version: 1\n")[2])
