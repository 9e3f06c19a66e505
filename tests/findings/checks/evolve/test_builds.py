"""E1 CI/CD: build projects."""

from tests.findings.checks.builders_codebuild import hit, only, project, webhook
from tests.findings.checks.cases import FAIL, NOT_APPLICABLE, PASS, Case, assert_outcomes

PUSH = only("EVENT", "PUSH, PULL_REQUEST_MERGED")
OPENED = only("EVENT", "PUSH, PULL_REQUEST_CREATED")


def hooked(name, expect, *groups, approval=None, **fields):
    return Case(name, expect, [project(webhook=webhook(*groups, approval=approval))], **fields)


def anchored(pattern, expect, type="HEAD_REF", **fields):
    given = only(type, pattern, **fields)
    return hooked(f"{type} {pattern} {fields or ''}", expect, (PUSH, given))


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
    "codebuild_buildspec_controlled": [
        Case("no webhook", NOT_APPLICABLE, [project()]),
        hooked("pushes", PASS, (PUSH,)),
        hooked("no filter", FAIL, message="not met: pull requests"),
        hooked("pull requests", FAIL, (OPENED,), message="without approval"),
        *(
            hooked(f"{event}", FAIL, (only("EVENT", event),))
            for event in (
                "PULL_REQUEST_CREATED",
                "PULL_REQUEST_UPDATED",
                "PULL_REQUEST_REOPENED",
                "PULL_REQUEST_CLOSED",
            )
        ),
        hooked("all of them after approval", PASS, (OPENED,), approval="ALL_PULL_REQUESTS"),
        hooked("those of forks after approval", PASS, approval="FORK_PULL_REQUESTS"),
        hooked("without approval", FAIL, (OPENED,), approval="DISABLED"),
        hooked("an approval that AWS may add", FAIL, (OPENED,), approval="SOME_PULL_REQUESTS"),
        hooked("of people we know", PASS, (OPENED, only("ACTOR_ACCOUNT_ID", "^(12|34)$"))),
        hooked(
            "of people but one", FAIL, (OPENED, only("ACTOR_ACCOUNT_ID", "^12$", excludes=True))
        ),
        hooked("one of two groups", FAIL, (PUSH,), (OPENED,)),
        hooked("from a branch", FAIL, (OPENED, only("HEAD_REF", "^refs/heads/main$"))),
        hooked(
            "all events but these",
            PASS,
            (
                only(
                    "EVENT",
                    "PULL_REQUEST_CREATED,PULL_REQUEST_UPDATED,PULL_REQUEST_REOPENED,"
                    "PULL_REQUEST_CLOSED",
                    excludes=True,
                ),
            ),
        ),
        hooked("all events but one", FAIL, (only("EVENT", "PULL_REQUEST_CLOSED", excludes=True),)),
        hooked("no event named", FAIL, (only("FILE_PATH", "src"),)),
        anchored("^refs/heads/main$", PASS),
        anchored("^refs/heads/.*", PASS),
        anchored("refs/heads/main$", FAIL),
        anchored("^refs/heads/main", FAIL),
        anchored(r"^refs/heads/main\$", FAIL),
        anchored("^refs/heads/(main|next)$", PASS),
        anchored("^refs/heads/main$|^refs/heads/next$", PASS),
        anchored("^refs/heads/main|next$", FAIL),
        anchored(r"^a\|b$", PASS),
        anchored(r"^a\)|b$", FAIL),
        anchored("123", FAIL, "ACTOR_ACCOUNT_ID"),
        anchored("main", FAIL, "BASE_REF"),
        anchored("shop", FAIL, "REPOSITORY_NAME"),
        anchored("example", FAIL, "ORGANIZATION_NAME"),
        anchored("src/", PASS, "FILE_PATH"),
        anchored("main", PASS, excludes=True),
        hooked(
            "approved but loose",
            FAIL,
            (OPENED, only("HEAD_REF", "main")),
            approval="ALL_PULL_REQUESTS",
            message="not met: patterns anchored: HEAD_REF main",
        ),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
