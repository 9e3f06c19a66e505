"""Report groups."""

from datetime import timedelta

import pytest

from findings.facts.base import GapReason
from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors.codebuild_reports import parse_report_group, report_groups


@pytest.fixture
def session():
    session = StubbedSession()
    session.answer("codebuild", "list_projects", {"projects": ["shop"]})
    yield session
    session.assert_all_asked()


def listing(session, *arns):
    session.answer("codebuild", "list_report_groups", {"reportGroups": list(arns)})
    groups = [{"arn": arn, "type": "TEST"} for arn in arns]
    answer = {"reportGroups": groups}
    session.answer("codebuild", "batch_get_report_groups", answer, reportGroupArns=list(arns))


def newest(session, group, *reports):
    session.answer(
        "codebuild",
        "list_reports_for_report_group",
        {"reports": list(reports)} if reports else {},
        reportGroupArn=group,
        sortOrder="DESCENDING",
        maxResults=1,
        filter={"status": "SUCCEEDED"},
    )


def described(session, *reports):
    raws = [
        {"arn": arn, "created": NOW - timedelta(days=number)} for number, arn in enumerate(reports)
    ]
    answer = {"reports": raws}
    session.answer("codebuild", "batch_get_reports", answer, reportArns=list(reports))


def test_of_each_group_the_newest_report_is_described_all_at_once(session):
    listing(session, "g1", "g2", "g3")
    newest(session, "g1", "r1")
    newest(session, "g2")
    newest(session, "g3", "r3")
    described(session, "r1", "r3")
    found = [group.succeeded_at for group in report_groups(session)]
    assert found == [NOW, None, NOW - timedelta(days=1)]


def test_without_groups_nothing_more_is_asked_for(session):
    session.answer("codebuild", "list_report_groups", {})
    assert list(report_groups(session)) == []


def test_denied_reports_are_a_gap(session):
    listing(session, "g1")
    session.refuse("codebuild", "list_reports_for_report_group", "AccessDeniedException")
    (group,) = report_groups(session)
    assert group.gaps.keys() == {"succeeded_at", "line_coverage"}


def test_denied_descriptions_are_a_gap(session):
    listing(session, "g1")
    newest(session, "g1", "r1")
    session.refuse("codebuild", "batch_get_reports", "AccessDeniedException")
    (group,) = report_groups(session)
    assert group.gaps["succeeded_at"].reason is GapReason.ACCESS_DENIED


def test_a_group_that_was_deleted_meanwhile_has_no_report(session):
    listing(session, "g1")
    session.refuse("codebuild", "list_reports_for_report_group", "ResourceNotFoundException")
    (group,) = report_groups(session)
    assert group.succeeded_at is None


def test_what_a_group_says_is_kept():
    export = {"s3Destination": {"bucket": "b", "encryptionDisabled": True}}
    raw = {"arn": "g", "type": "CODE_COVERAGE", "exportConfig": export}
    report = {"created": NOW, "codeCoverageSummary": {"lineCoveragePercentage": 71.5}}
    group = parse_report_group(raw, report)
    assert (group.type, group.is_export_encrypted) == ("CODE_COVERAGE", False)
    assert (group.succeeded_at, group.line_coverage) == (NOW, 71.5)
    sparse = parse_report_group({"arn": "g"}, None)
    assert (sparse.is_export_encrypted, sparse.gaps.keys()) == (True, {"type"})
