import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from accounts.access import Denied
from accounts.models import AuditEntry, RoleHealth
from accounts.roles import Role
from accounts.services.accounts import account_exclude, account_include, account_role_tested
from tests.factories.accounts import NOW, AccountFactory, OuFactory, person_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return AccountFactory()


@pytest.fixture
def administrator(account):
    return person_with(Role.ADMINISTRATOR, organization=account.organization)


def test_an_account_is_excluded_with_a_reason(account, administrator):
    account_exclude(actor=administrator, account=account, reason=" sold ", now=NOW)
    account.refresh_from_db()
    assert (account.excluded, account.excluded_reason) == (True, "sold")
    event, entry = account.events.get(), AuditEntry.objects.get()
    assert (event.kind, event.actor, event.at) == ("excluded", administrator, NOW)
    assert (entry.action, entry.before["excluded"], entry.after["excluded_reason"]) == (
        "account.exclude",
        False,
        "sold",
    )


def test_excluding_needs_a_reason(account):
    with pytest.raises(ValidationError, match="Say why"):
        account_exclude(actor=None, account=account, reason=" ", now=NOW)


def test_excluding_twice_for_the_same_reason_is_one_change(account):
    account_exclude(actor=None, account=account, reason="sold", now=NOW)
    account_exclude(actor=None, account=account, reason="sold", now=NOW)
    assert account.events.count() == 1


def test_an_excluded_account_is_included_again(account):
    account_exclude(actor=None, account=account, reason="sold", now=NOW)
    account_include(actor=None, account=account, now=NOW)
    account.refresh_from_db()
    assert (account.excluded, account.excluded_reason) == (False, "")
    assert account.events.last().kind == "included"


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CONTRIBUTOR, Role.APPROVER])
def test_excluding_is_for_administrators(account, role):
    actor = person_with(role, organization=account.organization)
    with pytest.raises(Denied):
        account_exclude(actor=actor, account=account, reason="sold", now=NOW)
    account.refresh_from_db()
    assert not account.excluded


def test_an_administrator_of_another_ou_excludes_nothing(account):
    ou = OuFactory(organization=account.organization)
    actor = person_with(Role.ADMINISTRATOR, organization=account.organization, ou=ou)
    with pytest.raises(Denied):
        account_exclude(actor=actor, account=account, reason="sold", now=NOW)


def test_role_health_is_noted_and_only_its_change_is_an_event(account):
    later = NOW + dt.timedelta(hours=1)
    account_role_tested(account=account, health=RoleHealth.ROLE_MISSING, message="gone", now=NOW)
    account_role_tested(account=account, health=RoleHealth.ROLE_MISSING, message="gone", now=later)
    account.refresh_from_db()
    assert (account.role_health, account.role_health_message) == ("role_missing", "gone")
    assert account.role_tested_at == later
    event = account.events.get()
    assert (event.before, event.after, event.at) == ("untested", "role_missing", NOW)
