import pytest

from accounts.access import Denied
from accounts.models import AuditEntry, OwnershipRule
from accounts.roles import Role
from findings.configuration.telling import summary
from tests.factories.accounts import OrganizationFactory, OuFactory, TeamFactory, person_with
from tests.factories.tickets import RouteFactory
from tests.findings.services.configuration.importing import (
    FULL,
    everything,
    export,
    load,
    place,
    refusal,
    told,
)

pytestmark = pytest.mark.django_db


def test_what_is_imported_is_exported_byte_for_byte(organization):
    load(organization, FULL)
    assert export(organization) == FULL
    other = place(OrganizationFactory())
    load(other, export(organization))
    assert export(other) == FULL


def test_a_dry_run_tells_the_difference_and_writes_nothing(organization):
    load(organization, "version: 1\nteams:\n- {name: Old}\n- {name: Web, members: [ada]}\n")
    before = everything()
    text = "version: 1\nteams:\n- name: Web\n  members: [bob]\n- name: New\n  members: [ada]\n"
    differences = load(organization, text, is_dry_run=True)
    assert everything() == before
    assert told(differences) == [
        "teams:",
        '  + New (members: ["ada"])',
        "  ~ Web",
        '      members: ["ada"] -> ["bob"]',
        "  - Old",
    ]
    assert summary(differences) == "1 created, 1 changed, 1 removed."
    assert told(load(organization, text)) == told(differences)
    assert everything() != before


def test_a_dry_run_refuses_what_an_import_would(organization):
    schedule = "schedules: [{name: a, cron: 61 * * * *}]"
    told = refusal(organization, schedule, is_dry_run=True)
    assert told.startswith("line 2: schedules[0]: '61 * * * *'")


def test_equal_things_may_stand_twice_where_rows_may(organization):
    rules = "ownership_rules:\n- team: Web\n- team: Platform\n- team: Web\n"
    text = f"version: 1\nteams:\n- name: Platform\n- name: Web\n{rules}"
    load(organization, text)
    assert rules in export(organization)
    before = everything()
    load(organization, text)
    assert everything() == before


def test_ous_of_one_path_are_told_apart_by_their_ids(organization):
    first = OuFactory(organization=organization, name="Twin", aws_id="ou-1")
    OuFactory(organization=organization, name="Twin", aws_id="ou-2")
    sections = "teams:\n- name: Web\nownership_rules:\n- team: Web\n  ou: {}\n"
    assert "'Twin' is the path of several OUs" in refusal(organization, sections.format("Twin"))
    load(organization, "version: 1\n" + sections.format("ou-1"))
    assert OwnershipRule.objects.get().ou == first
    assert sections.format("ou-1") in export(organization)


def test_an_import_acts_as_a_person_with_their_rights(organization):
    administrator = person_with(Role.ADMINISTRATOR, organization=organization)
    load(organization, FULL.replace("- us-east-1", "- us-east-2"), actor=administrator)
    entries = AuditEntry.objects.all()
    assert {entry.actor for entry in entries} == {administrator}
    assert {entry.organization for entry in entries} == {organization}
    assert len(entries) == 1 + 2 + 5 + 2 + 2 + 3 + 2 + 2 + 2
    before = everything()
    for stranger in (
        person_with(Role.APPROVER, organization=organization),
        person_with(Role.ADMINISTRATOR, organization=OrganizationFactory()),
    ):
        with pytest.raises(Denied):
            load(organization, FULL, actor=stranger)
        assert everything().keys() == before.keys()
    assert AuditEntry.objects.count() == len(entries)


def test_another_organization_is_not_touched_and_not_named(organization):
    other = OrganizationFactory()
    TeamFactory(organization=other, name="Secret")
    RouteFactory(organization=other, name="Web")
    load(organization, FULL)
    load(organization, "version: 1\nroutes: []\ndeclared_tools: []\n")
    assert list(other.teams.values_list("name", flat=True)) == ["Secret"]
    assert other.routes.count() == 1
    assert "Secret" not in export(organization)
    told = refusal(organization, "ownership_rules: [{team: Secret}]")
    assert "there is no team 'Secret'" in told
