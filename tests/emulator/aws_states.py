"""States of AWS made with boto3, as the tests of other projects make them."""

import io
import json
import zipfile
from contextlib import suppress
from functools import cache

import boto3

ACCOUNT, REGION, OTHER_REGION = "123456789012", "us-east-1", "eu-west-1"

QUEUE = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}
CHANGED = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}, "Two": {"Type": "AWS::SNS::Topic"}}}
YAML = """
Description: !Sub "queue of ${AWS::AccountId}"
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    DeletionPolicy: Retain
    UpdateReplacePolicy: Snapshot
  Queue:
    Type: AWS::SQS::Queue
Outputs:
  Name: {Value: !GetAtt Queue.QueueName}
"""
RUNBOOK = {
    "schemaVersion": "0.3",
    "mainSteps": [{"name": "wait", "action": "aws:sleep", "inputs": {"Duration": "PT1S"}}],
}
TRUSTED = ("lambda.amazonaws.com", "codepipeline.amazonaws.com")


@cache
def session_in(region=REGION):
    """A session of the default account; botocore takes long to read its models into each."""
    return boto3.Session("AKIAIOSFODNN7EXAMPLE", "only for tests", region_name=region)


def session_as(account, region=REGION):
    """A session in a role of another account, which moto makes up."""
    arn = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    keys = Aws().sts.assume_role(RoleArn=arn, RoleSessionName="tests")["Credentials"]
    secret = (keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    return boto3.Session(*secret, region_name=region)


class Aws:
    """The clients of an account in a region; without a session, of the default account."""

    def __init__(self, region=REGION, session=None, account=ACCOUNT):
        self.region = region
        self.account = account
        self.session = session or session_in(region)

    def __getattr__(self, service):
        client = self.session.client(service.rstrip("_"), region_name=self.region)
        setattr(self, service, client)
        return client


def bucket(**policies):
    return {"Resources": {"Data": {"Type": "AWS::S3::Bucket", **policies}}}


def stack(aws, name, template=QUEUE, tags=None, **settings):
    body = template if isinstance(template, str) else json.dumps(template)
    pairs = [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
    aws.cloudformation.create_stack(StackName=name, TemplateBody=body, Tags=pairs, **settings)


def toolkit(aws, version):
    outputs = {"BootstrapVersion": {"Value": str(version)}}
    stack(aws, "CDKToolkit", QUEUE | {"Outputs": outputs})


def change_set(aws, stack_name, kind, template):
    aws.cloudformation.create_change_set(
        StackName=stack_name,
        ChangeSetName=f"change-{stack_name}",
        ChangeSetType=kind,
        TemplateBody=json.dumps(template),
    )


def trail(aws, name="trail", *, logs=True, basic=None, advanced=None, **settings):
    """A trail that is logging, unless told otherwise; ``basic`` and ``advanced`` are selectors."""
    bucket_name = f"trails-of-{aws.account}-{aws.region}"
    where = {"LocationConstraint": aws.region} if aws.region != REGION else {}
    placed = {"CreateBucketConfiguration": where} if where else {}
    with suppress(aws.s3.exceptions.BucketAlreadyOwnedByYou):
        aws.s3.create_bucket(Bucket=bucket_name, **placed)
    aws.cloudtrail.create_trail(Name=name, S3BucketName=bucket_name, **settings)
    if logs:
        aws.cloudtrail.start_logging(Name=name)
    if basic:
        aws.cloudtrail.put_event_selectors(TrailName=name, EventSelectors=basic)
    if advanced:
        aws.cloudtrail.put_event_selectors(TrailName=name, AdvancedEventSelectors=advanced)


def alarm(aws, name, actions=(), **settings):
    given = {
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        "Namespace": "shop",
        "MetricName": "errors",
        "Period": 60,
        "Statistic": "Sum",
        "Threshold": 1,
    }
    aws.cloudwatch.put_metric_alarm(AlarmName=name, AlarmActions=list(actions), **given | settings)


def topic(aws, name, *, is_heard):
    arn = aws.sns.create_topic(Name=name)["TopicArn"]
    if is_heard:
        aws.sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="team@example.com")
    return arn


def log_group(aws, name, days=None, **settings):
    aws.logs.create_log_group(logGroupName=name, **settings)
    if days:
        aws.logs.put_retention_policy(logGroupName=name, retentionInDays=days)


def rule(aws, name, targets=(), pattern=None, **settings):
    given = (
        {"EventPattern": json.dumps(pattern)} if pattern else {"ScheduleExpression": "rate(1 day)"}
    )
    aws.events.put_rule(Name=name, **given, **settings)
    if targets:
        listed = [{"Id": str(number), **target} for number, target in enumerate(targets)]
        aws.events.put_targets(Rule=name, Targets=listed)


def recorder(aws, *, is_started, **group):
    role = f"arn:aws:iam::{ACCOUNT}:role/config"
    recorded = {"recordingGroup": group} if group else {}
    aws.config.put_configuration_recorder(
        ConfigurationRecorder={"name": "default", "roleARN": role, **recorded}
    )
    aws.config.put_delivery_channel(
        DeliveryChannel={"name": "default", "s3BucketName": "configuration"}
    )
    if is_started:
        aws.config.start_configuration_recorder(ConfigurationRecorderName="default")


def document(aws, name, *shared_with, kind="Automation", content=RUNBOOK):
    aws.ssm.create_document(Name=name, Content=json.dumps(content), DocumentType=kind)
    if shared_with:
        aws.ssm.modify_document_permission(
            Name=name, PermissionType="Share", AccountIdsToAdd=list(shared_with)
        )


def project(
    aws,
    name,
    location="bucket/source.zip",
    variables=(),
    tags=(),
    settings=None,
    **environment,
):
    kind = "S3" if "://" not in location else "BITBUCKET"
    given = {"artifacts": {"type": "NO_ARTIFACTS"}} | (settings or {})
    aws.codebuild.create_project(
        name=name,
        source={"type": kind, "location": location},
        environment={
            "type": "LINUX_CONTAINER",
            "image": "aws/codebuild/standard:7.0",
            "computeType": "BUILD_GENERAL1_SMALL",
            "environmentVariables": [
                {"name": name, "value": value, "type": type_} for name, value, type_ in variables
            ],
            **environment,
        },
        serviceRole=f"arn:aws:iam::{aws.account}:role/service-role/build",
        tags=[{"key": key, "value": value} for key, value in tags],
        **given,
    )


def role(aws, name):
    statements = [
        {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        for service in TRUSTED
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    made = aws.iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy)
    return made["Role"]["Arn"]


def function(aws, name, role_arn, mode=None, **settings):
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", "def handler(event, context): pass")
    tracing = {"TracingConfig": {"Mode": mode}} if mode else {}
    aws.lambda_.create_function(
        FunctionName=name,
        Runtime="python3.12",
        Role=role_arn,
        Handler="index.handler",
        Code={"ZipFile": code.getvalue()},
        **tracing,
        **settings,
    )


def action(category, provider, name="Action", **configuration):
    return {
        "name": name,
        "actionTypeId": {
            "category": category,
            "owner": "AWS",
            "provider": provider,
            "version": "1",
        },
        "configuration": configuration,
    }


SOURCE = action("Source", "S3", S3Bucket="bucket", S3ObjectKey="source.zip")
TEST = action("Test", "CodeBuild", ProjectName="test")
APPROVAL = action("Approval", "Manual")
DEPLOYMENT = action("Deploy", "CodeDeploy", ApplicationName="shop")


def pipeline(aws, name, role_arn, *stages):
    declared = [{"name": stage, "actions": [step]} for stage, step in [("Source", SOURCE), *stages]]
    aws.codepipeline.create_pipeline(
        pipeline={
            "name": name,
            "roleArn": role_arn,
            "artifactStore": {"type": "S3", "location": "artifacts"},
            "stages": declared,
        }
    )
