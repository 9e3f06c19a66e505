"""Collector of CodeBuild's report groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from findings.facts.base import Gap
from findings.facts.codebuild import ReportGroup
from workers.collectors.base import (
    Collector,
    Response,
    Session,
    in_batches,
    is_without,
    pick,
    told,
)
from workers.collectors.codebuild import LIST_PROJECTS, project_names

BATCH = 100
_GROUPS = "codebuild:BatchGetReportGroups"


@Collector(
    fact=ReportGroup,
    operations=(
        "codebuild:ListReportGroups",
        LIST_PROJECTS,
        _GROUPS,
        "codebuild:ListReportsForReportGroup",
        "codebuild:BatchGetReports",
    ),
)
def report_groups(session: Session) -> Iterator[ReportGroup]:
    """Where nothing is built, nothing reports."""
    if is_without(session, project_names):
        return
    client = session.client("codebuild")
    listed = session.items("codebuild", "list_report_groups", "reportGroups")
    for arns in in_batches(listed, BATCH):
        groups = client.batch_get_report_groups(reportGroupArns=arns).get("reportGroups") or ()
        newest = {raw["arn"]: _newest(session, raw["arn"]) for raw in groups if raw.get("arn")}
        found = [arn for arn in newest.values() if isinstance(arn, str)]
        reports = _described(session, found)
        for raw in groups:
            report = newest.get(raw.get("arn"))
            yield parse_report_group(
                raw, reports.get(report, {}) if isinstance(report, str) else report
            )


def _newest(session: Session, group: str) -> str | Gap | None:
    """The ARN of the newest report of a group that succeeded."""
    client = session.client("codebuild")
    try:
        page = session.detail(
            client.list_reports_for_report_group,
            reportGroupArn=group,
            sortOrder="DESCENDING",
            maxResults=1,
            filter={"status": "SUCCEEDED"},
        )
    except client.exceptions.ResourceNotFoundException:
        return None  # it was deleted after it was listed
    if isinstance(page, Gap):
        return page
    arns = page.get("reports") or ()
    return str(arns[0]) if arns else None


def _described(session: Session, arns: list[str]) -> dict[str, Response | Gap]:
    if not arns:
        return {}
    answer = session.detail(session.client("codebuild").batch_get_reports, reportArns=arns)
    if isinstance(answer, Gap):
        return dict.fromkeys(arns, answer)
    return {raw["arn"]: raw for raw in answer.get("reports") or () if raw.get("arn")}


def parse_report_group(raw: Response, report: Response | Gap | None) -> ReportGroup:
    """Exports are encrypted unless that is disabled."""
    newest: Response | Gap = {} if report is None else report
    coverage: Any = pick(newest, "codeCoverageSummary", "lineCoveragePercentage")
    return ReportGroup(
        arn=raw["arn"],
        type=told(raw, "type", ReportGroup, _GROUPS),
        is_export_encrypted=not pick(
            raw, "exportConfig", "s3Destination", "encryptionDisabled", default=False
        ),
        succeeded_at=pick(newest, "created"),
        line_coverage=coverage,
    )
