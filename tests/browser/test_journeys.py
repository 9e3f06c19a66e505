"""What people come for, click by click."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from findings.models import Scan, Shard
from tests.browser.conftest import PHONE
from tests.browser.tickets import pages_of_tickets
from tests.factories.findings import FindingFactory

REFUSED_INPUT = "status of 422"


@pytest.fixture
def quiet(window):
    """Opens windows, and wants that none of them complained."""
    opened = []

    def open_window(*arguments, **options):
        opened.append(window(*arguments, **options))
        return opened[-1]

    yield open_window
    complaints = [complaint for browser in opened for complaint in browser.complaints]
    assert [complaint for complaint in complaints if REFUSED_INPUT not in complaint] == []


def test_a_person_signs_in_and_out(quiet, world):
    person = world.person("viewer")
    person.set_password("correct horse")
    person.save()
    page = quiet().open("/findings/")
    expect(page.get_by_label("Username")).to_be_focused()
    page.keyboard.type("viewer")
    page.get_by_label("Password").fill("correct horse")
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_title("Findings · Cairn")
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_title("Sign in · Cairn")


def test_from_the_sentence_of_truth_to_the_evidence_in_four_clicks(quiet, world):
    page = quiet("viewer").open("/")
    expect(page.locator("[data-truth]")).to_contain_text("2 critical findings")
    page.get_by_role("link", name="2 critical").click()
    page.get_by_role("link", name="Cover every region").click()
    page.get_by_role("link", name="Cover every region").first.click()
    evidence = page.locator("#evidence")
    expect(evidence).to_contain_text('"is_logging": false')
    page.get_by_role("link", name=re.compile("shop|sandbox")).click()
    expect(page.get_by_role("heading", name="Where it stands")).to_be_visible()


def test_a_filter_narrows_the_list_without_losing_the_place_of_the_keyboard(quiet, world):
    for name in ("alpha", "beta"):
        FindingFactory(account=world.shop, resource=name)
    page = quiet("viewer").open("/findings/?group=none")
    page.keyboard.press("/")
    expect(page.get_by_label("Search")).to_be_focused()
    page.keyboard.type("alph")
    expect(page.locator("#list")).not_to_contain_text("beta")
    expect(page.locator("#list")).to_contain_text("1 finding")
    expect(page.get_by_label("Search")).to_be_focused()
    expect(page).to_have_url(re.compile(r"search=alph"))
    page.get_by_label("Severity").select_option("critical")
    expect(page.locator("#list")).to_contain_text("No finding matches this filter")
    page.reload()
    expect(page.get_by_label("Severity")).to_have_value("critical")
    page.go_back()
    expect(page.locator("#list")).to_contain_text("alpha")


def test_a_scan_is_started_for_a_part(quiet, world):
    page = quiet("contributor").open("/scans/")
    page.get_by_text("Only a part of it").click()
    page.get_by_label("Account ids").fill("12")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("'12' is not an AWS account id: 12 digits.")).to_be_visible()
    page.get_by_label("Account ids").fill("")
    page.get_by_label("Prod", exact=True).check()
    page.get_by_role("button", name="Start").click()
    expect(page).to_have_title("Targeted scan of Ours · Cairn")
    expect(page.locator("main")).to_contain_text("OUs: Prod")
    assert Scan.objects.first().selection == {"ous": ["Prod"]}


def test_progress_moves_by_itself_and_ends_with_the_results(quiet, world):
    scan = world.lab.start()
    page = quiet("contributor").open(reverse("scan-detail", args=[scan.uid]))
    expect(page.locator("#progress")).to_contain_text("0 of 2 shards")
    page.get_by_role("button", name="Cancel").focus()
    Shard.objects.filter(scan=scan, account=world.shop).update(state="collected")
    expect(page.locator("#progress")).to_contain_text("1 of 2 shards")
    expect(page.locator("#grid")).to_contain_text("Collected")
    expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    world.lab.collect(scan, {"cloudtrail.trail": ()})
    world.lab.end(scan)
    expect(page.get_by_role("heading", name="What changed")).to_be_visible()
    assert page.locator("[hx-get]").count() == 0


def test_the_place_of_the_keyboard_and_of_the_table_stay_while_it_moves(quiet, world):
    scan = world.lab.start()
    browser = quiet("viewer", width=PHONE)
    page = browser.open(reverse("scan-detail", args=[scan.uid]))
    page.get_by_role("link", name="sandbox").focus()
    wrap = page.locator(".table-wrap:has(#grid)").element_handle()
    Shard.objects.filter(scan=scan, account=world.shop).update(state="collected")
    expect(page.locator("#progress")).to_contain_text("1 of 2 shards")
    expect(page.get_by_role("link", name="sandbox")).to_be_focused()
    assert wrap.evaluate("element => element.isConnected")


def test_a_scan_is_cancelled_after_its_page_has_moved(quiet, world):
    scan = world.lab.start()
    page = quiet("contributor").open(reverse("scan-detail", args=[scan.uid]))
    with page.expect_response(re.compile("/progress/")):
        pass
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("main")).to_contain_text("what was collected is kept")
    assert Scan.objects.get(pk=scan.pk).state == "cancelled"


def test_when_the_session_has_ended_progress_asks_to_sign_in(quiet, world):
    scan = world.lab.start()
    browser = quiet("viewer")
    page = browser.open(reverse("scan-detail", args=[scan.uid]))
    page.context.clear_cookies()
    expect(page).to_have_title("Sign in · Cairn")


def test_a_theme_is_chosen_and_kept(quiet):
    browser = quiet("viewer", theme="light")
    page = browser.open("/")
    page.get_by_role("button", name="Switch between light and dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    browser.open("/scans/")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_the_navigation_of_a_phone_opens_and_leads_on(quiet):
    page = quiet("viewer", width=PHONE).open("/")
    link = page.get_by_role("link", name="Schedules")
    expect(link).to_be_hidden()
    page.get_by_role("button", name="Navigation").click()
    link.click()
    expect(page).to_have_title("Schedules · Cairn")


def test_a_schedule_is_made_and_deleted(quiet, world):
    page = quiet("administrator").open("/schedules/")
    page.get_by_role("link", name="New schedule").click()
    page.get_by_label("Name").fill("nightly")
    page.get_by_label("Cron").fill("0 3 * * *")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("The schedule is saved.")
    page.get_by_role("button", name="Delete nightly").click()
    expect(page.locator("main")).to_contain_text("No schedule yet")


def test_pages_work_without_scripts(live_server, new_context, world):
    context = new_context(java_script_enabled=False)
    page = context.new_page()
    person = world.person("contributor")
    person.set_password("correct horse")
    person.save()
    page.goto(f"{live_server.url}/findings/")
    page.get_by_label("Username").fill("contributor")
    page.get_by_label("Password").fill("correct horse")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Search").fill("nothing like it")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("#list")).to_contain_text("No finding matches this filter")
    scan = world.lab.start()
    page.goto(f"{live_server.url}{reverse('scan-detail', args=[scan.uid])}")
    Shard.objects.filter(scan=scan, account=world.shop).update(state="collected")
    page.get_by_role("link", name="Refresh").click()
    expect(page.locator("#progress")).to_contain_text("1 of 2 shards")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("main")).to_contain_text("what was collected is kept")


def test_a_finding_becomes_a_ticket_that_is_claimed_on_the_board(quiet, world):
    finding = world.finding()
    page = quiet("contributor").open(reverse("finding-detail", args=[finding.uid]))
    page.get_by_role("link", name="Open ticket").click()
    expect(page.get_by_label("Board")).to_be_checked()
    page.get_by_role("button", name="Open the ticket").click()
    expect(page.locator("main")).to_contain_text("0 of 1 verified")
    page.get_by_label("Comment").fill("I look at it.")
    page.get_by_role("button", name="Comment").click()
    expect(page.locator("#comments")).to_contain_text("I look at it.")
    page.get_by_role("link", name="Tickets").first.click()
    page.get_by_role("button", name="Done").click()
    done = page.get_by_role("region", name=re.compile("Done"))
    expect(done.get_by_role("link")).to_contain_text("Cover every region")
    page.goto(page.url.partition("/tickets/")[0] + reverse("finding-detail", args=[finding.uid]))
    expect(page.get_by_text("Done, waits for a scan")).to_be_visible()


def test_a_selection_becomes_one_ticket_without_a_script(quiet, world):
    page = quiet("contributor", javascript=False).open("/findings/?group=none")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Open a ticket for those selected").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Open a ticket about 2 findings")
    page.get_by_text("Project, title and note").click()
    page.get_by_label("Title").fill("Trails of ours")
    page.get_by_role("button", name="Open the ticket").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Trails of ours")
    page.get_by_role("button", name="In progress").click()
    expect(page.get_by_text("is moved.")).to_be_visible()
    page.get_by_text("It will not be done").click()
    page.get_by_label("Why").fill("The accounts go away.")
    page.get_by_role("button", name="Will not be done").click()
    expect(page.locator("main")).to_contain_text("a suppression is asked for")


def test_drift_is_settled_and_a_dead_letter_sent_again_in_a_hand(quiet, world):
    pages_of_tickets(world)
    browser = quiet("contributor", width=PHONE)
    page = browser.open(reverse("ticket-drift"))
    page.get_by_role("button", name="Put ours there").click()
    expect(page.get_by_role("status")).to_contain_text("ours is put there once more")
    page.get_by_role("link", name="Outbox").click()
    expect(page.get_by_role("link", name="Waiting")).to_have_attribute("aria-current", "true")
    page.get_by_role("button", name="Try now").first.click()
    expect(page.get_by_role("status")).to_contain_text("sent again")
