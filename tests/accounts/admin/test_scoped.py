"""What every admin page shows to whom: rows, counts, filters, search, lookups, autocompletion."""

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts import models
from accounts.admin.scoped import ScopedAdmin, choices_for
from accounts.roles import Role
from tests.factories.accounts import UserFactory, person_with

pytestmark = pytest.mark.one_database

MODELS = {
    "organization": models.Organization,
    "organizationalunit": models.OrganizationalUnit,
    "account": models.Account,
    "accountevent": models.AccountEvent,
    "membership": models.Membership,
    "team": models.Team,
    "ownershiprule": models.OwnershipRule,
    "grant": models.Grant,
    "auditentry": models.AuditEntry,
}
OF_NO_ORGANIZATION = {"apitoken"}
FOR_ADMINISTRATORS = {"grant", "auditentry"}
KEPT_AS_HISTORY = ["organizationalunit", "accountevent", "membership", "auditentry"]


def listing(name):
    return reverse(f"admin:accounts_{name}_changelist")


def detail(name, row, page="change"):
    return reverse(f"admin:accounts_{name}_{page}", args=[row.pk])


def rows_of(name, organization):
    model = MODELS[name]
    if name == "organization":
        return model.objects.filter(pk=organization.pk)
    path = "account__organization" if name in {"accountevent", "membership"} else "organization"
    return model.objects.filter(**{path: organization})


def test_every_model_of_accounts_has_a_page_that_is_scoped():
    registered = {
        model._meta.model_name: page
        for model, page in admin.site._registry.items()
        if model._meta.app_label == "accounts"
    }
    assert set(registered) == {*MODELS, *OF_NO_ORGANIZATION}
    assert all(isinstance(page, ScopedAdmin) for page in registered.values())
    assert all(page.search_fields and page.list_filter for page in registered.values())


@pytest.mark.parametrize("name", MODELS)
def test_a_member_of_staff_without_a_grant_is_refused(client, staff, ours, name):
    staff()
    assert client.get(listing(name)).status_code == 403
    row = rows_of(name, ours.organization).first()
    assert client.get(detail(name, row)).status_code in {302, 403}


@pytest.mark.parametrize("name", MODELS)
def test_a_grant_without_being_staff_opens_no_page(client, ours, name):
    client.force_login(person_with(Role.ADMINISTRATOR, organization=ours.organization))
    assert client.get(listing(name)).status_code == 302


@pytest.mark.parametrize("name", MODELS)
def test_a_viewer_sees_the_rows_of_the_own_organization_only(client, staff, ours, theirs, name):
    staff(Role.VIEWER, organization=ours.organization)
    page = client.get(listing(name))
    assert "theirs" not in page.content.decode()
    changes = page.context["cl"]
    expected = 0 if name in FOR_ADMINISTRATORS else rows_of(name, ours.organization).count()
    assert (changes.result_count, changes.full_result_count) == (expected, expected)


@pytest.mark.parametrize("name", MODELS)
def test_an_administrator_sees_the_rows_of_the_own_organization_only(
    client, staff, ours, theirs, name
):
    staff(Role.ADMINISTRATOR, organization=ours.organization)
    page = client.get(listing(name))
    assert "theirs" not in page.content.decode()
    assert page.context["cl"].result_count == rows_of(name, ours.organization).count() > 0


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("page", ["change", "history", "delete"])
def test_a_row_of_another_organization_is_not_there(client, staff, ours, theirs, name, page):
    staff(Role.ADMINISTRATOR, organization=ours.organization)
    row = rows_of(name, theirs.organization).first()
    answer = client.get(detail(name, row, page), follow=True)
    assert "theirs" not in answer.content.decode()
    assert answer.status_code in {200, 403}
    assert answer.status_code == 403 or answer.redirect_chain


@pytest.mark.parametrize("name", MODELS)
def test_a_superuser_sees_every_row(client, superuser, ours, theirs, name):
    page = client.get(listing(name))
    assert page.context["cl"].result_count == MODELS[name].objects.count()


@pytest.mark.parametrize("name", MODELS)
def test_a_search_finds_nothing_of_another_organization(client, staff, ours, theirs, name):
    staff(Role.ADMINISTRATOR, organization=ours.organization)
    assert client.get(listing(name), {"q": "theirs"}).context["cl"].result_count == 0


@pytest.mark.parametrize("name", MODELS)
def test_every_row_opens_and_shows_no_other_organization(client, staff, ours, theirs, name):
    staff(Role.ADMINISTRATOR, organization=ours.organization)
    for row in rows_of(name, ours.organization):
        answer = client.get(detail(name, row))
        assert answer.status_code == 200
        assert "theirs" not in answer.content.decode()


@pytest.mark.parametrize("name", MODELS)
def test_a_viewer_changes_nothing(client, staff, ours, name):
    staff(Role.VIEWER, organization=ours.organization)
    row = rows_of(name, ours.organization).first()
    assert client.post(detail(name, row), {}).status_code in {302, 403}
    assert client.post(detail(name, row, "delete"), {"post": "yes"}).status_code in {302, 403}
    assert client.get(reverse(f"admin:accounts_{name}_add")).status_code == 403
    assert rows_of(name, ours.organization).filter(pk=row.pk).exists()


@pytest.mark.parametrize("name", KEPT_AS_HISTORY)
def test_history_is_read_only_even_for_superusers(client, superuser, ours, name):
    row = rows_of(name, ours.organization).first()
    assert client.get(detail(name, row)).status_code == 200
    assert client.post(detail(name, row), {}).status_code == 403
    assert client.get(detail(name, row, "delete")).status_code == 403
    assert client.get(reverse(f"admin:accounts_{name}_add")).status_code == 403


@pytest.mark.parametrize(
    ("name", "lookup"),
    [
        ("account", "email__startswith"),
        ("account", "organization__external_id__startswith"),
        ("account", "organization__name__startswith"),
        ("account", "events__before"),
        ("organization", "external_id__startswith"),
        ("organization", "accounts__email__startswith"),
        ("organization", "grants"),
        ("team", "members"),
        ("team", "members__email__startswith"),
        ("grant", "user__password__startswith"),
        ("accountevent", "account__email__startswith"),
        ("auditentry", "before__external_id"),
    ],
)
def test_columns_cannot_be_probed_by_the_address(client, superuser, ours, name, lookup):
    assert client.get(listing(name), {lookup: "a"}).status_code == 400


@pytest.mark.parametrize(
    ("name", "lookup", "value"),
    [
        ("account", "state__exact", "ACTIVE"),
        ("account", "environment", ""),
        ("auditentry", "at__year", "2026"),
        ("membership", "account__organization__id__exact", "1"),
    ],
)
def test_shown_filters_work(client, superuser, ours, name, lookup, value):
    assert client.get(listing(name), {lookup: value}).status_code == 200


@pytest.mark.parametrize(
    ("model_name", "field_name"),
    [
        ("ownershiprule", "ou"),
        ("ownershiprule", "account"),
        ("ownershiprule", "team"),
        ("grant", "organization"),
    ],
)
def test_autocompletion_offers_what_the_person_sees(
    client, staff, ours, theirs, model_name, field_name
):
    staff(Role.ADMINISTRATOR, organization=ours.organization)
    asked = {"app_label": "accounts", "model_name": model_name, "field_name": field_name}
    offered = client.get(reverse("admin:autocomplete"), asked).json()["results"]
    assert [row["text"][:4] for row in offered] == ["ours"]


def test_autocompletion_lists_no_people(client, staff, ours):
    staff(Role.ADMINISTRATOR, organization=ours.organization)
    asked = {"app_label": "accounts", "model_name": "grant", "field_name": "user"}
    assert client.get(reverse("admin:autocomplete"), asked).status_code == 403


def test_who_is_not_signed_in_is_sent_to_the_sign_in_of_the_portal(client, db):
    shown = client.get(reverse("admin:index"), follow=True)
    assert shown.status_code == 200
    assert shown.redirect_chain[-1][0] == f"{reverse('login')}?next=%2Fadmin%2F"


def test_the_index_lists_only_what_the_person_may_open(client, staff, superuser, ours):
    assert "Teams" in client.get(reverse("admin:index")).content.decode()
    staff()
    assert "Teams" not in client.get(reverse("admin:index")).content.decode()


def test_choices_are_named_for_every_model_or_refused(db):
    with pytest.raises(TypeError, match="which AuditEntry"):
        choices_for(UserFactory(), models.AuditEntry)
