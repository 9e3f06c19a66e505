"""What every admin page shows to whom: rows, counts, filters, search, lookups, autocompletion."""

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts import models
from accounts.admin.scoped import ScopedAdmin, choices_for
from accounts.roles import Role
from tests.factories.accounts import UserFactory, person_with
from tests.modules import differing

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


@pytest.fixture(autouse=True)
def failures_told(client):
    """A page that fails is told with the others of its table; why is in the log."""
    client.raise_request_exception = False


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


def status_of(client, address, **query):
    return client.get(address, query).status_code


def listed(client, name, **query):
    """How many rows a list shows, of how many, and whether none is told of that are not ours."""
    answer = client.get(listing(name), query)
    if answer.status_code != 200:
        return answer.status_code, None, False
    changes = answer.context["cl"]
    is_clean = "theirs" not in answer.content.decode()
    return changes.result_count, changes.full_result_count, is_clean


def test_a_member_of_staff_without_a_grant_is_refused(client, staff, ours):
    staff()
    found = {}
    for name in MODELS:
        row = rows_of(name, ours.organization).first()
        found[name] = (status_of(client, listing(name)), status_of(client, detail(name, row)))
    assert {name: got for name, got in found.items() if got not in {(403, 302), (403, 403)}} == {}


def test_a_grant_without_being_staff_opens_no_page(client, ours):
    client.force_login(person_with(Role.ADMINISTRATOR, organization=ours.organization))
    found = {name: status_of(client, listing(name)) for name in MODELS}
    assert differing(found, dict.fromkeys(MODELS, 302)) == {}


def counts(name, organization):
    number = rows_of(name, organization).count()
    return number, number, True


def test_a_viewer_sees_the_rows_of_the_own_organization_only(client, staff, ours, theirs):
    staff(Role.VIEWER, organization=ours.organization)
    told = {name: counts(name, ours.organization) for name in MODELS}
    told |= dict.fromkeys(FOR_ADMINISTRATORS, (0, 0, True))
    assert differing({name: listed(client, name) for name in MODELS}, told) == {}


def test_an_administrator_sees_the_rows_of_the_own_organization_only(client, staff, ours, theirs):
    staff(Role.ADMINISTRATOR, organization=ours.organization)
    told = {name: counts(name, ours.organization) for name in MODELS}
    assert differing({name: listed(client, name) for name in MODELS}, told) == {}
    assert (0, 0, True) not in told.values()


@pytest.mark.parametrize("kind", ["change", "history", "delete"])
def test_a_row_of_another_organization_is_not_there(client, staff, ours, theirs, kind):
    """Who asks is refused, or sent away."""
    staff(Role.ADMINISTRATOR, organization=ours.organization)
    wrong = {}
    for name in MODELS:
        row = rows_of(name, theirs.organization).first()
        answer = client.get(detail(name, row, kind), follow=True)
        is_sent_away = answer.status_code == 200 and bool(answer.redirect_chain)
        if "theirs" in answer.content.decode() or not (answer.status_code == 403 or is_sent_away):
            wrong[name] = answer
    assert wrong == {}


def test_a_superuser_sees_every_row(client, superuser, ours, theirs):
    found = {name: listed(client, name)[0] for name in MODELS}
    assert differing(found, {name: model.objects.count() for name, model in MODELS.items()}) == {}


def test_a_search_finds_nothing_of_another_organization(client, staff, ours, theirs):
    staff(Role.ADMINISTRATOR, organization=ours.organization)
    found = {name: listed(client, name, q="theirs")[0] for name in MODELS}
    assert differing(found, dict.fromkeys(MODELS, 0)) == {}


def test_every_row_opens_and_shows_no_other_organization(client, staff, ours, theirs):
    staff(Role.ADMINISTRATOR, organization=ours.organization)
    wrong = {}
    for name in MODELS:
        for row in rows_of(name, ours.organization):
            answer = client.get(detail(name, row))
            if answer.status_code != 200 or "theirs" in answer.content.decode():
                wrong[name, row] = answer
    assert wrong == {}


def test_a_viewer_changes_nothing(client, staff, ours):
    staff(Role.VIEWER, organization=ours.organization)
    wrong = {}
    for name in MODELS:
        row = rows_of(name, ours.organization).first()
        changed = client.post(detail(name, row), {}).status_code
        deleted = client.post(detail(name, row, "delete"), {"post": "yes"}).status_code
        added = status_of(client, reverse(f"admin:accounts_{name}_add"))
        is_there = rows_of(name, ours.organization).filter(pk=row.pk).exists()
        if {changed, deleted} - {302, 403} or added != 403 or not is_there:
            wrong[name] = (changed, deleted, added, is_there)
    assert wrong == {}


def test_history_is_read_only_even_for_superusers(client, superuser, ours):
    found = {}
    for name in KEPT_AS_HISTORY:
        row = rows_of(name, ours.organization).first()
        found[name] = (
            status_of(client, detail(name, row)),
            client.post(detail(name, row), {}).status_code,
            status_of(client, detail(name, row, "delete")),
            status_of(client, reverse(f"admin:accounts_{name}_add")),
        )
    assert differing(found, dict.fromkeys(KEPT_AS_HISTORY, (200, 403, 403, 403))) == {}


def test_columns_cannot_be_probed_by_the_address(client, superuser, ours):
    probes = [
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
    ]
    found = {
        (name, lookup): status_of(client, listing(name), **{lookup: "a"}) for name, lookup in probes
    }
    assert differing(found, dict.fromkeys(probes, 400)) == {}


def test_shown_filters_work(client, superuser, ours):
    shown = [
        ("account", "state__exact", "ACTIVE"),
        ("account", "environment", ""),
        ("auditentry", "at__year", "2026"),
        ("membership", "account__organization__id__exact", "1"),
    ]
    found = {each: status_of(client, listing(each[0]), **{each[1]: each[2]}) for each in shown}
    assert differing(found, dict.fromkeys(shown, 200)) == {}


def test_autocompletion_offers_what_the_person_sees(client, staff, ours, theirs):
    staff(Role.ADMINISTRATOR, organization=ours.organization)
    fields = [
        ("ownershiprule", "ou"),
        ("ownershiprule", "account"),
        ("ownershiprule", "team"),
        ("grant", "organization"),
    ]
    found = {}
    for model_name, field_name in fields:
        asked = {"app_label": "accounts", "model_name": model_name, "field_name": field_name}
        offered = client.get(reverse("admin:autocomplete"), asked).json()["results"]
        found[model_name, field_name] = [row["text"][:4] for row in offered]
    assert differing(found, {field: ["ours"] for field in fields}) == {}


def test_autocompletion_lists_no_people(client, staff, ours):
    staff(Role.ADMINISTRATOR, organization=ours.organization)
    asked = {"app_label": "accounts", "model_name": "grant", "field_name": "user"}
    assert client.get(reverse("admin:autocomplete"), asked).status_code == 403


def test_who_is_not_signed_in_is_sent_to_the_sign_in_of_the_portal(client, db):
    shown = client.get(reverse("admin:index"), follow=True)
    assert shown.status_code == 200
    assert shown.redirect_chain[-1][0] == f"{reverse('login')}?next=%2Fadmin%2F"


def test_beside_a_page_is_a_list_of_what_the_person_may_open(client, staff, ours, monkeypatch):
    monkeypatch.setattr(admin.AdminSite, "enable_nav_sidebar", True)
    staff(Role.VIEWER, organization=ours.organization)
    page = client.get(listing("account")).content.decode()
    sidebar = page[page.index('id="nav-sidebar"') : page.index('id="content-start"')]
    assert f'href="{listing("team")}"' in sidebar
    assert reverse("admin:auth_user_changelist") not in sidebar


def test_the_index_lists_only_what_the_person_may_open(client, staff, superuser, ours):
    assert "Teams" in client.get(reverse("admin:index")).content.decode()
    staff()
    assert "Teams" not in client.get(reverse("admin:index")).content.decode()


def test_choices_are_named_for_every_model_or_refused(db):
    with pytest.raises(TypeError, match="which AuditEntry"):
        choices_for(UserFactory(), models.AuditEntry)
