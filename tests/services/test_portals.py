import json
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.services.portals import answers


@pytest.mark.postgres  # on SQLite it is with the whole of Cairn, see management/test_up.py
def test_the_portal_is_served_and_ready(live_portal):
    with urllib.request.urlopen(f"{live_portal}/readyz") as response:
        assert json.load(response) == {"status": "ok", "database": "ok", "broker": "ok"}


def test_an_address_without_a_portal_does_not_answer():
    assert not answers("http://127.0.0.1:1/healthz")


def test_chromium_shows_the_sign_in(live_portal, page):
    page.goto(f"{live_portal}/admin/")
    page.get_by_label("Username").fill("nobody")
    page.get_by_label("Password").fill("wrong password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("correct username and password")).to_be_visible()
