import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from accounts.models import AuditEntry
from accounts.roles import Role
from tests.factories.accounts import UserFactory

LIST = reverse("admin:auth_user_changelist")
ADD = reverse("admin:auth_user_add")


def page(person, what="change"):
    return reverse(f"admin:auth_user_{what}", args=[person.pk])


@pytest.fixture
def anna(db):
    return UserFactory(username="anna", email="anna@example.com")


def form_of(person, **changes):
    dates = {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    form = {"username": person.username, "email": person.email, "is_active": "on", **dates}
    return {**form, **changes}


def test_people_are_for_superusers_even_with_djangos_own_permissions(client, staff, ours, anna):
    person = staff(Role.ADMINISTRATOR, organization=ours.organization)
    person.user_permissions.add(*_all_permissions_on_people())
    for url in (LIST, ADD, page(anna), page(anna, "delete")):
        assert client.get(url).status_code == 403


def _all_permissions_on_people():
    return Permission.objects.filter(content_type__app_label="auth")


def test_a_person_is_created_and_the_log_keeps_no_password(client, superuser):
    form = {"username": "ben", "password1": "a-long-passphrase", "password2": "a-long-passphrase"}
    client.post(ADD, {**form, "usable_password": "true"})
    assert User.objects.get(username="ben").check_password("a-long-passphrase")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.target_name, entry.organization) == ("person.create", "ben", None)
    assert "a-long-passphrase" not in str((entry.before, entry.after))


def test_changed_rights_are_in_the_log(client, superuser, anna):
    client.post(page(anna), form_of(anna, is_staff="on"))
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action) == (superuser, "person.change")
    assert (entry.before["is_staff"], entry.after["is_staff"]) == (False, True)


def test_a_changed_mail_address_is_in_the_log_without_its_value(client, superuser, anna):
    client.post(page(anna), form_of(anna, email="new@example.com"))
    anna.refresh_from_db()
    assert anna.email == "new@example.com"
    entry = AuditEntry.objects.get()
    assert entry.after["changed"] == ["email"]
    assert "example.com" not in str((entry.before, entry.after))


def test_a_new_password_is_in_the_log_without_its_value(client, superuser, anna):
    form = {"password1": "a-long-passphrase", "password2": "a-long-passphrase"}
    url = reverse("admin:auth_user_password_change", args=[anna.pk])
    client.post(url, {**form, "usable_password": "true", "set-password": "1"})
    anna.refresh_from_db()
    assert anna.check_password("a-long-passphrase")
    assert AuditEntry.objects.get().action == "person.set_password"


def test_a_deleted_person_stays_in_the_log(client, superuser, anna):
    client.post(page(anna, "delete"), {"post": "yes"})
    assert not User.objects.filter(username="anna").exists()
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.target_name, entry.actor_name) == ("person.delete", "anna", "root")
