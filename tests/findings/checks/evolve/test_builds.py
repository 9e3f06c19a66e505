"""E1 CI/CD: build projects."""

import pytest

from tests.findings.checks.builders_codebuild import hit, project
from tests.findings.checks.cases import FAIL, PASS, Case, judged, rows

TABLE = {
    "codebuild_no_plaintext_secrets": [
        Case("no hit", PASS, [project()]),
        Case(
            "a variable",
            FAIL,
            [project(variable_secrets=(hit(),))],
            message="variable DB_PASSWORD (name of a secret)",
        ),
        Case(
            "a source",
            FAIL,
            [project(source_secrets=(hit("location of the primary source", "GitHub token"),))],
            message="location of the primary source (GitHub token)",
        ),
    ],
    "codebuild_project_not_privileged": [
        Case("unprivileged and private", PASS, [project()]),
        Case("privileged", FAIL, [project(is_privileged=True)], message="unprivileged"),
        Case(
            "builds images",
            PASS,
            [project(is_privileged=True, tags={"BuildsImages": "true"})],
        ),
        Case(
            "says that it does not build images",
            FAIL,
            [project(is_privileged=True, tags={"BuildsImages": "false"})],
        ),
        Case(
            "image builders by another tag",
            PASS,
            [project(is_privileged=True, tags={"purpose": "Images"})],
            parameters={"image_builders": {"tag": "purpose", "tag_values": ["images"]}},
        ),
        Case("public", FAIL, [project(visibility="PUBLIC_READ")], message="it is PUBLIC_READ"),
        Case("a visibility that AWS may add", FAIL, [project(visibility="PUBLIC_BUILD")]),
        Case(
            "public image builder",
            FAIL,
            [
                project(
                    is_privileged=True,
                    visibility="PUBLIC_READ",
                    tags={"BuildsImages": "true"},
                )
            ],
            message="private",
        ),
    ],
    "codebuild_logs_enabled": [
        Case("to CloudWatch", PASS, [project()]),
        Case("to CloudWatch by default", PASS, [project(cloudwatch_logs=None)]),
        Case(
            "to S3 only",
            PASS,
            [project(cloudwatch_logs="DISABLED", s3_logs="ENABLED")],
        ),
        Case("off", FAIL, [project(cloudwatch_logs="DISABLED")], message="not met: logs kept"),
        Case("both off", FAIL, [project(cloudwatch_logs="DISABLED", s3_logs="DISABLED")]),
        Case("a status that AWS may add", FAIL, [project(cloudwatch_logs="PAUSED")]),
        Case(
            "plain in S3",
            FAIL,
            [project(s3_logs="ENABLED", is_s3_log_encrypted=False)],
            message="not met: S3 logs encrypted",
        ),
        Case(
            "plain in S3, were it on",
            PASS,
            [project(s3_logs="DISABLED", is_s3_log_encrypted=False)],
        ),
        Case(
            "plain artifacts",
            FAIL,
            [project(are_artifacts_encrypted=False)],
            message="not met: artifacts encrypted",
        ),
    ],
}


@pytest.mark.parametrize(("check", "case"), rows(TABLE))
def test_outcome(check, case):
    result = judged(check, case)
    assert result.status is case.expect, result
    assert case.message in result.message
