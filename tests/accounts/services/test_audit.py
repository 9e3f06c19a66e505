import pytest
from django.db import IntegrityError, transaction

from accounts.models import AccountEvent, AuditEntry
from accounts.requests import request_id
from accounts.services.accounts import account_exclude
from accounts.services.audit import audit_record
from tests.factories.accounts import NOW, AccountFactory, OuFactory, UserFactory

pytestmark = pytest.mark.django_db


def record(target, actor=None):
    return audit_record(
        actor=actor, action="thing.change", target=target, before=None, after={"at": NOW}, now=NOW
    )


def test_an_entry_says_who_what_where_and_when():
    anna, ou = UserFactory(username="anna"), OuFactory(name="Prod")
    entry = record(ou, actor=anna)
    entry.refresh_from_db()
    assert (entry.actor, entry.actor_name, entry.at) == (anna, "anna", NOW)
    assert (entry.organization, entry.target_type) == (
        ou.organization,
        "accounts.organizationalunit",
    )
    assert (entry.target_uid, entry.target_name) == (str(ou.uid), "Prod")
    assert entry.after == {"at": "2026-03-02T09:00:00Z"}


def test_the_name_of_a_deleted_person_is_kept():
    anna = UserFactory(username="anna")
    record(OuFactory(), actor=anna)
    anna.delete()
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.actor_name) == (None, "anna")


def test_an_entry_names_its_request():
    token = request_id.set("request-1")
    entry = record(OuFactory())
    request_id.reset(token)
    assert entry.request_id == "request-1"
    assert record(OuFactory()).request_id == ""


def test_what_belongs_to_an_account_belongs_to_its_organization():
    account = AccountFactory()
    event = AccountEvent.objects.create(account=account, kind="joined", at=NOW)
    assert record(event).organization == account.organization


def test_what_belongs_to_no_organization_is_of_the_installation():
    assert record(UserFactory()).organization is None


@transaction.atomic
def _exclude_and_fail(account):
    account_exclude(actor=None, account=account, reason="sold", now=NOW)
    AccountFactory(organization=account.organization, account_id=account.account_id)


def test_a_change_that_fails_leaves_no_entry():
    account = AccountFactory()
    with pytest.raises(IntegrityError):
        _exclude_and_fail(account)
    assert not AuditEntry.objects.exists()
    assert not account.events.exists()
