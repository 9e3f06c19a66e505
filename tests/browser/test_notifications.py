"""The page of notifications, chosen click by click."""

import pytest
from playwright.sync_api import expect

from findings.services.subscribers import subscriber_of_person
from tests.factories.notifications import reachable

MINE = "/settings/notifications/"


@pytest.fixture(autouse=True)
def installation(settings):
    reachable(settings)


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
