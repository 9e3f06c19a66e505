import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.access import Denied
from accounts.models import AuditEntry
from accounts.roles import Role
from findings.models import Incident, IncidentEvent, TimelineEntry
from findings.models.incident import TIMES
from findings.services.incident_parts import timeline_add, timeline_star
from findings.services.incidents import incident_change, incident_record
from tests.factories.accounts import AccountFactory, OrganizationFactory, OuFactory, person_with
from tests.factories.incidents import IncidentFactory

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def organization():
    return OrganizationFactory()


@pytest.fixture
def record(organization):
    def as_person(actor=None, accounts=(), roles=(), **fields):
        incident = Incident(
            **{"organization": organization, "title": "Lost", "severity": "high",
               "started_at": NOW - HOUR} | fields
        )  # fmt: skip
        return incident_record(
            actor=actor, incident=incident, accounts=accounts, roles=roles, now=NOW
        )

    return as_person


def test_each_organization_counts_its_own(record):
    other = OrganizationFactory()
    made = [record(), record(), record(organization=other)]
    assert [one.key for one in made] == ["INC-1", "INC-2", "INC-1"]
    assert list(IncidentEvent.objects.values_list("number", "kind")) == [
        (1, "recorded"),
        (2, "recorded"),
        (1, "recorded"),
    ]
    assert AuditEntry.objects.filter(action="incident.record").count() == 3


MISTAKES = [
    {"title": " "},
    {"title": "a\0b"},
    {"summary": "a\0b"},
    {"summary": "a" * 50_001},
    {"severity": "awful"},
    {"services": "shop"},
    {"services": ["a" * 65]},
    {"services": [1]},
    {"checks": ["none_such"]},
    {"started_at": NOW + HOUR},
    {"external_url": "javascript:alert(1)"},
    {"users_affected": -1},
]


def refused_fields(record, **fields):
    try:
        record(**fields)
    except ValidationError as error:
        return set(error.message_dict)
    return set()


def test_mistakes_are_told_by_field_and_take_no_number(record):
    told = [(fields, refused_fields(record, **fields)) for fields in MISTAKES]
    assert [(fields, names) for fields, names in told if not fields.keys() <= names] == []
    assert record().number == 1


@pytest.mark.parametrize("late", range(1, 5))
def test_no_instant_lies_before_an_earlier_one(record, organization, late):
    instants = dict.fromkeys(TIMES, NOW - HOUR)
    assert record(**instants).times.to_resolve == dt.timedelta()
    wrong = instants | {TIMES[late]: NOW - 2 * HOUR}
    with pytest.raises(ValidationError, match="before it"):
        record(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        IncidentFactory(organization=organization, **wrong)


def test_a_reference_from_outside_is_recorded_once(record):
    record(external_reference="PD-1")
    with pytest.raises(ValidationError, match="recorded already"):
        record(external_reference="PD-1")
    record(external_reference="PD-1", organization=OrganizationFactory())
    record()
    record()


def test_who_sees_one_of_two_accounts_sees_nothing_of_it(organization, record):
    prod, dev = (OuFactory(organization=organization) for _ in range(2))
    shop, sandbox = (AccountFactory(organization=organization, ou=ou) for ou in (prod, dev))
    of_shop = record(accounts=[shop])
    of_both = record(accounts=[shop, sandbox])
    of_all = record()
    seen = {
        "prod": Incident.objects.visible_to(person_with(Role.VIEWER, ou=prod)),
        "all": Incident.objects.visible_to(person_with(Role.VIEWER, organization=organization)),
        "elsewhere": Incident.objects.visible_to(
            person_with(Role.VIEWER, organization=OrganizationFactory())
        ),
    }
    assert set(seen["prod"]) == {of_shop}
    assert set(seen["all"]) == {of_shop, of_both, of_all}
    assert set(seen["elsewhere"]) == set()


def test_an_account_that_moves_away_takes_its_incident_out_of_sight(organization, record):
    prod, dev = (OuFactory(organization=organization) for _ in range(2))
    shop = AccountFactory(organization=organization, ou=prod)
    record(accounts=[shop])
    person = person_with(Role.VIEWER, ou=prod)
    assert Incident.objects.visible_to(person).count() == 1
    shop.ou = dev
    shop.save()
    assert Incident.objects.visible_to(person).count() == 0


def test_contributors_of_all_its_accounts_record_and_change_it(organization, record):
    prod, dev = (OuFactory(organization=organization) for _ in range(2))
    shop, sandbox = (AccountFactory(organization=organization, ou=ou) for ou in (prod, dev))
    contributor, viewer = person_with(Role.CONTRIBUTOR, ou=prod), person_with(Role.VIEWER, ou=prod)
    made = record(contributor, [shop])
    for actor, accounts in ((viewer, [shop]), (contributor, [shop, sandbox]), (contributor, [])):
        with pytest.raises(Denied):
            record(actor, accounts)
    with pytest.raises(ValidationError, match="not part of"):
        record(accounts=[AccountFactory()])
    with pytest.raises(Denied):
        incident_change(actor=contributor, incident=made, accounts=[sandbox], now=NOW)
    with pytest.raises(Denied):
        incident_change(actor=viewer, incident=made, now=NOW)
    assert list(made.accounts.all()) == [shop]


def test_a_change_tells_what_changed_and_none_tells_nothing(record):
    made = record()
    incident_change(actor=None, incident=made, now=NOW)
    made.severity, made.mitigated_at = "low", NOW
    incident_change(actor=None, incident=made, now=NOW)
    (event,) = IncidentEvent.objects.filter(kind="changed")
    assert event.after == {"fields": ["mitigated_at", "severity"]}
    entry = AuditEntry.objects.get(action="incident.change")
    assert (entry.before["severity"], entry.after["severity"]) == ("high", "low")


def test_roles_go_to_people_who_see_it_and_there_is_one_commander(organization, record):
    one, two = (person_with(Role.VIEWER, organization=organization) for _ in range(2))
    stranger = person_with(Role.VIEWER, organization=OrganizationFactory())
    made = record(roles=[("commander", one), ("scribe", two), ("scribe", two)])
    assert made.roles.count() == 2
    for roles in (
        [("scribe", stranger)],
        [("king", one)],
        [("commander", one), ("commander", two)],
    ):
        with pytest.raises(ValidationError):
            incident_change(actor=None, incident=made, roles=roles, now=NOW)
    assert made.roles.count() == 2


def test_the_timeline_is_added_to_and_starred(organization, record):
    made, viewer = record(), person_with(Role.VIEWER, organization=organization)
    entry = TimelineEntry(incident=made, at=NOW - HOUR, text=" it rang ")
    timeline_add(actor=None, entry=entry, now=NOW)
    timeline_star(actor=None, entry=entry, is_starred=True, now=NOW)
    entry.refresh_from_db()
    assert (entry.text, entry.is_starred) == ("it rang", True)
    for wrong in ({"text": " "}, {"text": "x", "at": NOW + HOUR}):
        wrong_entry = TimelineEntry(incident=made, **{"at": NOW, **wrong})
        with pytest.raises(ValidationError):
            timeline_add(actor=None, entry=wrong_entry, now=NOW)
    with pytest.raises(Denied):
        timeline_add(actor=viewer, entry=TimelineEntry(incident=made, at=NOW, text="x"), now=NOW)
    with pytest.raises(Denied):
        timeline_star(actor=viewer, entry=entry, is_starred=False, now=NOW)
