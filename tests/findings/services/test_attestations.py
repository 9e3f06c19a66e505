import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.access import Denied
from accounts.models import AuditEntry
from accounts.roles import Role
from accounts.services.teams import team_delete
from findings.models import Attestation
from findings.models.places import reaches
from findings.services.attestations import (
    AttestationIsOver,
    attestation_make,
    attestation_withdraw,
)
from tests.factories.accounts import (
    NOW,
    AccountFactory,
    OrganizationFactory,
    OuFactory,
    TeamFactory,
    UserFactory,
    person_with,
)
from tests.factories.findings import AttestationFactory

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def organization():
    return OrganizationFactory(name="Ours")


@pytest.fixture
def make(organization):
    def with_fields(*, actor=None, **fields):
        given = {
            "organization": organization,
            "best_practice": "OPS01-BP01",
            "statement": " asked every quarter ",
            "link": "https://wiki.example.com/customers",
            "owner_team": TeamFactory(organization=organization),
            "ends_at": NOW + 100 * DAY,
            "half_life_days": 30,
        }
        row = Attestation(**(given | fields))
        return attestation_make(actor=actor, attestation=row, now=NOW)

    return with_fields


def test_one_starts_now_and_loses_weight_until_it_lapses_by_itself(make):
    made = Attestation.objects.get(pk=make().pk)
    assert (made.statement, made.starts_at) == ("asked every quarter", NOW)
    weights = {days: made.weight(NOW + days * DAY) for days in (0, 30, 100)}
    assert weights == {0: 1, 30: 0.5, 100: 0}
    states = [made.state(NOW + days * DAY) for days in (-1, 0, 99, 100)]
    assert states == ["planned", "active", "active", "lapsed"]


def test_what_is_withdrawn_counts_no_more_and_did_count_before(make):
    made = make()
    actor = UserFactory(is_superuser=True)
    attestation_withdraw(actor=actor, attestation=made, now=NOW + DAY)
    made.refresh_from_db()
    assert (made.state(NOW + DAY), made.withdrawn_by) == ("withdrawn", actor)
    assert made.weight(NOW + DAY) == 0
    assert made.weight(NOW) == 1


def test_what_is_over_is_not_withdrawn_again(make):
    made = make()
    attestation_withdraw(actor=None, attestation=made, now=NOW)
    with pytest.raises(AttestationIsOver, match="withdrawn already, 2026-03-02 09:00"):
        attestation_withdraw(actor=None, attestation=made, now=NOW + DAY)
    lapsed = make()
    with pytest.raises(AttestationIsOver, match="lapsed already, 2026-06-10 09:00"):
        attestation_withdraw(actor=None, attestation=lapsed, now=lapsed.ends_at)
    lapsed.refresh_from_db()
    assert lapsed.withdrawn_at is None


def test_a_new_one_cannot_come_withdrawn(make):
    made = make(withdrawn_at=NOW, withdrawn_by=UserFactory())
    assert (made.withdrawn_at, made.withdrawn_by) == (None, None)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"best_practice": "OPS99-BP01"}, "The pillar has no such best practice"),
        ({"best_practice": ""}, "cannot be blank"),
        ({"statement": " "}, "cannot be blank"),
        ({"link": "javascript:alert(1)"}, "Enter a valid URL"),
        ({"link": "ftp://example.com/minutes"}, "Enter a valid URL"),
        ({"owner_team": None}, "Name a team or a person who answers for it"),
        ({"ends_at": None}, "cannot be null"),
        ({"ends_at": NOW + 367 * DAY}, "At most a year after the start"),
        ({"starts_at": NOW + 2 * DAY, "ends_at": NOW + DAY}, "It ends before it starts"),
        ({"starts_at": NOW - 2 * DAY, "ends_at": NOW}, "This is over"),
        ({"half_life_days": 0}, "A half-life is at least a day"),
    ],
)
def test_one_that_says_too_little_is_refused(make, wrong, told):
    with pytest.raises(ValidationError, match=told):
        make(**wrong)
    assert not Attestation.objects.exists()


def test_scope_and_owner_are_of_the_same_organization_and_one_each(make, organization):
    ou, account = OuFactory(organization=organization), AccountFactory(organization=organization)
    person = person_with(Role.VIEWER, organization=organization)
    for wrong, told in (
        ({"ou": OuFactory()}, "not part of the chosen organization"),
        ({"account": AccountFactory()}, "not part of the chosen organization"),
        ({"owner_team": TeamFactory()}, "not part of the chosen organization"),
        ({"ou": ou, "account": account}, "Choose an OU or an account, not both"),
        ({"owner": person}, "Give it to a team or to a person, not to both"),
        ({"owner": UserFactory(), "owner_team": None}, "may see nothing of Ours"),
    ):
        with pytest.raises(ValidationError, match=told):
            make(**wrong)
    assert make(owner=person, owner_team=None).owner == person


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"best_practice": ""}, "attestation_has_a_practice_and_a_statement"),
        ({"statement": ""}, "attestation_has_a_practice_and_a_statement"),
        ({"ends_at": NOW}, "attestation_ends_after_it_starts"),
        ({"half_life_days": 0}, "attestation_half_life_at_least_a_day"),
    ],
)
def test_the_database_refuses_it_too(wrong, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        AttestationFactory(**wrong)


def test_the_database_knows_that_only_what_is_withdrawn_was_withdrawn_by_somebody():
    told = "attestation_withdrawn_by_only_when_withdrawn"
    with pytest.raises(IntegrityError, match=told), transaction.atomic():
        AttestationFactory(withdrawn_by=UserFactory())


def test_only_an_approver_of_the_scope_may_make_and_withdraw(make, organization):
    ou = OuFactory(organization=organization)
    of_ou = person_with(Role.APPROVER, organization=organization, ou=ou)
    contributor = person_with(Role.CONTRIBUTOR, organization=organization)
    for actor, scope in ((of_ou, {}), (contributor, {}), (contributor, {"ou": ou})):
        with pytest.raises(Denied):
            make(actor=actor, **scope)
    made = make(actor=of_ou, ou=ou)
    with pytest.raises(Denied):
        attestation_withdraw(actor=contributor, attestation=made, now=NOW)
    assert attestation_withdraw(actor=of_ou, attestation=made, now=NOW).withdrawn_by == of_ou


def test_both_are_in_the_audit_log(make, organization):
    actor = person_with(Role.APPROVER, organization=organization)
    made = make(actor=actor)
    attestation_withdraw(actor=actor, attestation=made, now=NOW)
    withdrawn, told = AuditEntry.objects.all()
    assert (told.action, told.actor, told.before) == ("attestation.make", actor, None)
    assert told.after["best_practice"] == "OPS01-BP01"
    assert (withdrawn.action, withdrawn.actor) == ("attestation.withdraw", actor)


def test_it_reaches_where_it_holds_and_below(organization):
    top = OuFactory(organization=organization)
    inner = OuFactory(organization=organization, parent=top)
    high, low, beside = (
        AccountFactory(organization=organization, ou=ou) for ou in (top, inner, None)
    )
    rows = {
        "everywhere": AttestationFactory(organization=organization),
        "below": AttestationFactory(organization=organization, ou=inner),
        "here": AttestationFactory(organization=organization, account=high),
    }
    found = {
        account.pk: {name for name, row in rows.items() if reaches(row, account)}
        for account in (high, low, beside)
    }
    assert found == {
        high.pk: {"everywhere", "here"},
        low.pk: {"everywhere", "below"},
        beside.pk: {"everywhere"},
    }


def test_a_team_that_answers_for_one_is_not_deleted(make):
    made = make()
    with pytest.raises(ValidationError, match="attestations"):
        team_delete(actor=None, team=made.owner_team, now=NOW)
