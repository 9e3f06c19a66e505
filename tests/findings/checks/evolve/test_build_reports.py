"""E1 CI/CD: reports of builds."""

from tests.findings.checks.builders_codebuild import project, report_group
from tests.findings.checks.cases import FAIL, NOT_APPLICABLE, PASS, Case, ago, assert_outcomes

COVERAGE = "CODE_COVERAGE"


def reported(name, expect, *groups, **fields):
    return Case(name, expect, [project(), *groups], **fields)


def covering(percent):
    return report_group(COVERAGE, "coverage", line_coverage=percent)


TABLE = {
    "codebuild_test_reports_published": [
        reported("tests", PASS, report_group()),
        reported("no group", FAIL, message="recent test report: no report group"),
        reported("coverage only", FAIL, covering(80.0), message="not met: recent test report"),
        reported("no report", FAIL, report_group(succeeded_at=None), message="recent test report"),
        reported("at the limit", PASS, report_group(succeeded_at=ago(days=30))),
        reported("too old", FAIL, report_group(succeeded_at=ago(days=30, seconds=1))),
        reported(
            "must be newer",
            FAIL,
            report_group(succeeded_at=ago(days=10)),
            parameters={"max_age_days": 7},
        ),
        reported(
            "one of two is recent",
            PASS,
            report_group(),
            report_group(name="old", succeeded_at=ago(days=40)),
        ),
        reported("covered as asked", PASS, report_group(), covering(60.0)),
        reported(
            "covered less",
            FAIL,
            report_group(),
            covering(59.4),
            message="not met: coverage: coverage covers 59 percent of lines",
        ),
        reported(
            "less is enough",
            PASS,
            report_group(),
            covering(40.0),
            parameters={"min_coverage": 40},
        ),
        reported(
            "exported in plain",
            FAIL,
            report_group(is_export_encrypted=False),
            message="exports encrypted: tests is exported in plain",
        ),
        Case("nothing is built", NOT_APPLICABLE, [report_group()], message="nothing is built"),
    ]
}


def test_outcomes():
    assert_outcomes(TABLE)
