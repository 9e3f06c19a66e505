"""Accounts in the states in which other projects' tests put them, one world each, judged."""

import json

import pytest

from tests.emulator.aws_states import (
    ACCOUNT,
    OTHER_REGION,
    REGION,
    Aws,
    alarm,
    log_group,
    recorder,
    role,
    session_in,
    topic,
    trail,
)
from workers.assess import assess

PASS, FAIL, NOT_APPLICABLE, UNKNOWN = "pass", "fail", "not_applicable", "unknown"
DATA, COPIES = "cloudtrail_data_events_captured", "cloudtrail_no_redundant_trails"
CHANGES = "cloudtrail_audit_change_alarmed"
BASELINE = "cloudtrail_baseline_metric_filters_alarmed"
CONTACT, BOARD = "account_operations_contact_registered", "cloudwatch_dashboard_present"
TAGS = "config_ownership_tag_rule_deployed"
MULTI = {"IsMultiRegionTrail": True}
GROUP = "audit"

pytestmark = pytest.mark.usefixtures("aws")


def verdict(check, regions=(REGION,)):
    (result,) = assess(session_in(regions[0]), regions=regions, checks=[check]).results
    return result.outcome


def any_of(names, source=None):
    """The pattern of the CIS benchmark: names of events, in some controls with their source."""
    pattern = " || ".join(f"($.eventName = {name})" for name in names.split())
    return f"{{ ($.eventSource = {source}) && ({pattern}) }}" if source else f"{{ {pattern} }}"


CIS = {
    "root": '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS &&'
    ' $.eventType != "AwsServiceEvent" }',
    "denied": '{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }',
    "mfa": '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }',
    "iam": any_of(
        "DeleteGroupPolicy DeleteRolePolicy DeleteUserPolicy PutGroupPolicy PutRolePolicy"
        " PutUserPolicy CreatePolicy DeletePolicy CreatePolicyVersion DeletePolicyVersion"
        " AttachRolePolicy DetachRolePolicy AttachUserPolicy DetachUserPolicy AttachGroupPolicy"
        " DetachGroupPolicy"
    ),
    "keys": any_of("DisableKey ScheduleKeyDeletion", "kms.amazonaws.com"),
    "buckets": any_of(
        "PutBucketAcl PutBucketPolicy PutBucketCors PutBucketLifecycle PutBucketReplication"
        " DeleteBucketPolicy DeleteBucketCors DeleteBucketLifecycle DeleteBucketReplication",
        "s3.amazonaws.com",
    ),
    "groups": any_of(
        "AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress"
        " RevokeSecurityGroupEgress CreateSecurityGroup DeleteSecurityGroup"
    ),
    "acls": any_of(
        "CreateNetworkAcl CreateNetworkAclEntry DeleteNetworkAcl DeleteNetworkAclEntry"
        " ReplaceNetworkAclEntry ReplaceNetworkAclAssociation"
    ),
    "gateways": any_of(
        "CreateCustomerGateway DeleteCustomerGateway AttachInternetGateway CreateInternetGateway"
        " DeleteInternetGateway DetachInternetGateway"
    ),
    "routes": any_of(
        "CreateRoute CreateRouteTable ReplaceRoute ReplaceRouteTableAssociation DeleteRouteTable"
        " DeleteRoute DisassociateRouteTable",
        "ec2.amazonaws.com",
    ),
    "vpcs": any_of(
        "CreateVpc DeleteVpc ModifyVpcAttribute AcceptVpcPeeringConnection"
        " CreateVpcPeeringConnection DeleteVpcPeeringConnection RejectVpcPeeringConnection"
        " AttachClassicLinkVpc DetachClassicLinkVpc DisableVpcClassicLink EnableVpcClassicLink"
    ),
    "organizations": any_of(
        "AcceptHandshake AttachPolicy CreateAccount CreateOrganizationalUnit CreatePolicy"
        " DeclineHandshake DeleteOrganization DeleteOrganizationalUnit DeletePolicy DetachPolicy"
        " DisablePolicyType EnablePolicyType InviteAccountToOrganization LeaveOrganization"
        " MoveAccount RemoveAccountFromOrganization UpdatePolicy UpdateOrganizationalUnit",
        "organizations.amazonaws.com",
    ),
}
"""https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html"""

AUDIT_CHANGES = {
    "trails": any_of("CreateTrail UpdateTrail DeleteTrail StartLogging StopLogging"),
    "selectors": any_of("PutEventSelectors"),
    "config": any_of(
        "StopConfigurationRecorder DeleteDeliveryChannel PutDeliveryChannel"
        " PutConfigurationRecorder",
        "config.amazonaws.com",
    ),
}


def alarmed(patterns, left_out=(), *, alarms=True, actions=True, **settings):
    """A trail into a log group, with a metric filter and an alarm for each pattern."""
    here = Aws(REGION)
    log_group(here, GROUP)
    arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{GROUP}:*"
    streamed = {"CloudWatchLogsLogGroupArn": arn, "CloudWatchLogsRoleArn": role(here, "all")}
    trail(here, **streamed, **MULTI | settings)
    heard = [topic(here, "alerts", is_heard=True)] if actions else []
    for name, pattern in patterns.items():
        if name in left_out:
            continue
        counted = {"metricName": name, "metricNamespace": "Audit", "metricValue": "1"}
        here.logs.put_metric_filter(
            logGroupName=GROUP,
            filterName=name,
            filterPattern=pattern,
            metricTransformations=[counted],
        )
        if alarms:
            alarm(here, name, heard, Namespace="Audit", MetricName=name)


def data_selector(*types, kind="All"):
    values = {"AWS::S3::Object": ["arn:aws:s3"], "AWS::Lambda::Function": ["arn:aws:lambda"]}
    resources = [{"Type": type_, "Values": values[type_]} for type_ in types]
    return [{"ReadWriteType": kind, "IncludeManagementEvents": True, "DataResources": resources}]


def advanced(*types):
    return [
        {
            "FieldSelectors": [
                {"Field": "eventCategory", "Equals": ["Data"]},
                {"Field": "resources.type", "Equals": [type_]},
            ]
        }
        for type_ in types
    ]


BOTH = ("AWS::S3::Object", "AWS::Lambda::Function")


def contacts(*types):
    client = session_in(REGION).client("account")
    for type_ in types:
        client.put_alternate_contact(
            AlternateContactType=type_,
            Name="Team",
            Title="On call",
            EmailAddress="team@example.com",
            PhoneNumber="+1",
        )


def dashboard(*alarms):
    arns = [f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}" for name in alarms]
    widget = {"type": "alarm", "properties": {"alarms": arns}}
    body = json.dumps({"widgets": [widget] if arns else []})
    alarm(Aws(REGION), "known")
    Aws(REGION).cloudwatch.put_dashboard(DashboardName="shop", DashboardBody=body)


def tag_rule(*keys, source="REQUIRED_TAGS"):
    here = Aws(REGION)
    recorder(here, is_started=True, allSupported=True)
    asked = json.dumps({f"tag{number}Key": key for number, key in enumerate(keys, start=1)})
    given = {"Source": {"Owner": "AWS", "SourceIdentifier": source}, "InputParameters": asked}
    here.config.put_config_rule(ConfigRule={"ConfigRuleName": "tags", **given})


def two_trails():
    trail(Aws(REGION), "one", **MULTI)
    trail(Aws(OTHER_REGION), "two", **MULTI)


def one_of_two_is_off():
    trail(Aws(REGION), "one", **MULTI)
    trail(Aws(OTHER_REGION), "two", logs=False, **MULTI)


STATES = {
    "filters and alarms for all": (lambda: alarmed(CIS), BASELINE, PASS),
    "no filter for root": (lambda: alarmed(CIS, ["root"]), BASELINE, FAIL),
    "filters without alarms": (lambda: alarmed(CIS, alarms=False), BASELINE, FAIL),
    "no filters": (lambda: alarmed({}), BASELINE, FAIL),
    # Elsewhere an alarm is enough; one that tells nobody is none here, as for Security Hub.
    "alarms that tell nobody": (lambda: alarmed(CIS, actions=False), BASELINE, FAIL),
    # Elsewhere any trail will do; AWS asks for one of all Regions.
    "a trail of one region": (lambda: alarmed(CIS, IsMultiRegionTrail=False), BASELINE, FAIL),
    "no trail at all": (lambda: None, BASELINE, FAIL),
    "changes of trails and Config": (lambda: alarmed(AUDIT_CHANGES), CHANGES, PASS),
    "changes of trails only": (lambda: alarmed(AUDIT_CHANGES, ["config"]), CHANGES, FAIL),
    # CIS's own pattern for trails leaves out what they select, which silences a trail as well.
    "changes as CIS lists them": (
        lambda: alarmed(AUDIT_CHANGES, ["selectors"]),
        CHANGES,
        FAIL,
    ),
    "classic selectors": (lambda: trail(Aws(REGION), basic=data_selector(*BOTH)), DATA, PASS),
    "advanced selectors": (lambda: trail(Aws(REGION), advanced=advanced(*BOTH)), DATA, PASS),
    "a trail that is off": (
        lambda: trail(Aws(REGION), logs=False, advanced=advanced(*BOTH)),
        DATA,
        UNKNOWN,  # moto has no event data stores, which may take them instead
    ),
    "only writes": (
        lambda: trail(Aws(REGION), basic=data_selector(*BOTH, kind="WriteOnly")),
        DATA,
        UNKNOWN,
    ),
    "only objects": (
        lambda: trail(Aws(REGION), advanced=advanced("AWS::S3::Object")),
        DATA,
        UNKNOWN,
    ),
    "two trails everywhere": (two_trails, COPIES, FAIL),
    "one of two is off": (one_of_two_is_off, COPIES, PASS),
    "no trail": (lambda: None, COPIES, PASS),
    "all contacts": (lambda: contacts("OPERATIONS", "SECURITY", "BILLING"), CONTACT, PASS),
    "no billing contact": (lambda: contacts("OPERATIONS", "SECURITY"), CONTACT, PASS),
    "no security contact": (lambda: contacts("OPERATIONS"), CONTACT, FAIL),
    "no operations contact": (lambda: contacts("SECURITY", "BILLING"), CONTACT, FAIL),
    "no contact": (lambda: None, CONTACT, FAIL),
    "a dashboard": (dashboard, BOARD, PASS),
    "a dashboard of alarms": (lambda: dashboard("known"), BOARD, PASS),
    # Elsewhere any dashboard will do; one that shows what is gone tells nothing.
    "a dashboard of alarms that are gone": (lambda: dashboard("gone"), BOARD, FAIL),
    "no dashboard": (lambda: None, BOARD, FAIL),
    "the rule asks for the tags": (lambda: tag_rule("Owner", "Environment"), TAGS, PASS),
    # moto does not tell the effective tag policy, which may ask for them instead.
    "the rule asks for others": (lambda: tag_rule("CostCenter", "Environment"), TAGS, UNKNOWN),
    "another rule": (lambda: tag_rule(source="ENCRYPTED_VOLUMES"), TAGS, UNKNOWN),
}


@pytest.mark.parametrize(("make", "check", "expected"), STATES.values(), ids=STATES)
def test_an_account_is_judged_as_everybody_would(make, check, expected):
    make()
    regions = (REGION, OTHER_REGION) if check == COPIES else (REGION,)
    assert verdict(check, regions) == expected
