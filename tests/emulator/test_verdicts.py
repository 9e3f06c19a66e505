"""One world with good and bad examples of everything, judged in this process and over HTTP."""

import boto3
import pytest

from tests.emulator.aws_states import (
    ACCOUNT,
    APPROVAL,
    CHANGED,
    DEPLOYMENT,
    OTHER_REGION,
    QUEUE,
    REGION,
    TEST,
    YAML,
    Aws,
    alarm,
    bucket,
    change_set,
    document,
    function,
    log_group,
    pipeline,
    project,
    recorder,
    role,
    rule,
    stack,
    toolkit,
    topic,
    trail,
)
from tests.emulator.conftest import moto_in_process, moto_over_http
from workers.assess import assess

PASS, FAIL, NOT_APPLICABLE = "pass", "fail", "not_applicable"
GONE = f"arn:aws:sns:{REGION}:{ACCOUNT}:gone"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:respond"
LETTERS = {"DeadLetterConfig": {"Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:letters"}}
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


def make_world():
    here, there = Aws(REGION), Aws(OTHER_REGION)
    make_stacks(here, there)
    make_monitoring(here)
    make_delivery(here)
    recorder(here, is_started=True, allSupported=True, includeGlobalResourceTypes=True)
    recorder(there, is_started=False)
    document(here, "private")
    document(here, "public", "all")
    document(here, "shared", "111111111111")
    trail(here, "good", IsMultiRegionTrail=True, EnableLogFileValidation=True)
    trail(here, "unchecked", logs=False)


def make_stacks(here, there):
    stack(here, "protected", EnableTerminationProtection=True, tags={"GitCommit": "0123abcd"})
    stack(here, "plain", YAML)
    stack(here, "kept", bucket(DeletionPolicy="Retain", UpdateReplacePolicy="Retain"))
    stack(here, "half-kept", bucket(DeletionPolicy="Retain"))
    stack(here, "deleted", bucket(DeletionPolicy="Delete", UpdateReplacePolicy="Delete"))
    stack(here, "silent", bucket() | {"Description": "shop v1.4.2"})
    change_set(here, "plain", "UPDATE", QUEUE)
    change_set(here, "protected", "UPDATE", CHANGED)
    change_set(here, "planned", "CREATE", QUEUE)
    toolkit(here, 21)
    toolkit(there, 20)
    changes = {"source": ["aws.cloudformation"]}
    rule(there, "changes", [{"Arn": f"arn:aws:sns:{OTHER_REGION}:{ACCOUNT}:changes"}], changes)


def make_monitoring(here):
    heard, unheard = topic(here, "heard", is_heard=True), topic(here, "unheard", is_heard=False)
    alarm(here, "heard", [heard])
    alarm(here, "unheard", [unheard], ActionsEnabled=False)
    alarm(here, "gone", [GONE])
    alarm(here, "mute")
    alarm(here, "scales", [f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:scalingPolicy:x"])
    log_group(here, "forever")
    log_group(here, "week", 7)
    log_group(here, "year", 400)
    log_group(here, "decade", 3653)
    log_group(here, "/aws/cloudtrail/audit", 90)
    here.cloudwatch.put_metric_data(Namespace="shop", MetricData=[{"MetricName": "o", "Value": 1}])
    rule(here, "health", [{"Arn": heard, **LETTERS}], {"source": ["aws.health"]})
    rule(here, "caught", [{"Arn": FUNCTION, **LETTERS}], {"source": ["aws.ec2"]})
    rule(here, "lost", [{"Arn": FUNCTION, **LETTERS}, {"Arn": heard}], {"source": ["aws.ec2"]})
    rule(here, "off", [{"Arn": FUNCTION}], {"source": ["aws.ec2"]}, State="DISABLED")
    rule(here, "queued", [{"Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:events"}])


def make_delivery(here):
    project(here, "plain", variables=[("STAGE", "test", "PLAINTEXT")])
    project(here, "privileged", privilegedMode=True)
    project(here, "builds-images", tags=[("BuildsImages", "true")], privilegedMode=True)
    project(here, "keys", variables=[("AWS_SECRET_ACCESS_KEY", SECRET, "PLAINTEXT")])
    project(here, "stored", variables=[("AWS_SECRET_ACCESS_KEY", "/shop/key", "PARAMETER_STORE")])
    project(here, "public-source", "https://bitbucket.org/shop/shop.git")
    project(here, "password-in-source", "https://user:pass123@bitbucket.org/shop/shop.git")
    project(here, "token-in-source", "https://x-token-auth:b3BlbiBzZXNhbWU@bitbucket.org/a/b.git")
    arn = role(here, "all")
    function(here, "traced", arn, "Active")
    function(here, "untraced", arn, "PassThrough")
    function(here, "default", arn)
    pipeline(here, "gated", arn, ("Test", TEST), ("Approve", APPROVAL), ("Prod", DEPLOYMENT))
    pipeline(here, "untested", arn, ("Approve", APPROVAL), ("Prod", DEPLOYMENT))
    pipeline(here, "straight", arn, ("Prod", DEPLOYMENT))
    pipeline(here, "nothing", arn, ("Approve", APPROVAL))


def arn_of(name):
    return f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/{name}"


STACKS = ("CDKToolkit", "deleted", "half-kept", "kept", "plain", "protected", "silent")
VERDICTS = {
    "cloudformation_stack_termination_protected": dict.fromkeys(STACKS, FAIL)
    | {"protected": PASS, "planned": NOT_APPLICABLE},
    "cloudformation_stateful_resource_deletion_policy": {
        "CDKToolkit": NOT_APPLICABLE,
        "deleted": FAIL,
        "half-kept": FAIL,
        "kept": PASS,
        "plain": PASS,
        "protected": NOT_APPLICABLE,
        "silent": FAIL,
    },
    "cloudformation_stack_status_healthy": dict.fromkeys([*STACKS, "planned"], PASS),
    "cloudformation_stack_drift_in_sync": dict.fromkeys([*STACKS, "planned"], NOT_APPLICABLE),
    "cloudformation_stack_change_notified": dict.fromkeys([*STACKS, "planned"], FAIL),
    "cloudformation_template_version_traceable": dict.fromkeys(STACKS, FAIL)
    | {"protected": PASS, "silent": PASS}
    | {"CDKToolkit": NOT_APPLICABLE, "planned": NOT_APPLICABLE},
    "cloudformation_changeset_no_stale_pending": dict.fromkeys(STACKS, NOT_APPLICABLE)
    | {"plain": PASS, "protected": PASS, "planned": PASS},
    "cloudformation_changeset_replacement_reviewed": dict.fromkeys(STACKS, NOT_APPLICABLE)
    | {"plain": FAIL, "protected": PASS, "planned": PASS},
    "cloudformation_cdk_bootstrap_current": {"": PASS},
    "cloudwatch_alarm_actions_configured": {
        "heard": PASS,
        "unheard": PASS,
        "gone": PASS,
        "mute": FAIL,
        "scales": NOT_APPLICABLE,
    },
    "cloudwatch_alarm_actions_enabled": {
        "heard": PASS,
        "unheard": FAIL,
        "gone": PASS,
        "mute": PASS,
        "scales": PASS,
    },
    "cloudwatch_alarm_target_reachable": {
        "heard": PASS,
        "unheard": FAIL,
        "gone": FAIL,
        "mute": NOT_APPLICABLE,
        "scales": NOT_APPLICABLE,
    },
    "cloudwatch_alarm_reviewed": {
        "heard": PASS,
        "unheard": PASS,
        "gone": PASS,
        "mute": PASS,
        "scales": NOT_APPLICABLE,
    },
    "cloudwatch_log_group_retention_set": {
        "forever": FAIL,
        "week": PASS,
        "year": PASS,
        "decade": FAIL,
        "/aws/cloudtrail/audit": FAIL,
    },
    "eventbridge_target_dead_letter_queue": {
        "default/health": PASS,
        "default/caught": PASS,
        "default/lost": FAIL,
        "default/off": NOT_APPLICABLE,
        "default/queued": NOT_APPLICABLE,
    },
    "eventbridge_automated_response_present": {"": PASS},
    "config_compliance_changes_routed": {"": FAIL},
    "ssm_document_not_public": {"private": PASS, "public": FAIL, "shared": PASS},
    "codebuild_project_not_privileged": {
        "plain": PASS,
        "privileged": FAIL,
        "builds-images": PASS,
        "keys": PASS,
        "stored": PASS,
        "public-source": PASS,
        "password-in-source": PASS,
        "token-in-source": PASS,
    },
    "codebuild_no_plaintext_secrets": {
        "plain": PASS,
        "privileged": PASS,
        "builds-images": PASS,
        "keys": FAIL,
        "stored": PASS,
        "public-source": PASS,
        "password-in-source": FAIL,
        "token-in-source": FAIL,
    },
    "lambda_tracing_active": {"traced": PASS, "untraced": FAIL, "default": FAIL},
    "codepipeline_production_gate": {
        "gated": PASS,
        "untested": FAIL,
        "straight": FAIL,
        "nothing": NOT_APPLICABLE,
    },
    "cloudtrail_log_file_validation": {arn_of("good"): PASS, arn_of("unchecked"): FAIL},
    "cloudtrail_management_events_complete": {arn_of("good"): PASS, arn_of("unchecked"): PASS},
    "cloudtrail_s3_delivery_healthy": {arn_of("good"): PASS, arn_of("unchecked"): NOT_APPLICABLE},
}
"""Check -> resource -> verdict, in the first region."""

ACCOUNT_WIDE = {
    "cloudtrail_multi_region_logging": PASS,
    "cloudwatch_business_kpi_published": PASS,
    "config_recorder_recording_all_regions": FAIL,
    "config_recorder_global_types_single_region": PASS,
    "eventbridge_health_events_routed": PASS,
    "cloudformation_update_success_rate": PASS,
}
ELSEWHERE = {
    "cloudformation_cdk_bootstrap_current": {"": FAIL},
    "cloudformation_stack_change_notified": {"CDKToolkit": PASS},
    "eventbridge_automated_response_present": {"": FAIL},
}


@pytest.fixture(scope="module")
def assessments(moto_server):
    """What is said of moto's states in this process, and over HTTP."""
    checks = sorted({*VERDICTS, *ACCOUNT_WIDE, *ELSEWHERE})
    found = {}
    for way, world in (("here", moto_in_process()), ("over HTTP", moto_over_http(moto_server))):
        with world:
            make_world()
            found[way] = assess(boto3.Session(), regions=[REGION, OTHER_REGION], checks=checks)
    return found


@pytest.fixture(params=["here", "over HTTP"])
def assessment(assessments, request):
    return assessments[request.param]


def said(assessment, check, region):
    found = [r for r in assessment.results if (r.check, r.region) == (check, region)]
    return {result.resource: result.outcome for result in found}


@pytest.mark.parametrize("check", VERDICTS)
def test_what_was_made_is_judged_as_everybody_would(assessment, check):
    assert said(assessment, check, REGION) == VERDICTS[check]


@pytest.mark.parametrize("check", ACCOUNT_WIDE)
def test_an_account_is_judged_over_all_of_its_regions(assessment, check):
    assert said(assessment, check, "aws-global") == {"": ACCOUNT_WIDE[check]}


@pytest.mark.parametrize("check", ELSEWHERE)
def test_each_region_is_judged_by_what_is_there(assessment, check):
    assert said(assessment, check, OTHER_REGION) == ELSEWHERE[check]


def test_nothing_is_missing_of_what_moto_knows(assessment):
    assert assessment.gaps == ()
    assert assessment.exit_code == 1
