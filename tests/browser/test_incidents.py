"""Two people at one analysis, and roles given without a script, in Chromium."""

from django.utils import timezone
from playwright.sync_api import expect

from findings.models import Analysis
from findings.services.analyses import analysis_begin, analysis_save
from tests.browser.conftest import PHONE
from tests.factories.incidents import IncidentFactory


def test_two_people_write_one_analysis_and_nothing_is_lost(window, world):
    boss, now = world.person("administrator"), timezone.now()
    incident = IncidentFactory(organization=world.ours)
    analysis = analysis_begin(actor=boss, incident=incident, template="light", now=now)
    words = {"luck": "it was noon", "conclusion": "watch it"}
    analysis_save(actor=boss, analysis=analysis, version=1, sections=words, whys=[], now=now)
    path = f"/incidents/{incident.uid}/analysis/"
    desk, phone = window("administrator"), window("contributor", theme="dark", width=PHONE)
    first, second = desk.open(path), phone.open(path)

    first.fill("#section-luck", "it was noon, on a Monday")
    first.get_by_role("status").get_by_text("Saved as version 3").wait_for()
    second.fill("#section-luck", "it was day")
    second.get_by_role("status").get_by_text("in between").wait_for()
    second.get_by_role("button", name="Save").click()
    second.get_by_text("administrator wrote meanwhile").wait_for()
    expect(second.locator("#section-luck")).to_have_value("it was day")
    expect(second.get_by_text("it was noon, on a Monday")).to_be_visible()
    assert (phone.overflow, phone.barriers()) == (0, [])
    second.fill("#section-luck", "it was a Monday noon")
    second.get_by_role("button", name="Save").click()
    second.get_by_text("Draft, version 4").wait_for()

    first = desk.open(path)
    first.fill("#section-went_well", "typed, and not saved")
    first.get_by_role("button", name="Ask for review").click()
    first.get_by_role("button", name="Publish").click()
    first.get_by_role("button", name="Back to a draft").wait_for()
    published = Analysis.objects.get()
    assert published.sections == {
        "luck": "it was a Monday noon",
        "went_well": "typed, and not saved",
        "what_happened": "",
        "conclusion": "watch it",
    }
    assert desk.complaints == []


def test_a_role_is_given_without_a_script(window, world):
    incident = IncidentFactory(organization=world.ours, accounts=[world.shop, world.sandbox])
    browser = window("contributor", javascript=False)
    page = browser.open(f"/incidents/{incident.uid}/")
    page.get_by_text("Give somebody a role").click()
    page.select_option("#id_role-role", "commander")
    page.select_option("#id_role-user", label="contributor")
    form = page.locator("form", has=page.locator("#id_role-role"))
    form.get_by_role("button", name="Add").click()
    page.get_by_role("button", name="End: contributor, Incident commander").click()
    expect(page.get_by_text("Nobody has a role.")).to_be_visible()
    assert browser.complaints == []
