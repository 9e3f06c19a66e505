"""Several people at one analysis: nothing of anybody's is lost, and what is published stays."""

import pytest
from django.urls import reverse

from findings.models import Analysis
from tests.factories.incidents import IncidentFactory, TimelineEntryFactory
from tests.portal.web.pages import main_text_of, text_of


@pytest.fixture
def incident(world):
    return IncidentFactory(organization=world.ours)


@pytest.fixture
def where(incident):
    return reverse("incident-analysis", args=[incident.uid])


@pytest.fixture
def written(sign_in, where):
    """An analysis whose second version has words in two parts."""
    client = sign_in("administrator")
    client.post(where, {"template": "light"})
    save(client, where, 1, conclusion="watch it", luck="it was noon", whys="a\n  b")
    return Analysis.objects.get()


def save(client, where, version, act="save", whys=None, query="", **sections):
    given = {f"section-{key}": text for key, text in sections.items()}
    more = {} if whys is None else {"whys": whys}
    return client.post(where + query, {"act": act, "version": str(version), **given, **more})


def shown(page):
    parts = [*page.context["parts"], page.context["whys"]]
    return {part.key: (part.text, part.theirs) for part in parts if part.text or part.theirs}


def test_after_a_conflict_each_part_is_that_of_who_touched_it_or_both_are_shown(
    sign_in, where, written
):
    client = sign_in("contributor")
    save(client, where, 2, conclusion="watch it daily", luck="it was noon", went_well="calm")
    lost = save(
        client, where, 2, conclusion="watch it & ring", luck="it was night", went_well="",
        whys="a\n  b\n  c",
    )  # fmt: skip
    assert lost.status_code == 409
    assert shown(lost) == {
        "conclusion": ("watch it & ring", "watch it daily"),
        "luck": ("it was night", None),
        "went_well": ("calm", None),
        "whys": ("a\n  b\n  c", None),
    }
    assert "contributor wrote meanwhile (version 3)" in main_text_of(lost)
    assert 'name="version" value="3"' in lost.content.decode()
    assert Analysis.objects.get().sections["conclusion"] == "watch it daily"


def test_without_the_version_that_it_was_written_from_all_that_differs_is_shown(
    sign_in, where, written
):
    client = sign_in("contributor")
    for version, text in ((2, "x"), (3, "xy")):
        save(client, where, version, act="autosave", luck=text)
    assert list(written.versions.values_list("number", flat=True)) == [4, 2, 1]
    lost = save(client, where, 3, luck="mine", conclusion="watch it")
    assert shown(lost)["luck"] == ("mine", "xy")
    assert shown(lost)["conclusion"] == ("watch it", None)


def test_a_button_of_the_page_saves_what_is_written_first(sign_in, where, written):
    client = sign_in("administrator")
    save(client, where, 2, act="in_review", luck="last words")
    moved = Analysis.objects.get()
    assert (moved.state, moved.version, moved.sections["luck"]) == ("in_review", 3, "last words")
    answer = save(client, where, 3, act="restore", query="?number=1", luck="and these")
    assert answer.status_code == 302
    restored = Analysis.objects.get()
    assert (restored.version, restored.sections["luck"]) == (5, "")
    assert restored.versions.get(number=4).sections["luck"] == "and these"
    stale = save(client, where, 4, act="draft", luck="too late")
    assert (stale.status_code, Analysis.objects.get().state) == (409, "in_review")
    assert save(client, where, 5, act="restore", query="?number=x").status_code == 400


def test_nobody_publishes_what_they_did_not_read(sign_in, where, written):
    save(sign_in("contributor"), where, 2, act="in_review")
    save(sign_in("contributor"), where, 2, luck="added during the review")
    client = sign_in("administrator")
    refused = client.post(where, {"act": "published", "version": "2"})
    assert (refused.status_code, "Read it first" in text_of(refused)) == (409, True)
    assert client.post(where, {"act": "published", "version": "3"}).status_code == 302
    assert Analysis.objects.get().published_by.username == "administrator"


def test_what_is_published_stays_until_an_approver_takes_it_back(
    sign_in, world, incident, where, written
):
    entry = TimelineEntryFactory(incident=incident)
    for act in ("in_review", "published"):
        save(sign_in("administrator"), where, 2, act=act)

    def detail(view, *more):
        return reverse(view, args=[incident.uid, *more])

    client = sign_in("contributor")
    assert save(client, where, 2, luck="changed").status_code == 409
    assert save(client, where, 2, act="restore", query="?number=1").status_code == 409
    assert save(client, where, 2, act="draft").status_code == 403
    page = client.get(where).content.decode()
    assert ("<textarea" in page, "Restore" in page, "Back to a draft" in page) == (
        False, False, False,
    )  # fmt: skip
    told = client.post(detail("timeline-entry-star", entry.uid), follow=True)
    assert "Its analysis is published" in text_of(told)
    for part, given in {
        "factor": {"factor-kind": "code", "factor-text": "a line"},
        "timeline": {"timeline-at": "2026-03-01T00:00:00", "timeline-text": "a",
                     "timeline-is_starred": "on"},
    }.items():  # fmt: skip
        answer = client.post(detail("incident-add", part), given)
        assert (answer.status_code, "Its analysis is published" in text_of(answer)) == (422, True)
    entry.refresh_from_db()
    assert not entry.is_starred
    client = sign_in("administrator")
    assert save(client, where, 2, act="draft").status_code == 302
    assert save(client, where, 2, luck="changed").status_code == 302
    assert Analysis.objects.get().versions.count() == 3


def test_words_are_shown_as_words(sign_in, where, written):
    hostile = (
        "</textarea><script>alert(1)</script> [x](javascript:alert(1)) "
        "![y](data:image/png;base64,AA) <img src=x onerror=alert(1)> \u202egnp.exe"
    )
    client = sign_in("administrator")
    save(client, where, 2, luck=hostile, conclusion=hostile)
    lost = save(client, where, 2, luck=f"mine {hostile}")
    views = [lost, client.get(where), client.get(where, {"version": "3"})]
    for act in ("in_review", "published"):
        save(client, where, 3, act=act)
    for page in (*views, client.get(where), sign_in("viewer").get(where)):
        html = page.content.decode()
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert 'href="javascript:' not in html
        assert 'src="data:' not in html
