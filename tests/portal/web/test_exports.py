import re
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.services.tokens import token_issue
from findings.models import Export
from tests.factories.accounts import NOW
from tests.factories.findings import ExportFactory
from tests.portal.web.pages import links_of, main_text_of
from workers.tasks.exports import write

LIST, ASK = reverse("export-list"), reverse("export-ask")
pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def home(settings, tmp_path):
    settings.HOME = tmp_path


@pytest.fixture
def form(world):
    return {"organization": world.ours.pk, "kind": "findings", "format": "csv"}


def test_the_list_of_findings_asks_for_what_it_shows(sign_in, world):
    severity = world.finding().severity
    page = sign_in("viewer").get(reverse("finding-list"), {"severity": severity, "ou": "Prod"})
    fields = page.content.decode()
    assert f'name="severity" value="{severity}"' in fields
    assert f'name="organization" value="{world.ours.pk}"' in fields
    assert "Export these" in main_text_of(page)


def test_one_is_asked_for_and_downloaded(sign_in, form):
    browser = sign_in("viewer")
    page = browser.post(ASK, form | {"ou": "Prod", "state": "all", "x": "y"}, follow=True)
    text = main_text_of(page)
    assert "Findings, Ours" in text
    assert "ou: Prod" in text
    assert "Queued" in text
    assert 'hx-trigger="every 2s"' in page.content.decode()
    export = Export.objects.get()
    assert export.filters == {"ou": "Prod", "state": "all"}
    write(export.pk)
    page = browser.get(LIST)
    export.refresh_from_db()
    assert export.sha256 in main_text_of(page)
    assert "hx-trigger" not in page.content.decode().split('id="exports"')[1]
    where = reverse("export-download", args=[export.uid])
    assert where in links_of(page)
    answer = browser.get(where)
    assert b"".join(answer.streaming_content).startswith(b"uid,fingerprint,check_id")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")


def test_what_may_not_be_asked_is_told_in_the_form(sign_in, form):
    for changes, told in (
        ({"kind": "audit"}, "You may not administer"),
        ({"kind": "coverage", "format": "ocsf"}, "Only findings are exported in this format"),
        ({"organization": 0}, "not one of the available choices"),
        ({"format": "pdf"}, "not one of the available choices"),
    ):
        page = sign_in("viewer").post(ASK, form | changes)
        assert page.status_code == 422
        assert told in main_text_of(page)
    assert sign_in("stranger").post(ASK, form).status_code == 422
    assert sign_in("nobody").post(ASK, form).status_code == 422
    assert not Export.objects.exists()


def test_hostile_filters_stay_text(sign_in, form):
    page = sign_in("viewer").post(ASK, form | {"search": "<script>\0"}, follow=True)
    assert "search: <script>" in main_text_of(page)
    assert b"<script>&" not in page.content
    assert b"search: <script>" not in page.content


def test_nobody_else_is_shown_it(sign_in, world):
    ExportFactory(organization=world.ours, asked_by=world.person("viewer"), filters={"ou": "Dev"})
    for who in ("administrator", "viewer of Prod", "stranger", "nobody"):
        assert "ou: Dev" not in main_text_of(sign_in(who).get(LIST))


def test_one_is_cancelled(sign_in, world):
    export = ExportFactory(organization=world.ours, asked_by=world.person("viewer"))
    browser, where = sign_in("viewer"), reverse("export-cancel", args=[export.uid])
    assert "The export is cancelled." in browser.post(where, follow=True).content.decode()
    assert "It has ended already." in browser.post(where, follow=True).content.decode()


def test_a_file_that_is_none_sends_back_to_the_list(sign_in, world):
    export = ExportFactory(organization=world.ours, asked_by=world.person("viewer"))
    where = reverse("export-download", args=[export.uid])
    page = sign_in("viewer").get(where, follow=True)
    assert "There is no file: the export is queued." in page.content.decode()


def test_long_lists_have_pages(sign_in, world):
    viewer = world.person("viewer")
    ExportFactory.create_batch(51, organization=world.ours, asked_by=viewer)
    browser = sign_in("viewer")
    page = browser.get(LIST)
    assert len(page.context["exports"]) == 50
    last = page.context["last"]
    assert len(browser.get(LIST, {"before": last.uid}).context["exports"]) == 1
    for wrong in ("x", "0190"):
        assert browser.get(LIST, {"before": wrong}).status_code == 400


def test_what_has_ended_without_a_file_is_asked_for_again_as_it_was(sign_in, world):
    viewer = world.person("viewer")
    ended = {"state": "expired", "finished_at": NOW, "filters": {"ou": "Prod", "state": "all"}}
    ExportFactory(organization=world.ours, asked_by=viewer, format="ocsf", **ended)
    browser = sign_in("viewer")
    page = browser.get(LIST)
    assert "Ask again" in main_text_of(page)
    hidden = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
    browser.post(ASK, dict(hidden.findall(page.content.decode())))
    again = Export.objects.first()
    assert (again.state, again.format, again.filters) == ("queued", "ocsf", ended["filters"])


def test_lists_lead_to_the_export_of_what_they_show(sign_in, world):
    browser = sign_in("viewer")
    for name, kind in (("incident-list", "incidents"), ("learning-list", "learnings")):
        where = f"{LIST}?kind={kind}"
        assert where in links_of(browser.get(reverse(name)))
        assert f'value="{kind}" selected' in browser.get(where).content.decode()
    assert browser.get(LIST, {"kind": "x\0<script>"}).status_code == 200


def test_how_far_it_is_can_be_seen(sign_in, world):
    viewer = world.person("viewer")
    lease = {"token": uuid.uuid4(), "lease_until": NOW}
    running = {"organization": world.ours, "asked_by": viewer, "state": "running"} | lease
    ExportFactory(rows_done=412_000, rows_expected=1_000_000, attempts=2, **running)
    page = sign_in("viewer").get(LIST)
    assert "Running (begun anew, attempt 2) 412000 412,000 of 1,000,000 rows" in main_text_of(page)
    assert 'max="1000000" value="412000"' in page.content.decode()


def test_what_a_limited_token_asked_for_is_told_to_be_so(sign_in, world):
    viewer = world.person("viewer")
    issued = token_issue(
        actor=None, user=viewer, name="nightly", days=1, ous=[world.prod], now=timezone.now()
    )
    export = ExportFactory(organization=world.ours, asked_by=viewer, limited_by=issued.token)
    assert "of what the token “nightly” reaches" in main_text_of(sign_in("viewer").get(LIST))
    Export.objects.filter(pk=export.pk).update(limited_by=None)
    assert "token" not in main_text_of(sign_in("viewer").get(LIST))
