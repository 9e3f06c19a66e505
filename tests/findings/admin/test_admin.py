"""The admin of findings: history is read only, and everything within grants."""

import pytest
from django.apps import apps
from django.contrib import admin

from accounts.roles import Role
from findings.models import (
    Connection,
    Export,
    InboundDelivery,
    Subscriber,
    SyncEvent,
    Ticket,
    TicketComment,
    TicketFinding,
)
from findings.services.subscribers import subscriber_of_person
from findings.services.tickets import ticket_add
from tests.factories.accounts import AccountFactory, TeamFactory, UserFactory
from tests.factories.findings import (
    ExportFactory,
)
from tests.factories.tickets import open_finding
from tests.findings.admin.populated import name_of, page
from tests.findings.services.lab import NOW
from tests.modules import differing, undone

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

MODELS = list(apps.get_app_config("findings").get_models())
SETTINGS = {"schedule", "parameteroverride", "awsjobsettings", "slarule"}
SHARED = {
    "evidenceblob",
    "manifest",
    "checkset",
    "retentionmark",
    "eventsequence",
    "ticketsequence",
    "ticketfeed",
    "suppressioncursor",
    "webhookfeed",
    "notificationfeed",
}
OF_ADMINISTRATORS = {
    "connectiontrial",
    "inbounddelivery",
    "webhookendpoint",
    "webhookmessage",
    "webhookdelivery",
    "subscriber",
    "notice",
    "notification",
    "notificationmessage",
}


def shown(client, address):
    """How many rows a list shows; of one that fails, or is refused, its status."""
    answer = client.get(address)
    return answer.context["cl"].result_count if answer.status_code == 200 else answer


def lists_and_pages(client):
    """Model -> how many rows its list shows, and the status of the page of one."""
    client.raise_request_exception = False
    found = {}
    for model in MODELS:
        row = model._default_manager.first()
        answer = client.get(page(model, "change", row.pk))
        found[name_of(model)] = (shown(client, page(model)), answer.status_code)
    return found


def test_every_model_has_a_list_and_a_page_for_a_superuser(client, lab):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    found = lists_and_pages(client)
    counts = {name_of(model): model._default_manager.count() for model in MODELS}
    told = {name: (count, 200) for name, count in counts.items()}
    assert differing(found, told) == {}
    assert 0 not in counts.values()


def test_nobody_changes_what_is_history(client, lab):
    """The answers to a form of a new row and to taking one away, and what else may be done."""
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    client.raise_request_exception = False
    found = {name_of(model): changes_of(client, model) for model in MODELS}
    told = {name: (200, 302, None) if name in SETTINGS else (403, 403, None) for name in found}
    assert differing(found, told) == {}


def changes_of(client, model):
    row = model._default_manager.first()
    with undone():
        added = client.get(page(model, "add")).status_code
        deleted = client.post(page(model, "delete", row.pk), {"post": "yes"}).status_code
        return added, deleted, admin.site._registry[model].actions


def test_a_member_of_staff_of_another_organization_sees_nothing(client, sign_in, lab):
    sign_in(Role.ADMINISTRATOR, organization=AccountFactory().organization)
    found = lists_and_pages(client)
    assert differing(found, dict.fromkeys(found, (0, 302))) == {}


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ADMINISTRATOR])
def test_who_sees_the_rows_of_the_own_organization(client, sign_in, lab, role):
    """Each model by the least role that does."""
    person = sign_in(role)
    client.raise_request_exception = False
    assert shown(client, page(Export)) == 0
    ExportFactory(organization=lab.organization, asked_by=person)
    of_role = {
        model: shown(client, page(model))
        for model in MODELS
        if name_of(model) not in SHARED
        and (name_of(model) in OF_ADMINISTRATORS) == (role is Role.ADMINISTRATOR)
    }
    empty = {name_of(model): found for model, found in of_role.items() if found not in range(1, 99)}
    assert empty == {}


def test_what_trackers_send_is_for_administrators(client, sign_in):
    sign_in(Role.VIEWER)
    assert client.get(page(InboundDelivery)).context["cl"].result_count == 0


def test_credentials_are_not_shown(client, lab):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    connection = Connection.objects.exclude(kind="builtin").get()
    Connection.objects.update(credentials=b"sealed-text")
    page_shown = client.get(page(Connection, "change", connection.pk)).content
    assert b"sealed-text" not in page_shown
    assert b"redentials" not in page_shown


def test_the_address_of_slack_is_not_shown(client, lab):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    subscriber = Subscriber.objects.exclude(slack=b"").get()
    assert b"sealed-text" not in client.get(page(Subscriber, "change", subscriber.pk)).content


def test_what_others_hear_of_is_theirs_and_the_operators(client, sign_in, lab):
    other = subscriber_of_person(UserFactory())
    sign_in(Role.ADMINISTRATOR)
    assert client.get(page(Subscriber, "change", other.pk)).status_code == 302
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    assert client.get(page(Subscriber, "change", other.pk)).status_code == 200


def test_who_sees_a_part_of_a_ticket_does_not_see_its_words(client, sign_in, lab):
    elsewhere = AccountFactory(organization=lab.organization)
    ticket = Ticket.objects.get()
    ticket_add(actor=None, ticket=ticket, findings=[open_finding(account=elsewhere)], now=NOW)
    team = TeamFactory(organization=lab.organization)
    lab.account.owner_team = team
    lab.account.save()
    sign_in(Role.ADMINISTRATOR, organization=lab.organization, accounts_of=team)
    for model, seen in ((Ticket, 0), (TicketComment, 0), (SyncEvent, 0), (TicketFinding, 1)):
        assert client.get(page(model)).context["cl"].result_count == seen


def test_evidence_itself_is_not_shown(client, lab):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    for name in ("evidenceblob", "manifest", "observation", "calllog"):
        model = apps.get_model("findings", name)
        form = client.get(page(model, "change", model._default_manager.first().pk))
        assert "body" not in str(form.context["adminform"].fieldsets)
