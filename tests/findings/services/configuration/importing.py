"""A file of configuration, and what is imported and exported of it."""

import datetime as dt

import pytest
from django.apps import apps
from django.db import connection

from findings.configuration.mistakes import ConfigurationRefused
from findings.configuration.telling import difference_lines
from findings.models import ConnectionKind
from findings.services.configuration import configuration_export, configuration_import
from tests.factories.accounts import NOW, AccountFactory, OuFactory, UserFactory
from tests.factories.tickets import ConnectionFactory

RETENTION = "cloudwatch_log_group_retention_set"
LATER = NOW + dt.timedelta(days=3)
FULL = f"""# Configuration of an organization in Cairn; docs/configuration.md describes it.
version: 1
suppression_policy:
  longest_days:
    critical: 30
    high: 90
    medium: 365
    low: 365
    informational: 365
organization:
  time_zone: Europe/Berlin
  home_region: eu-central-1
  regions:
  - eu-central-1
  - us-east-1
  environment_rules:
  - tag: stage
    values:
    - live
    environment: production
  - ou: Sandbox
    environment: sandbox
teams:
- name: Platform
  members:
  - ada
  - bob
- name: Web
ownership_rules:
- team: Platform
- team: Web
  ou: Workloads/Prod
- team: Web
  tag_key: team
  tag_value: web
- team: Platform
  account: "012345678901"
- team: Platform
  check: {RETENTION}
schedules:
- name: hourly
  cron: 5 * * * *
  catches_up: false
  selection:
    ous:
    - Workloads/Prod
    accounts:
    - "012345678901"
    rows:
    - O2
  is_active: false
- name: nightly
  cron: 0 3 * * *
  time_zone: Europe/Berlin
  jitter_minutes: 15
production_selectors:
- tag: stage
  tag_values:
  - live
- ou: Workloads
  environments:
  - production
  reason: Everything there counts.
parameters:
- check: {RETENTION}
  parameter: exempt_prefixes
  value:
  - /tmp/
  account: "012345678901"
- check: {RETENTION}
  parameter: max_days
  value: 731
  reason: "Two years,\\nsay the auditors."
- check: {RETENTION}
  parameter: max_days
  value: 90
  ou: Workloads/Prod
declared_tools:
- name: Datadog
  kind: monitoring
  ou: Workloads
  owner_team: Platform
  reason: Every workload.
  starts_on: 2026-01-01
  ends_on: 2026-12-31
- name: Splunk
  kind: log_management
  owner: ada
  reason: All logs.
  starts_on: 2026-04-01
  ends_on: 2026-12-31
sla_rules:
- severity: critical
  environment: production
  days: 2
- severity: low
  days: null
routes:
- name: Web
  connection: Jira
  project: WEB
  issue_type: Task
  mode: auto
  selector:
    checks:
    - {RETENTION}
    ous:
    - Workloads/Prod
    teams:
    - Web
  grouping: finding
  labels:
  - cairn
  severity_map:
    critical: "1"
  status_map:
    done: "31"
  field_map:
    customfield_1:
      id: 7
  reopen_policy: new
  max_new: 5
- name: everything
  connection: Board
  mode: suggest
"""


def place(organization):
    """What AWS and people give: OUs, an account, people, a connection. No configuration yet."""
    ou = OuFactory(organization=organization, name="Workloads")
    prod = OuFactory(organization=organization, name="Prod", parent=ou)
    AccountFactory(organization=organization, account_id="012345678901", ou=prod)
    AccountFactory(organization=organization, account_id="333333333333", ou=ou)
    ConnectionFactory(organization=organization, name="Jira", kind=ConnectionKind.JIRA_CLOUD)
    return organization


def peopled(organization):
    """With the people whom the file names, who may do everything."""
    for name in ("ada", "bob"):
        user = UserFactory(username=name)
        user.is_superuser = True
        user.save()
    return place(organization)


def export(organization, now=NOW):
    return configuration_export(organization=organization, now=now)


def load(organization, text, *, actor=None, now=NOW, **options):
    content = text if isinstance(text, bytes) else text.encode()
    return configuration_import(
        actor=actor, organization=organization, content=content, now=now, **options
    )


def refusal(organization, text, **options):
    before = everything()
    with pytest.raises(ConfigurationRefused) as caught:
        load(organization, f"version: 1\n{text}", **options)
    assert everything() == before
    return str(caught.value)


def told(differences):
    return list(difference_lines(differences))


def everything():
    """Every row of every table, as it is; in plain SQL, as it is asked dozens of times."""
    quoted = connection.ops.quote_name
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table, key = quoted(model._meta.db_table), quoted(model._meta.pk.column)
            cursor.execute(f"SELECT * FROM {table} ORDER BY {key}")  # noqa: S608  of our own names
            found[model] = cursor.fetchall()
    return found
