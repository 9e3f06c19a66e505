"""The page of notifications: readable in both themes and widths, and chosen click by click."""

import pytest
from playwright.sync_api import expect

from findings.services.subscribers import subscriber_of_person
from tests.browser.conftest import DESK, PHONE
from tests.factories.accounts import TeamFactory
from tests.factories.notifications import dead_message, reachable

LONG = "a-name-that-somebody-thought-would-never-have-to-fit-anywhere" * 2
MINE = "/settings/notifications/"


@pytest.fixture(autouse=True)
def installation(settings):
    reachable(settings)


@pytest.mark.parametrize(("theme", "width"), [("light", DESK), ("dark", PHONE)])
def test_the_pages_are_readable_by_everybody(window, world, theme, width):
    team = TeamFactory(organization=world.ours, name=LONG)
    dead_message(world.person("administrator"), world.ours)
    browser = window("administrator", theme=theme, width=width)
    for path in (MINE, f"{MINE}teams/{team.uid}/"):
        browser.open(path)
        found = [*browser.complaints, *browser.barriers(), browser.overflow]
        assert (path, found) == (path, [0])


def test_a_person_chooses_tests_and_finds_the_choice_again(window, world):
    browser = window("viewer")
    page = browser.open(MINE)
    page.get_by_label("Finding opened, E-mail").select_option(label="Weekly")
    page.get_by_label("Slack: address").fill("https://hooks.slack.com/services/T0/B0/secret")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("Your choice is saved.")).to_be_visible()
    expect(page.get_by_label("Finding opened, E-mail")).to_have_value("weekly")
    expect(page.get_by_label("Slack: address")).to_have_value("")
    page.get_by_role("button", name="Test Slack").click()
    expect(page.get_by_role("region", name="Recent messages")).to_contain_text("Slack")
    assert subscriber_of_person(world.person("viewer")).messages.get().is_test
    assert browser.complaints == []
