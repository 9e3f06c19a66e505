import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from accounts.models import AuditEntry
from findings.models import DeclaredTool
from tests.factories.accounts import GrantFactory, TeamFactory
from tests.factories.findings import DeclaredToolFactory
from tests.portal.web.pages import badly_refused, main_text_of, text_of

LIST, DECLARE = reverse("tool-list"), reverse("tool-declare")
DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
def today():
    with time_machine.travel("2026-03-02 09:00:00", tick=False):
        yield


@pytest.fixture
def form(world):
    return {
        "organization": world.ours.pk,
        "kind": "tracing",
        "name": "Datadog",
        "owner_team": TeamFactory(organization=world.ours).pk,
        "reason": "every service is traced there",
        "ends_on": "2026-12-31",
    }


def end(tool):
    return reverse("tool-end", args=[tool.uid])


def test_the_list_shows_each_with_its_owner_its_checks_and_its_days(sign_in, world):
    team = TeamFactory(organization=world.ours, name="platform")
    DeclaredToolFactory(organization=world.ours, ou=world.prod, owner_team=team)
    text = main_text_of(sign_in("viewer").get(LIST))
    assert "Datadog Tracing (Datadog APM, Honeycomb, Jaeger) every service is traced there" in text
    assert "Prod Ours Owner : platform" in text or "Prod Ours Owner: platform" in text
    assert "Trace every production function" in text
    assert "2026-03-02 2027-03-02 Active" in text


def test_what_stands_in_comes_before_what_is_over(sign_in, world):
    today = dt.date(2026, 3, 2)
    for name, days in (("over", -1), ("far", 30), ("near", 3)):
        DeclaredToolFactory(
            organization=world.ours, name=name, starts_on=today - DAY, ends_on=today + days * DAY
        )
    lines = sign_in("viewer").get(LIST).context["lines"]
    assert [(line.tool.name, line.is_over) for line in lines] == [
        ("near", False),
        ("far", False),
        ("over", True),
    ]


def test_everybody_sees_those_of_what_they_see_and_administrators_change_them(sign_in, world):
    tool = DeclaredToolFactory(organization=world.ours)
    of_dev = DeclaredToolFactory(organization=world.ours, ou=world.dev, name="Jaeger of Dev")
    for who in ("viewer", "viewer of Prod", "contributor", "administrator"):
        page = sign_in(who).get(LIST)
        seen = {line.tool for line in page.context["lines"]}
        assert seen == {tool} | (set() if who == "viewer of Prod" else {of_dev})
        assert (end(tool) in page.content.decode()) is (who == "administrator")
        assert ("Declare a tool" in text_of(page)) is (who == "administrator")
    assert sign_in("stranger").get(LIST).context["lines"] == []


def test_an_empty_list_says_which_kind_of_empty_it_is(sign_in):
    assert "No tool declared yet" in text_of(sign_in("viewer").get(LIST))
    assert "Nothing that you may see" in text_of(sign_in("nobody").get(LIST))


def test_an_administrator_declares_one(sign_in, world, form):
    answer = sign_in("administrator").post(DECLARE, form, follow=True)
    assert "The tool is declared" in text_of(answer)
    made = DeclaredTool.objects.get()
    assert (made.starts_on, made.target) == (dt.date(2026, 3, 2), world.ours)
    assert AuditEntry.objects.get().action == "tool.declare"


def test_one_is_declared_for_an_account_with_a_person_as_its_owner(sign_in, world, form):
    person = world.person("viewer")
    of_account = {"account": world.shop.account_id, "owner": person.pk, "owner_team": ""}
    sign_in("administrator").post(DECLARE, form | of_account)
    made = DeclaredTool.objects.get()
    assert (made.target, made.owner) == (world.shop, person)


BAD_INPUT = [
    ({"name": ""}, "This field is required"),
    ({"kind": "magic"}, "magic is not one of the available choices"),
    ({"ends_on": ""}, "This field is required"),
    ({"ends_on": "soon"}, "Enter a valid date"),
    ({"ends_on": "2027-03-03"}, "At most a year after the first day"),
    ({"starts_on": "2026-02-01", "ends_on": "2026-03-01"}, "This day is over"),
    ({"owner_team": ""}, "Name a team or a person who answers for it"),
    ({"account": "999999999999"}, "The organization has no account of this id"),
]


def test_bad_input_is_told_and_saves_nothing(sign_in, form):
    client = sign_in("administrator")

    def declare(fields):
        return client.post(DECLARE, form | fields)

    assert badly_refused(declare, BAD_INPUT, DeclaredTool, shown="Declared tools · Cairn") == {}


def test_who_administers_nothing_declares_nothing(sign_in, form):
    got = {w: sign_in(w).post(DECLARE, form).status_code for w in ("viewer", "nobody", "stranger")}
    assert got == {"viewer": 403, "nobody": 403, "stranger": 422}
    assert not DeclaredTool.objects.exists()


def test_who_administers_an_ou_declares_for_it_alone(sign_in, world, form):
    person = world.person("viewer of Prod")
    GrantFactory(user=person, role="administrator", organization=world.ours, ou=world.dev)
    client = sign_in("viewer of Prod")
    answer = client.post(DECLARE, form)
    assert (answer.status_code, "You may not administer on Ours" in text_of(answer)) == (422, True)
    assert client.post(DECLARE, form | {"ou": world.prod.pk}).status_code == 422
    assert client.post(DECLARE, form | {"account": world.shop.account_id}).status_code == 422
    assert client.post(DECLARE, form | {"ou": world.dev.pk}).status_code == 302
    assert DeclaredTool.objects.get().ou == world.dev


def test_an_administrator_ends_one_and_only_once(sign_in, world):
    tool = DeclaredToolFactory(organization=world.ours)
    client = sign_in("administrator")
    assert "its checks apply again" in text_of(client.post(end(tool), follow=True))
    page = client.post(end(tool), follow=True)
    assert "has ended already" in text_of(page)
    assert "Ended early" in main_text_of(page)
    assert end(tool) not in page.content.decode()
