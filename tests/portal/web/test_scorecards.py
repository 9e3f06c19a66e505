import datetime as dt
import uuid
from fractions import Fraction

import pytest
import time_machine
from django.urls import reverse

from findings.checks.base import built_in
from findings.services.scorecards import scorecards_snapshot
from tests.factories.accounts import TeamFactory
from tests.factories.findings import AttestationFactory, CheckStatusFactory
from tests.portal.web.pages import links_of, main_text_of, text_of, title_of

PAGE = reverse("scorecard")
NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
def today():
    with time_machine.travel(NOW, tick=False):
        yield


def show(client, kind, row):
    return client.get(PAGE, {"scope": f"{kind}:{row.uid}"})


def test_it_begins_with_the_first_organization(sign_in, world):
    page = sign_in("viewer").get(PAGE)
    assert page.context["scope"].of == world.ours
    assert title_of(page) == "Scorecard · Cairn"
    assert "Scorecard: Ours" in main_text_of(page)


def test_it_shows_scores_with_coverage_levels_and_what_they_lack(sign_in, world):
    CheckStatusFactory(account=world.shop, check_id="lambda_tracing_active", row="O4", passed=3)
    text = main_text_of(sign_in("viewer").get(PAGE))
    assert "O2 Audit and governance 0 Pass, 2 Fail, 0 Unknown" in text
    assert "0.0 % of 100.0 % known none yet Foundation: 1 check is missing" in text
    assert "2 fail, 0 unknown" in text
    assert "O4 Distributed tracing 3 Pass, 0 Fail, 0 Unknown" in text
    assert "100.0 % of 100.0 % known Optimized" in text


def test_what_is_missing_leads_to_its_check(sign_in):
    address = reverse("check-detail", args=["cloudtrail_multi_region_logging"])
    assert address in links_of(sign_in("viewer").get(PAGE))


def test_questions_and_principles_are_other_cuts(sign_in):
    text = main_text_of(sign_in("viewer").get(PAGE))
    assert "OPS01 How do you determine what your priorities are?" in text
    assert "D1 Operations as code" in text
    assert "D5 Managed services and observability" in text


def test_questions_have_no_level_because_a_part_of_them_is_only_attested(sign_in):
    text = main_text_of(sign_in("viewer").get(PAGE))
    of_questions = text.partition("OPS01 How")[2].partition("Design principles")[0]
    assert "Foundation" not in of_questions
    assert "none yet" not in of_questions
    assert "% known" in of_questions


def test_what_is_attested_is_told_in_its_question(sign_in, world):
    AttestationFactory(organization=world.ours, ou=world.prod, starts_at=NOW)
    page = show(sign_in("viewer"), "ou", world.prod)
    line = page.context["card"].questions["OPS01"]
    assert (line.attested, line.score.value) == (1, Fraction(100, 3))
    assert "1 practice attested" in main_text_of(page)
    elsewhere = show(sign_in("viewer"), "ou", world.dev)
    assert elsewhere.context["card"].questions["OPS01"].attested == 0


def test_a_person_chooses_among_what_they_see(sign_in, world):
    TeamFactory(organization=world.ours, name="platform")
    page = show(sign_in("viewer of Prod"), "ou", world.prod)
    text = main_text_of(page)
    assert "Ours Prod platform Show" in text
    assert "only those that you may see" not in text
    assert f'value="ou:{world.prod.uid}" selected' in page.content.decode()
    assert page.context["accounts"] == 1


def test_an_account_is_reached_from_its_page(sign_in, world):
    client = sign_in("viewer")
    links = links_of(client.get(reverse("account-detail", args=[world.shop.uid])))
    (address,) = [link for link in links if link.startswith(f"{PAGE}?")]
    page = client.get(address)
    assert page.context["scope"].of == world.shop
    assert f'value="account:{world.shop.uid}" selected' in page.content.decode()


def test_who_sees_a_part_is_told_so_and_sees_no_trend(sign_in, world):
    scorecards_snapshot(organization=world.ours, registry=built_in(), now=NOW)
    page = show(sign_in("viewer of Prod"), "organization", world.ours)
    text = main_text_of(page)
    assert "Accounts 1 only those that you may see" in text
    assert "kept only for those who may see all of it" in text
    assert 'class="trend"' not in page.content.decode()


def test_the_last_days_are_a_line(sign_in, world):
    client = sign_in("viewer")
    assert "no day is recorded yet" in text_of(client.get(PAGE))
    scorecards_snapshot(organization=world.ours, registry=built_in(), now=NOW)
    page = client.get(PAGE)
    assert 'class="trend"' in page.content.decode()
    assert "1 of 30 days; 2026-03-02: 0.0 %" in page.content.decode()


@pytest.mark.parametrize("who", ["viewer of Prod", "stranger", "nobody"])
def test_what_may_not_be_seen_is_not_there(sign_in, world, who):
    client = sign_in(who)
    assert show(client, "account", world.sandbox).status_code == 404
    assert show(client, "ou", world.dev).status_code == 404
    assert client.get(PAGE, {"scope": f"team:{uuid.uuid4()}"}).status_code == 404
    assert client.get(PAGE, {"scope": "galaxy"}).status_code == 404


def test_who_sees_nothing_is_told_so(sign_in):
    assert "Nothing that you may see" in text_of(sign_in("nobody").get(PAGE))
