import json

import pytest
from django.urls import reverse

from accounts.models import Account, AccountEvent, AuditEntry, Organization
from accounts.roles import Role
from tests.factories.accounts import NOW

LIST = reverse("admin:accounts_organization_changelist")


def page(row):
    return reverse(f"admin:accounts_{row._meta.model_name}_change", args=[row.pk])


def form_of(organization, **changes):
    fields = (
        "name",
        "partition",
        "management_account_id",
        "role_name",
        "external_id",
        "session_name",
        "home_region",
        "time_zone",
    )
    form = {name: getattr(organization, name) for name in fields}
    for name in ("session_tags", "regions", "environment_rules"):
        form[name] = json.dumps(getattr(organization, name))
    return {**form, **changes}


def test_an_administrator_changes_settings_and_the_log_keeps_it(client, staff, ours):
    actor = staff(Role.ADMINISTRATOR, organization=ours.organization)
    form = form_of(ours.organization, regions='["eu-west-1"]')
    answer = client.post(page(ours.organization), form, headers={"X-Request-ID": "request-1"})
    assert answer.status_code == 302
    assert Organization.objects.get().regions == ["eu-west-1"]
    entry = AuditEntry.objects.first()
    assert (entry.actor, entry.after) == (actor, {"regions": ["eu-west-1"]})
    assert entry.request_id == "request-1"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"management_account_id": "123"}, "exactly 12 digits"),
        ({"regions": '["eu-west"]'}, "is not the name of an AWS region"),
        ({"regions": "eu-west-1"}, "Enter a valid JSON"),
        ({"time_zone": "Mars"}, "is not a time zone"),
        ({"home_region": "cn-north-1"}, "not in the partition aws"),
    ],
)
def test_a_wrong_setting_is_told_beside_its_field(client, staff, ours, changes, said):
    staff(Role.ADMINISTRATOR, organization=ours.organization)
    answer = client.post(page(ours.organization), form_of(ours.organization, **changes))
    assert answer.status_code == 200
    assert said in str(answer.context["adminform"].form.errors)


def test_only_superusers_add_organizations(client, staff, ours):
    staff(Role.ADMINISTRATOR, organization=ours.organization)
    assert client.get(reverse("admin:accounts_organization_add")).status_code == 403


def test_a_superuser_adds_an_organization(client, superuser):
    form = form_of(Organization(name="New", management_account_id="123456789012"))
    assert client.post(reverse("admin:accounts_organization_add"), form).status_code == 302
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.organization.name) == ("organization.create", "New")


def test_how_accounts_are_entered_is_shown_to_administrators_only(client, staff, ours):
    staff(Role.VIEWER, organization=ours.organization)
    assert "an-external-id" not in client.get(page(ours.organization)).content.decode()
    staff(Role.ADMINISTRATOR, organization=ours.organization)
    assert "an-external-id" in client.get(page(ours.organization)).content.decode()


def test_mail_addresses_are_shown_by_permission(client, staff, ours):
    for role, shown in ((Role.VIEWER, False), (Role.CONTRIBUTOR, True)):
        staff(role, organization=ours.organization)
        assert (ours.account.email in client.get(page(ours.account)).content.decode()) is shown


def test_an_account_is_excluded_and_included(client, staff, ours):
    actor = staff(Role.ADMINISTRATOR, organization=ours.organization, ou=ours.ou)
    client.post(page(ours.account), {"excluded": "on", "excluded_reason": "sold"})
    account = Account.objects.get()
    assert (account.excluded, account.excluded_reason) == (True, "sold")
    client.post(page(ours.account), {"excluded_reason": ""})
    assert not Account.objects.get().excluded
    actions = AuditEntry.objects.filter(actor=actor).values_list("action", flat=True)
    assert list(actions) == ["account.include", "account.exclude"]


def test_an_exclusion_without_a_reason_is_told(client, staff, ours):
    staff(Role.ADMINISTRATOR, organization=ours.organization)
    answer = client.post(page(ours.account), {"excluded": "on", "excluded_reason": ""})
    assert "Give a reason" in answer.content.decode()
    assert not Account.objects.get().excluded


def test_nothing_else_of_an_account_is_changed_by_hand(client, superuser, ours):
    client.post(page(ours.account), {"name": "x", "state": "CLOSED", "owner_team": ours.team.pk})
    account = Account.objects.get()
    assert (account.name, account.state, account.owner_team) == ("ours account", "ACTIVE", None)


@pytest.mark.parametrize(("role", "is_shown"), [(Role.VIEWER, False), (Role.CONTRIBUTOR, True)])
def test_a_changed_mail_address_is_shown_by_permission(client, staff, ours, role, is_shown):
    staff(role, organization=ours.organization)
    event = AccountEvent.objects.create(
        account=ours.account,
        kind="email_changed",
        at=NOW,
        before="old@example.com",
        after="new@example.com",
    )
    for address in (reverse("admin:accounts_accountevent_changelist"), page(event)):
        shown = client.get(address).content.decode()
        assert "ours account" in shown
        assert ("old@example.com" in shown, "new@example.com" in shown) == (is_shown, is_shown)
