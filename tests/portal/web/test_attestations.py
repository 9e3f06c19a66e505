import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from accounts.models import AuditEntry
from findings.models import Attestation
from tests.factories.accounts import GrantFactory, TeamFactory
from tests.factories.findings import AttestationFactory
from tests.portal.web.pages import badly_refused, links_of, main_text_of, text_of

LIST, MAKE = reverse("attestation-list"), reverse("attestation-make")
NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
COVERED = "OPS08-BP02"
pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
def today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def form(world):
    return {
        "organization": world.ours.pk,
        "best_practice": "OPS01-BP01",
        "statement": "asked every quarter",
        "owner_team": TeamFactory(organization=world.ours).pk,
        "ends_at": "2026-12-31",
        "half_life_days": 30,
    }


def withdraw(attestation):
    return reverse("attestation-withdraw", args=[attestation.uid])


def lines_of(page):
    return [line for group in page.context["groups"] for line in group.lines]


def test_the_list_shows_each_with_its_owner_its_weight_and_its_days(sign_in, world):
    team = TeamFactory(organization=world.ours, name="platform")
    AttestationFactory(
        organization=world.ours,
        ou=world.prod,
        owner_team=team,
        link="https://wiki.example.com/minutes",
        starts_at=NOW - 90 * DAY,
    )
    page = sign_in("viewer").get(LIST)
    text = main_text_of(page)
    assert "OPS01-BP01 Evaluate external customer needs no check asked every quarter" in text
    assert "Prod Ours Owner : platform 50 % half after 90 days" in text.replace("r:", "r :")
    assert "2025-12-02 09:00 2027-03-02 09:00 Active" in text
    assert "https://wiki.example.com/minutes" in links_of(page)


def test_practices_that_no_check_covers_come_first_and_say_when_nothing_is_attested(sign_in):
    page = sign_in("viewer").get(LIST)
    covered = [bool(group.checks) for group in page.context["groups"]]
    assert len(covered) == 68
    assert covered == sorted(covered)
    assert True in covered
    assert False in covered
    assert "OPS01-BP01 Evaluate external customer needs no check, not attested" in main_text_of(
        page
    )


def test_what_counts_comes_before_what_is_over(sign_in, world):
    for name, days in (("over", 0), ("far", 30), ("near", 3)):
        AttestationFactory(
            organization=world.ours,
            statement=name,
            starts_at=NOW - DAY,
            ends_at=NOW + days * DAY,
        )
    lines = lines_of(sign_in("viewer").get(LIST))
    assert [(line.attestation.statement, line.is_over) for line in lines] == [
        ("near", False),
        ("far", False),
        ("over", True),
    ]


def test_everybody_sees_those_of_what_they_see_and_approvers_change_them(sign_in, world):
    told = AttestationFactory(organization=world.ours)
    of_dev = AttestationFactory(organization=world.ours, ou=world.dev)
    for who in ("viewer", "viewer of Prod", "contributor", "administrator"):
        page = sign_in(who).get(LIST)
        seen = {line.attestation for line in lines_of(page)}
        assert seen == {told} | (set() if who == "viewer of Prod" else {of_dev})
        assert (withdraw(told) in page.content.decode()) is (who == "administrator")
        assert ("Attest a practice" in text_of(page)) is (who == "administrator")
    assert lines_of(sign_in("stranger").get(LIST)) == []


def test_who_sees_nothing_is_told_so(sign_in):
    assert "Nothing that you may see" in text_of(sign_in("nobody").get(LIST))


def test_one_is_made_from_now_to_the_end_of_its_last_day(sign_in, world, form):
    world.ours.time_zone = "America/New_York"
    world.ours.save()
    answer = sign_in("administrator").post(MAKE, form, follow=True)
    assert "The attestation is made" in text_of(answer)
    made = Attestation.objects.get()
    assert (made.starts_at, made.target, made.half_life_days) == (NOW, world.ours, 30)
    assert made.ends_at == dt.datetime(2027, 1, 1, 5, tzinfo=dt.UTC)
    assert AuditEntry.objects.get().action == "attestation.make"


def test_one_is_made_for_an_account_with_a_person_as_its_owner(sign_in, world, form):
    person = world.person("viewer")
    of_account = {
        "account": world.shop.account_id,
        "owner": person.pk,
        "owner_team": "",
        "starts_at": "2026-02-01",
    }
    sign_in("administrator").post(MAKE, form | of_account)
    made = Attestation.objects.get()
    assert (made.target, made.owner) == (world.shop, person)
    assert made.starts_at == dt.datetime(2026, 2, 1, tzinfo=dt.UTC)


BAD_INPUT = [
    ({"best_practice": "OPS99-BP01"}, "not one of the available choices"),
    ({"statement": ""}, "This field is required"),
    ({"link": "javascript:alert(1)"}, "Enter a valid URL"),
    ({"ends_at": ""}, "This field is required"),
    ({"ends_at": "soon"}, "Enter a valid date"),
    ({"ends_at": "2027-03-04"}, "At most a year after the start"),
    ({"ends_at": "9999-12-31"}, "At most a year after the start"),
    ({"starts_at": "0001-01-01"}, "At most a year after the start"),
    ({"starts_at": "2026-04-02", "ends_at": "2026-04-01"}, "It ends before it starts"),
    ({"starts_at": "2026-02-01", "ends_at": "2026-03-01"}, "This is over"),
    ({"half_life_days": "0"}, "at least a day"),
    ({"organization": "0"}, "not one of the available choices"),
    ({"owner_team": ""}, "Name a team or a person who answers for it"),
    ({"account": "999999999999"}, "The organization has no account of this id"),
]


def test_bad_input_is_told_and_saves_nothing(sign_in, form):
    client = sign_in("administrator")

    def attest(fields):
        return client.post(MAKE, form | fields)

    assert badly_refused(attest, BAD_INPUT, Attestation, shown="Attestations · Cairn") == {}


def test_who_approves_nothing_makes_none(sign_in, form):
    got = {w: sign_in(w).post(MAKE, form).status_code for w in ("viewer", "nobody", "stranger")}
    assert got == {"viewer": 403, "nobody": 403, "stranger": 422}
    assert not Attestation.objects.exists()


def test_an_approver_of_an_ou_attests_for_it_alone(sign_in, world, form):
    person = world.person("viewer of Prod")
    GrantFactory(user=person, role="approver", organization=world.ours, ou=world.dev)
    client = sign_in("viewer of Prod")
    answer = client.post(MAKE, form)
    assert (answer.status_code, "You may not approve on Ours" in text_of(answer)) == (422, True)
    assert client.post(MAKE, form | {"ou": world.prod.pk}).status_code == 422
    assert client.post(MAKE, form | {"ou": world.dev.pk}).status_code == 302
    assert Attestation.objects.get().ou == world.dev


def test_one_is_withdrawn_only_once(sign_in, world):
    told = AttestationFactory(organization=world.ours)
    client = sign_in("administrator")
    assert "it counts no more" in text_of(client.post(withdraw(told), follow=True))
    page = client.post(withdraw(told), follow=True)
    assert "was withdrawn already" in text_of(page)
    assert "0 % half after 90 days" in main_text_of(page)
    assert "Withdrawn" in main_text_of(page)
    assert withdraw(told) not in page.content.decode()
