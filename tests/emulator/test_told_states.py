"""What AWS answers of states that moto cannot show, read by our parsers and judged.

The answers have the members that AWS documents; the verdicts are those of Security Hub's controls
and AWS Config's rules of the same intent, but where docs/catalogue-decisions.md says otherwise.
"""

from datetime import timedelta

import pytest

from tests.findings.checks.cases import ACCOUNT, NOW, REGION, Case, judged
from workers.collectors.cloudtrail import parse_trail
from workers.collectors.codebuild import parse_build_project
from workers.collectors.codebuild_reports import parse_report_group
from workers.collectors.codedeploy import parse_deployment_group
from workers.collectors.config import parse_delivery_channel, parse_recorder
from workers.collectors.ecs import parse_cluster
from workers.collectors.ssm import parse_managed_node
from workers.collectors.ssm_patching import parse_association, parse_patch_state

PASS, FAIL, NOT_APPLICABLE = "pass", "fail", "not_applicable"
RECORDER = parse_recorder(
    {"name": "default", "roleARN": "r", "recordingMode": {"recordingFrequency": "CONTINUOUS"}},
    {"recording": True, "lastStatus": "SUCCESS"},
    REGION,
)


def cluster(*insights, services=1):
    settings = [{"name": "containerInsights", "value": value} for value in insights]
    raw = {"clusterArn": "arn:aws:ecs:eu-west-1:111111111111:cluster/shop", "clusterName": "shop"}
    counts = {"activeServicesCount": services, "runningTasksCount": 0}
    return [parse_cluster(raw | counts | {"settings": settings})]


def insights(*types):
    raw = {
        "Name": "trail",
        "TrailARN": f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/trail",
        "HomeRegion": REGION,
        "HasInsightSelectors": bool(types),
    }
    selectors = {"InsightSelectors": [{"InsightType": type_} for type_ in types]}
    return [parse_trail(raw, {"IsLogging": True}, {}, selectors, is_shadow=False)]


def hook(*groups, approval=None):
    webhook = {"filterGroups": [list(group) for group in groups]}
    if approval:
        webhook["pullRequestBuildPolicy"] = {"requiresCommentApproval": approval}
    return [parse_build_project({"name": "shop", "arn": "arn", "webhook": webhook})]


def event(names):
    return {"type": "EVENT", "pattern": names}


def filtered(type_, pattern, **fields):
    return {"type": type_, "pattern": pattern, **fields}


def node(**counts):
    """A managed node that was scanned today."""
    raw = {
        "InstanceId": "mi-1",
        "CriticalNonCompliantCount": 0,
        "SecurityNonCompliantCount": 0,
        "FailedCount": 0,
        "InstalledPendingRebootCount": 0,
        "OperationEndTime": NOW,
    }
    found = parse_managed_node({"InstanceId": "mi-1", "PingStatus": "Online"})
    return [found, parse_patch_state(raw | counts)]


def association(status, age_days=0):
    return [
        parse_association(
            {
                "AssociationId": "a",
                "Name": "AWS-RunPatchBaseline",
                "ScheduleExpression": "rate(1 day)",
                "Overview": {"Status": status},
                "LastExecutionDate": NOW - timedelta(days=age_days),
            }
        )
    ]


def group(**fields):
    raw = {
        "deploymentGroupName": "live",
        "computePlatform": "Server",
        "lastSuccessfulDeployment": {"deploymentId": "d", "endTime": NOW, "createTime": NOW},
    }
    return [parse_deployment_group("shop", "arn", raw | fields, {})]


ON_FAILURE = {"enabled": True, "events": ["DEPLOYMENT_FAILURE"]}
ON_BOTH = {"enabled": True, "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]}
ALARMED = {"enabled": True, "alarms": [{"name": "errors"}]}


def channel(**history):
    status = {"name": "default", "configHistoryDeliveryInfo": history}
    return [RECORDER, parse_delivery_channel({"name": "default", "s3BucketName": "b"}, status)]


def report_group(encrypted, type_="TEST"):
    destination = {"bucket": "b", "encryptionDisabled": not encrypted}
    raw = {"arn": "arn:g", "type": type_, "exportConfig": {"s3Destination": destination}}
    built = parse_build_project({"name": "shop", "arn": "arn"})
    return [built, parse_report_group(raw, {"created": NOW})]


PUSHES, PULLS = "PUSH", "PUSH,PULL_REQUEST_CREATED"
TABLE = {
    "ecs_container_insights_enabled": [
        ("enabled", PASS, cluster("enabled")),
        ("enhanced", PASS, cluster("enhanced")),
        ("disabled", FAIL, cluster("disabled")),
        ("nothing runs", NOT_APPLICABLE, cluster("disabled", services=0)),
    ],
    "cloudtrail_insights_enabled": [
        ("both", PASS, insights("ApiCallRateInsight", "ApiErrorRateInsight")),
        # Elsewhere one of them is enough.
        ("calls only", FAIL, insights("ApiCallRateInsight")),
        ("none", FAIL, insights()),
    ],
    "codebuild_buildspec_controlled": [
        ("pushes", PASS, hook([event(PUSHES)])),
        ("pull requests of anybody", FAIL, hook([event(PULLS)])),
        ("after approval", PASS, hook([event(PULLS)], approval="ALL_PULL_REQUESTS")),
        ("approval is off", FAIL, hook([event(PULLS)], approval="DISABLED")),
        ("no filter", FAIL, hook()),
        (
            "known people",
            PASS,
            hook([event(PULLS), filtered("ACTOR_ACCOUNT_ID", "^123$|^456$")]),
        ),
        (
            "an alternative without anchors",
            FAIL,
            hook([event(PULLS), filtered("ACTOR_ACCOUNT_ID", "^123$|456")]),
        ),
        ("no anchor", FAIL, hook([event(PUSHES), filtered("HEAD_REF", "refs/heads/main")])),
        # Elsewhere bars inside brackets split the pattern.
        ("brackets", PASS, hook([event(PUSHES), filtered("HEAD_REF", "^refs/heads/(a|b)$")])),
        (
            "a path is no person",
            PASS,
            hook([event(PUSHES), filtered("FILE_PATH", "src/.+")]),
        ),
    ],
    "codebuild_test_reports_published": [
        ("encrypted", PASS, report_group(True)),
        ("in plain", FAIL, report_group(False)),
        ("coverage only", FAIL, report_group(True, "CODE_COVERAGE")),
    ],
    "ssm_patch_compliant": [
        ("patched", PASS, node()),
        ("critical", FAIL, node(CriticalNonCompliantCount=1)),
        ("of security", FAIL, node(SecurityNonCompliantCount=1)),
        ("failed", FAIL, node(FailedCount=1)),
        # AWS's own status does not comply then; the catalogue asks for the two that matter.
        ("others are missing", PASS, node(MissingCount=3, OtherNonCompliantCount=3)),
    ],
    "ssm_association_compliant": [
        ("succeeded", PASS, association("Success")),
        ("failed", FAIL, association("Failed")),
        ("late", FAIL, association("Success", age_days=3)),
    ],
    "codedeploy_auto_rollback_and_alarms": [
        (
            "both",
            PASS,
            group(autoRollbackConfiguration=ON_BOTH, alarmConfiguration=ALARMED),
        ),
        ("failures only", FAIL, group(autoRollbackConfiguration=ON_FAILURE)),
        (
            "alarms are off",
            FAIL,
            group(
                autoRollbackConfiguration=ON_BOTH,
                alarmConfiguration=ALARMED | {"enabled": False},
            ),
        ),
        ("nothing", FAIL, group()),
    ],
    "config_delivery_channel_healthy": [
        ("delivered", PASS, channel(lastStatus="SUCCESS", lastAttemptTime=NOW)),
        ("in capitals or not", PASS, channel(lastStatus="Success", lastAttemptTime=NOW)),
        (
            "refused",
            FAIL,
            channel(lastStatus="FAILURE", lastErrorCode="AccessDenied", lastAttemptTime=NOW),
        ),
    ],
}
"""Check -> (state, verdict, facts as parsed from AWS's answers)."""

ROWS = [
    pytest.param(check, expected, facts, id=f"{check}: {name}")
    for check, rows in TABLE.items()
    for name, expected, facts in rows
]


@pytest.mark.parametrize(("check", "expected", "facts"), ROWS)
def test_what_aws_tells_is_judged_as_everybody_would(check, expected, facts):
    result = judged(check, Case("told", expected, facts))
    assert result.status.value == expected, result.message
