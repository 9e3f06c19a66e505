"""Templates."""

import json

import pytest
from botocore.exceptions import ClientError

from findings.facts.base import Gap, GapReason
from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors.cloudformation_templates import parse_template, templates

YAML = """
AWSTemplateFormatVersion: 2010-09-09
Metadata:
  Version: 1.10
  AWS::CloudFormation::Interface: {Version: 3}
Resources:
  Data:
    Type: AWS::S3::Bucket
    DeletionPolicy: Retain
    Properties:
      BucketName: !Sub "${AWS::StackName}-data"
      Tags: [!If [IsBig, !Ref Tag, !GetAtt Other.Arn]]
  Reader:
    Type: AWS::RDS::DBInstance
    Properties: {DBClusterIdentifier: !Ref Cluster}
"""
ASKED = {"StackName": "arn:shop", "TemplateStage": "Processed"}


def parsed(body):
    return parse_template("shop", {"TemplateBody": body})


def template(**resources):
    return {"Resources": resources}


def session_with(status="CREATE_COMPLETE"):
    session = StubbedSession()
    stack = {
        "StackId": "arn:shop",
        "StackName": "shop",
        "CreationTime": NOW,
        "StackStatus": status,
    }
    session.answer_stacks(stack)
    return session


def test_yaml_with_short_functions_is_read():
    found = parsed(YAML)
    data, reader = found.resources
    assert (data.logical_id, data.type) == ("Data", "AWS::S3::Bucket")
    assert (data.deletion_policy, data.update_replace_policy) == ("Retain", None)
    assert (data.on_deletion, data.on_replacement) == ("Retain", "Delete")
    assert (data.is_cluster_member, reader.is_cluster_member) == (False, True)
    assert found.metadata == {"Version": "1.10"}
    assert found.size == len(YAML)


@pytest.mark.parametrize(
    ("type_", "policy"),
    [
        ("AWS::RDS::DBInstance", "Snapshot"),
        ("AWS::RDS::DBCluster", "Snapshot"),
        ("AWS::S3::Bucket", "Delete"),
    ],
)
def test_databases_get_a_snapshot_where_no_policy_is_declared(type_, policy):
    (resource,) = parsed(template(Data={"Type": type_})).resources
    assert (resource.on_deletion, resource.on_replacement) == (policy, "Delete")


def test_json_comes_read_by_botocore():
    session = session_with()
    body = json.dumps(template(Code={"Type": "T", "Properties": {"Runtime": "python3.12"}}))
    session.answer("cloudformation", "get_template", {"TemplateBody": body}, **ASKED)
    (found,) = templates(session)
    assert [r.runtime for r in found.resources] == ["python3.12"]
    assert found.size == len(body.replace(" ", ""))


@pytest.mark.parametrize(
    "body", ["", "- a", "{: broken", {"Resources": []}, None, {"Outputs": {}}, "just text"]
)
def test_what_cannot_be_read_is_a_gap_and_never_an_empty_template(body):
    gap = parsed(body).gaps["resources"]
    assert (gap.reason, gap.code) == (GapReason.FAILED, "UnreadableTemplate")


@pytest.mark.parametrize(
    "resource",
    [
        {"Type": "T", "DeletionPolicy": {"Ref": "Policy"}},
        {"Type": "T", "UpdateReplacePolicy": {"Fn::If": ["a", "b", "c"]}},
        ["Fn::ForEach", [], {}],
    ],
)
def test_functions_where_a_processed_template_has_none_are_a_gap(resource):
    assert parsed(template(Data=resource)).gaps["resources"].code == "UnprocessedTemplate"


def test_metadata_keeps_short_versions_and_no_secrets():
    metadata = {
        "Commit": "0a1b2c3",
        "Build": {"Number": 7, "Url": "https://example.com"},
        "Author": "somebody@example.com",
        "BuildToken": "ghp_0123456789abcdefghijABCDEFGHIJ012345",
        "ReleaseNotes": "x" * 300,
    }
    found = parsed(template() | {"Metadata": metadata})
    assert found.metadata == {
        "Commit": "0a1b2c3",
        "Build.Number": "7",
        "Build.Url": "https://example.com",
    }


def test_a_refused_template_leaves_the_others_known():
    session = session_with()
    session.refuse("cloudformation", "get_template", "AccessDeniedException")
    (found,) = templates(session)
    assert found.stack == "shop"
    assert set(found.gaps) == {
        "size",
        "metadata",
        "parameters",
        "resources",
        "unresolved_runtimes",
    }


def test_a_stack_that_is_gone_meanwhile_has_no_template():
    session = session_with()
    message = "Stack with id arn:shop does not exist"
    session.refuse("cloudformation", "get_template", "ValidationError", message)
    assert list(templates(session)) == []


def test_a_template_that_aws_does_not_give_is_a_gap():
    session = session_with()
    session.refuse("cloudformation", "get_template", "ValidationError", "Stage is not available")
    (found,) = templates(session)
    assert found.gaps["resources"].code == "ValidationError"


def test_any_other_error_is_not_hidden():
    session = session_with()
    session.refuse("cloudformation", "get_template", "InternalFailure")
    with pytest.raises(ClientError):
        list(templates(session))


def test_a_stack_in_review_has_no_template_yet():
    assert list(templates(session_with("REVIEW_IN_PROGRESS"))) == []


def test_a_gap_stands_for_all_of_a_template():
    gap = Gap(kind="x", reason=GapReason.THROTTLED)
    assert set(parse_template("shop", gap).gaps.values()) == {gap}


@pytest.mark.parametrize(
    ("declared", "hidden", "default"),
    [
        ({"Type": "String"}, False, "none"),
        ({"Type": "String", "NoEcho": True, "Default": ""}, True, "none"),
        ({"Type": "String", "NoEcho": "true", "Default": "hunter2"}, True, "text"),
        ({"Type": "String", "NoEcho": "Yes"}, True, "none"),
        ({"Type": "String", "NoEcho": False}, False, "none"),
        ({"Type": "Number", "NoEcho": "no", "Default": 0}, False, "text"),
        ({"Default": "{{resolve:secretsmanager:shop}}"}, False, "dynamic_reference"),
        ({"Default": "see {{resolve:ssm:shop}}"}, False, "text"),
        ({"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/a"}, False, "parameter_name"),
        ("no mapping", False, "none"),
    ],
)
def test_of_parameters_is_kept_whether_they_hide_what_they_are_given(declared, hidden, default):
    found = parsed(template() | {"Parameters": {"Password": declared}})
    (parameter,) = found.parameters
    assert (parameter.name, parameter.is_hidden, parameter.default) == ("Password", hidden, default)
    assert "hunter2" not in repr(found)


def function(runtime):
    return {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": runtime}}


MAPS = {"Runtimes": {"eu-west-1": {"node": "nodejs24.x", "list": ["a"]}}}
GIVEN = {
    "Runtime": "python3.13",
    "Hidden": "****",
    "Text": "no Runtime",
    "AWS::Region": "eu-west-1",
}


@pytest.mark.parametrize(
    ("declared", "runtime"),
    [
        ("python3.12", "python3.12"),
        ({"Ref": "Runtime"}, "python3.13"),
        ({"Fn::Ref": "Runtime"}, "python3.13"),
        ("nodejs4.3-edge", "nodejs4.3-edge"),
        ({"Ref": "Hidden"}, None),
        ({"Ref": "Text"}, None),
        ({"Ref": "Other"}, None),
        ({"Fn::FindInMap": ["Runtimes", {"Ref": "AWS::Region"}, "node"]}, "nodejs24.x"),
        ({"Fn::FindInMap": ["Runtimes", {"Ref": "Hidden"}, "node"]}, None),
        ({"Fn::FindInMap": ["Runtimes", "eu-west-1", "list"]}, None),
        ({"Fn::FindInMap": ["Runtimes", "eu-west-1", "java"]}, None),
        ({"Fn::FindInMap": ["Runtimes", "eu-west-1"]}, None),
        ({"Fn::If": ["IsNew", "python3.14", "python3.13"]}, None),
        ({}, None),
        (["python3.12"], None),
    ],
)
def test_a_runtime_is_what_parameters_and_mappings_make_of_it(declared, runtime):
    body = template(Code=function(declared)) | {"Mappings": MAPS}
    found = parse_template("shop", {"TemplateBody": body}, GIVEN)
    assert [resource.runtime for resource in found.resources] == [runtime]
    assert found.unresolved_runtimes == (() if runtime else ("Code",))


def test_only_functions_have_runtimes_to_resolve():
    image = {"Type": "AWS::Lambda::Function", "Properties": {"PackageType": "Image"}}
    other = {"Type": "AWS::AppSync::Resolver", "Properties": {"Runtime": {"Name": "APPSYNC_JS"}}}
    found = parsed(template(Image=image, Other=other, Bare={"Type": "AWS::Lambda::Function"}))
    assert [resource.runtime for resource in found.resources] == [None, None, None]
    assert found.unresolved_runtimes == ()


def test_the_values_of_parameters_come_from_the_stack():
    session = StubbedSession()
    parameters = [
        {"ParameterKey": "Runtime", "ParameterValue": "/runtime", "ResolvedValue": "python3.13"},
        {"ParameterKey": "Size", "ParameterValue": "big"},
        {"ParameterValue": "nameless"},
    ]
    stack = {
        "StackId": "arn:shop",
        "StackName": "shop",
        "CreationTime": NOW,
        "StackStatus": "CREATE_COMPLETE",
        "Parameters": parameters,
    }
    session.answer_stacks(stack)
    body = json.dumps(template(Code=function({"Ref": "Runtime"})))
    session.answer("cloudformation", "get_template", {"TemplateBody": body}, **ASKED)
    (found,) = templates(session)
    assert [resource.runtime for resource in found.resources] == ["python3.13"]
