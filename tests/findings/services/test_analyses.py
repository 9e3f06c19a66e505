import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from accounts.access import Denied
from accounts.roles import Role
from findings.models import Analysis, IncidentEvent
from findings.services.analyses import (
    DEEPEST,
    MOST_WHYS,
    AnalysisConflict,
    analysis_begin,
    analysis_move,
    analysis_restore,
    analysis_save,
)
from tests.factories.accounts import UserFactory, person_with
from tests.factories.incidents import IncidentFactory

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
S = Analysis.State
pytestmark = pytest.mark.django_db


@pytest.fixture
def analysis():
    return analysis_begin(actor=None, incident=IncidentFactory(), template="light", now=NOW)


def save(analysis, version, text="x", whys=None, at=NOW, actor=None, **fields):
    return analysis_save(
        actor=actor,
        analysis=analysis,
        version=version,
        sections={"conclusion": text},
        whys=whys,
        now=at,
        **fields,
    )


def test_who_wrote_from_an_older_version_overwrites_nothing(analysis):
    saved = save(analysis, 1, "mine")
    with pytest.raises(AnalysisConflict, match="version 2 is the newest, this was written from 1"):
        save(analysis, 1, "theirs")
    with pytest.raises(AnalysisConflict):
        save(analysis, 1, "mine")
    analysis.refresh_from_db()
    assert (analysis.version, analysis.sections) == (2, {"conclusion": "mine"})
    assert saved == analysis


def test_parts_that_are_not_given_stay(analysis):
    save(analysis, 1, "one", whys=[{"why": "a"}])
    analysis_save(
        actor=None, analysis=analysis, version=2, sections={"luck": "two"}, whys=None, now=NOW
    )
    analysis.refresh_from_db()
    assert analysis.sections == {"conclusion": "one", "luck": "two"}
    assert analysis.whys == [{"why": "a", "because": []}]


def test_saving_what_stands_there_makes_no_version(analysis):
    save(analysis, 1)
    assert save(analysis, 2).version == 2
    assert analysis.versions.count() == 2


def test_of_a_run_of_autosaves_the_last_is_kept(analysis):
    other = UserFactory(is_superuser=True)
    save(analysis, 1, "a", is_autosave=True)
    save(analysis, 2, "b", is_autosave=True, at=NOW + MINUTE)
    save(analysis, 3, "c", is_autosave=True, at=NOW + 12 * MINUTE)
    save(analysis, 4, "d", is_autosave=True, at=NOW + 13 * MINUTE, actor=other)
    save(analysis, 5, "e", at=NOW + 13 * MINUTE, actor=other)
    kept = analysis.versions.values_list("number", "sections__conclusion")
    assert [text for _, text in kept] == ["e", "d", "c", "b", None]


def test_an_earlier_version_is_restored_and_the_newest_kept(analysis):
    save(analysis, 1, "a", whys=[{"why": "first"}])
    save(analysis, 2, "b", whys=[])
    kept = analysis.versions.get(number=2)
    analysis.refresh_from_db()
    analysis_restore(actor=None, analysis=analysis, kept=kept, version=3, now=NOW)
    analysis.refresh_from_db()
    assert (analysis.version, analysis.sections["conclusion"]) == (4, "a")
    assert analysis.whys == [{"why": "first", "because": []}]
    assert analysis.versions.get(number=3).sections == {"conclusion": "b"}


def test_a_tree_of_whys_is_kept_as_it_is(analysis):
    tree = [{"why": "a", "because": [{"why": "b", "because": [{"why": "c", "because": []}]}]}]
    assert save(analysis, 1, whys=tree).whys == tree


def deep(levels):
    return [{"why": "x", "because": deep(levels - 1)}] if levels else []


@pytest.mark.parametrize(
    "whys",
    ["x", {}, [1], [{}], [{"why": ""}], [{"why": "a", "x": 1}], [{"why": 1}], [{"why": "a\0"}],
     [{"why": "a", "because": "b"}], [{"why": "a" * 1001}], deep(DEEPEST + 1),
     [{"why": "a"}] * (MOST_WHYS + 1)],
)  # fmt: skip
def test_what_is_no_tree_of_whys_is_refused(analysis, whys):
    with pytest.raises(ValidationError):
        save(analysis, 1, whys=whys)
    assert analysis.versions.count() == 1


@pytest.mark.parametrize("sections", [{"other": "x"}, {"luck": 1}, {"luck": "a\0"}, {"luck": "a" * 50_001}])  # fmt: skip  # noqa: E501
def test_what_is_no_part_of_the_template_is_refused(analysis, sections):
    with pytest.raises(ValidationError):
        analysis_save(
            actor=None, analysis=analysis, version=1, sections=sections, whys=None, now=NOW
        )


def move(analysis, *states, actor=None):
    for state in states:
        analysis_move(actor=actor, analysis=analysis, to=state, now=NOW)


def test_it_is_reviewed_before_it_is_published_and_then_nobody_writes_in_it(analysis):
    with pytest.raises(AnalysisConflict, match="nothing yet"):
        move(analysis, S.IN_REVIEW)
    save(analysis, 1)
    with pytest.raises(AnalysisConflict, match="does not become Published"):
        move(analysis, S.PUBLISHED)
    move(analysis, S.IN_REVIEW, S.DRAFT, S.IN_REVIEW, S.PUBLISHED)
    analysis.refresh_from_db()
    assert (analysis.state, analysis.published_at) == ("published", NOW)
    with pytest.raises(AnalysisConflict, match="published"):
        save(analysis, 2, "later")
    assert IncidentEvent.objects.filter(kind="published").count() == 1
    move(analysis, S.DRAFT)
    assert save(analysis, 2, "later").published_at is None


def test_contributors_write_and_approvers_publish(analysis):
    organization = analysis.incident.organization
    viewer, contributor, approver = (
        person_with(role, organization=organization)
        for role in (Role.VIEWER, Role.CONTRIBUTOR, Role.APPROVER)
    )
    with pytest.raises(Denied):
        save(analysis, 1, actor=viewer)
    save(analysis, 1, actor=contributor)
    move(analysis, S.IN_REVIEW, actor=contributor)
    with pytest.raises(Denied):
        move(analysis, S.PUBLISHED, actor=contributor)
    move(analysis, S.PUBLISHED, actor=approver)
    with pytest.raises(AnalysisConflict, match="already"):
        analysis_begin(actor=approver, incident=analysis.incident, template="light", now=NOW)
