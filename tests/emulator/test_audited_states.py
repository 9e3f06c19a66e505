"""States of trails, logs, builds and stacks as other projects' tests make them, judged."""

import json

import boto3
import pytest

from tests.emulator.aws_states import (
    ACCOUNT,
    OTHER_REGION,
    QUEUE,
    REGION,
    Aws,
    action,
    document,
    log_group,
    project,
    role,
    stack,
    topic,
    trail,
)
from tests.emulator.conftest import moto_in_process
from workers.assess import assess

PASS, FAIL, NOT_APPLICABLE = "pass", "fail", "not_applicable"
LINKED = (
    f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
)
EXECUTION = f"arn:aws:iam::{ACCOUNT}:role/execution"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
ALL_BLOCKED = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
)
THIRD, FOURTH = "us-west-2", "ap-southeast-2"


def make_world():
    regions = {name: Aws(name) for name in (REGION, OTHER_REGION, THIRD, FOURTH)}
    here = regions[REGION]
    arn = role(here, "all")
    make_trails(here, arn)
    make_builds(here)
    make_stacks(here, arn)
    make_deliveries(here, arn)
    for region, settings in RECORDERS.items():
        record(regions[region], **settings)
    make_application_logs(regions, arn)


def make_trails(here, arn):
    """A trail with all that can be asked of it, one with nothing, and one whose key is lost."""
    kept, lost = (here.kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    here.kms.disable_key(KeyId=lost.rpartition("/")[2])
    log_group(here, "/aws/cloudtrail/kept", kmsKeyId=kept)
    log_group(here, "/aws/cloudtrail/plain")
    log_group(here, "shop")
    names = {"CloudWatchLogsLogGroupArn": group_arn("/aws/cloudtrail/kept")}
    topic(here, "files", is_heard=False)
    make_audit_bucket(here, "trails-kept")
    here.cloudtrail.create_trail(
        Name="kept",
        S3BucketName="trails-kept",
        KmsKeyId=kept,
        SnsTopicName="files",
        CloudWatchLogsRoleArn=arn,
        **names,
    )
    here.cloudtrail.start_logging(Name="kept")
    trail(here, "plain")
    trail(here, "lost-key", KmsKeyId=lost)


def group_arn(name):
    return f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}:*"


def make_audit_bucket(here, name):
    here.s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    here.s3.create_bucket(Bucket="access-logs")
    here.s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=ALL_BLOCKED)
    here.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    delivery = {"Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject"}
    statement = {"Effect": "Allow", "Resource": "arn:aws:s3:::access-logs/*", **delivery}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    here.s3.put_bucket_policy(Bucket="access-logs", Policy=policy)
    logged = {"LoggingEnabled": {"TargetBucket": "access-logs", "TargetPrefix": "trails/"}}
    here.s3.put_bucket_logging(Bucket=name, BucketLoggingStatus=logged)
    rule = {
        "ID": "archive",
        "Status": "Enabled",
        "Filter": {"Prefix": "AWSLogs/"},
        "Transitions": [{"Days": 90, "StorageClass": "GLACIER"}],
        "Expiration": {"Days": 2557},
    }
    here.s3.put_bucket_lifecycle_configuration(
        Bucket=name, LifecycleConfiguration={"Rules": [rule]}
    )


def make_builds(here):
    off, s3 = {"status": "DISABLED"}, {"status": "ENABLED", "location": "bucket/logs"}
    for name, logs in (
        ("silent", {"cloudWatchLogs": off}),
        ("to-cloudwatch", {"cloudWatchLogs": {"status": "ENABLED"}}),
        ("to-s3", {"cloudWatchLogs": off, "s3Logs": s3}),
        ("to-s3-in-plain", {"s3Logs": s3 | {"encryptionDisabled": True}}),
        ("off-and-in-plain", {"s3Logs": {"status": "DISABLED", "encryptionDisabled": True}}),
    ):
        project(here, name, settings={"logsConfig": logs})
    project(here, "default")
    artifacts = {"type": "S3", "location": "bucket", "encryptionDisabled": True}
    project(here, "artifacts-in-plain", settings={"artifacts": artifacts})


def make_stacks(here, arn):
    stack(here, "owned", tags={"Owner": "shop", "Environment": "test"})
    stack(here, "half-owned", tags={"Owner": "shop"})
    stack(here, "tells-url", QUEUE | output("ApiUrl", "https://api.example.com"))
    stack(here, "tells-key", QUEUE | output("SecretAccessKey", SECRET))
    stack(here, "current", lambda_in_stack(arn, "python3.13"))
    stack(here, "outdated", lambda_in_stack(arn, "python3.7"))
    document(here, "clean")
    step = {"action": "aws:runShellScript", "name": "run"}
    inputs = {"runCommand": [f"export AWS_SECRET_ACCESS_KEY={SECRET}"]}
    leaky = {"schemaVersion": "2.2", "mainSteps": [{**step, "inputs": inputs}]}
    document(here, "leaky", kind="Command", content=leaky)


def output(name, value):
    return {"Outputs": {name: {"Value": value}}}


def lambda_in_stack(arn, runtime):
    properties = {
        "Runtime": runtime,
        "Role": arn,
        "Handler": "index.handler",
        "Code": {"ZipFile": "def handler(event, context): pass"},
    }
    return {"Resources": {"Work": {"Type": "AWS::Lambda::Function", "Properties": properties}}}


def make_deliveries(here, arn):
    source = action("Source", "S3", S3Bucket="bucket", S3ObjectKey="source.zip")
    first, second = (deploy(name, OTHER_REGION if name == "b" else REGION) for name in ("a", "b"))
    later = second | {"runOrder": 2}
    same = deploy("c", REGION) | {"runOrder": 2}
    for name, stages in (
        ("one-by-one", [[first], [second]]),
        ("at-once", [[first, second]]),
        ("in-turn", [[first, later]]),
        ("one-region", [[first, same]]),
    ):
        stores = {
            region: {"type": "S3", "location": "artifacts"} for region in (REGION, OTHER_REGION)
        }
        declared = [{"name": "Source", "actions": [source]}] + [
            {"name": f"Deploy{number}", "actions": actions} for number, actions in enumerate(stages)
        ]
        here.codepipeline.create_pipeline(
            pipeline={"name": name, "roleArn": arn, "artifactStores": stores, "stages": declared}
        )


def deploy(name, region):
    return action("Deploy", "CloudFormation", name, StackName=name, ActionMode="CREATE_UPDATE") | {
        "region": region,
        "runOrder": 1,
    }


def record(aws, role_arn, **group):
    given = {"name": "default", "roleARN": role_arn, "recordingGroup": group}
    aws.config.put_configuration_recorder(ConfigurationRecorder=given)


EXCLUDING = {
    "allSupported": False,
    "includeGlobalResourceTypes": False,
    "exclusionByResourceTypes": {"resourceTypes": ["AWS::EC2::Instance"]},
    "recordingStrategy": {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"},
}
RECORDERS = {
    REGION: {"role_arn": LINKED, "allSupported": True, "includeGlobalResourceTypes": True},
    OTHER_REGION: {
        "role_arn": EXECUTION,
        "allSupported": False,
        "resourceTypes": ["AWS::EC2::Instance"],
    },
    THIRD: {"role_arn": EXECUTION, **EXCLUDING},
}


def make_application_logs(regions, arn):
    """A region in which everything logs, and one each in which one thing does not."""
    rest_api(regions[REGION])
    rest_api(regions[THIRD], "ERROR")
    done = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
    logs = {"level": "ERROR", "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": "x"}}]}
    for region, settings in ((THIRD, {"loggingConfiguration": logs}), (FOURTH, {})):
        aws = regions[region]
        aws.stepfunctions.create_state_machine(
            name="flow", definition=done, roleArn=arn, **settings
        )
        options = {"logDriver": "awslogs", "options": {"awslogs-group": "shop"}}
        logged = {"name": "web", "image": "shop:1", "memory": 128, "logConfiguration": options}
        helper = {"name": "init", "image": "init:1", "memory": 128, "essential": False}
        containers = [logged, helper]
        aws.ecs.register_task_definition(family="web", containerDefinitions=containers)


def rest_api(aws, level=None):
    """An API with a stage, whose methods log at a level."""
    apis = aws.apigateway
    api = apis.create_rest_api(name="shop")["id"]
    (top,) = apis.get_resources(restApiId=api)["items"]
    method = {"restApiId": api, "resourceId": top["id"], "httpMethod": "GET"}
    apis.put_method(**method, authorizationType="NONE")
    apis.put_integration(**method, type="MOCK")
    deployment = apis.create_deployment(restApiId=api)["id"]
    stage = {"restApiId": api, "stageName": "live"}
    apis.create_stage(**stage, deploymentId=deployment)
    if level:
        change = {"op": "replace", "path": "/*/*/logging/loglevel", "value": level}
        apis.update_stage(**stage, patchOperations=[change])


def on_home(name):
    return f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/{name}"


def of_trails(**said):
    names = {"kept": "kept", "plain": "plain", "lost": "lost-key"}
    return {on_home(names[name]): verdict for name, verdict in said.items()}


PLAIN_TRAILS = {"plain": FAIL, "lost": FAIL}
VERDICTS = {
    # A key that cannot be used protects nothing; elsewhere its id is enough.
    "cloudtrail_kms_encrypted": of_trails(kept=PASS, **PLAIN_TRAILS),
    "cloudtrail_cloudwatch_logs_integrated": of_trails(kept=PASS, **PLAIN_TRAILS),
    "cloudtrail_delivery_notified": of_trails(kept=PASS, **PLAIN_TRAILS),
    "cloudtrail_bucket_protected": of_trails(kept=PASS, **PLAIN_TRAILS),
    "cloudtrail_bucket_access_logged": of_trails(kept=PASS, **PLAIN_TRAILS),
    "cloudtrail_bucket_lifecycle_set": of_trails(kept=PASS, **PLAIN_TRAILS),
    "cloudwatch_log_group_encrypted": {
        "/aws/cloudtrail/kept": PASS,
        "/aws/cloudtrail/plain": FAIL,
        "shop": NOT_APPLICABLE,
    },
    "codebuild_logs_enabled": {
        "silent": FAIL,
        "default": PASS,
        "to-cloudwatch": PASS,
        "to-s3": PASS,
        "to-s3-in-plain": FAIL,
        "off-and-in-plain": PASS,
        "artifacts-in-plain": FAIL,
    },
    "cloudformation_stack_owner_tagged": {
        "owned": PASS,
        "half-owned": FAIL,
        "tells-url": FAIL,
        "tells-key": FAIL,
        "current": FAIL,
        "outdated": FAIL,
    },
    "cloudformation_stack_outputs_no_secrets": {
        "owned": NOT_APPLICABLE,
        "half-owned": NOT_APPLICABLE,
        "tells-url": PASS,
        "tells-key": FAIL,
        "current": NOT_APPLICABLE,
        "outdated": NOT_APPLICABLE,
    },
    "cloudformation_template_runtimes_supported": {
        "owned": NOT_APPLICABLE,
        "half-owned": NOT_APPLICABLE,
        "tells-url": NOT_APPLICABLE,
        "tells-key": NOT_APPLICABLE,
        "current": PASS,
        "outdated": FAIL,
    },
    "ssm_document_no_secrets": {"clean": PASS, "leaky": FAIL},
    "codepipeline_deploys_one_target_at_a_time": {
        "one-by-one": PASS,
        "at-once": FAIL,
        "in-turn": FAIL,
        "one-region": NOT_APPLICABLE,
    },
}
"""Check -> resource -> verdict, in the first region."""

BY_REGION = {
    "config_recorder_all_resource_types": {
        REGION: PASS,
        OTHER_REGION: FAIL,
        THIRD: FAIL,
        FOURTH: NOT_APPLICABLE,
    },
    "config_recorder_service_linked_role": {
        REGION: PASS,
        OTHER_REGION: FAIL,
        THIRD: FAIL,
        FOURTH: NOT_APPLICABLE,
    },
    # Only essential containers have to log: what ends by itself leaves nothing to operate.
    "application_logging_enabled": {
        REGION: FAIL,
        OTHER_REGION: NOT_APPLICABLE,
        THIRD: PASS,
        FOURTH: FAIL,
    },
}
"""Check -> region -> verdict."""


@pytest.fixture(scope="module")
def said():
    """What is said of moto's states: check -> (region, resource) -> verdict."""
    with moto_in_process():
        make_world()
        regions = [REGION, OTHER_REGION, THIRD, FOURTH]
        found = assess(boto3.Session(), regions=regions, checks=sorted({*VERDICTS, *BY_REGION}))
    outcomes = {}
    for result in found.results:
        outcomes.setdefault(result.check, {})[result.region, result.resource] = result.outcome
    return outcomes


@pytest.mark.parametrize("check", VERDICTS)
def test_what_was_made_is_judged_as_everybody_would(said, check):
    here = {name: verdict for (region, name), verdict in said[check].items() if region == REGION}
    assert here == VERDICTS[check]


@pytest.mark.parametrize("check", BY_REGION)
def test_each_region_is_judged_by_what_is_there(said, check):
    assert {region: verdict for (region, _), verdict in said[check].items()} == BY_REGION[check]
