"""What stacks hold: the policies of their resources, drift, versions, and the CDK's own stack."""

from typing import Any

from simulator.facets.base import Facet
from simulator.facets.stack_records import (
    DRIFT,
    NESTED,
    POLICY,
    TRACED,
    is_unused,
    nested_in,
    put_stack,
    resource,
    template,
)
from simulator.places import Place, Record

contents = Facet("cloudformation.stacks.contents")
toolkit = Facet("cloudformation.stacks.toolkit")

TOOLKIT = "cloudformation_cdk_bootstrap_current"
BUCKET, CLUSTER, DATABASE = "AWS::S3::Bucket", "AWS::RDS::DBCluster", "AWS::RDS::DBInstance"
TOPIC = "AWS::SNS::Topic"

IN_YAML = """AWSTemplateFormatVersion: 2010-09-09
Conditions:
  IsBig: !Equals [!Ref Size, big]
Resources:
  Archive:
    Type: AWS::S3::Bucket
    DeletionPolicy: RetainExceptOnCreate
    UpdateReplacePolicy: Retain
    Properties:
      BucketName: !Sub "${AWS::StackName}-archive"
# end
"""


@contents.variant("retained", characters={"exemplary": 3, "ordinary": 2, "locked_down": 2})
def retained(place: Place) -> None:
    put_stack(
        place,
        "records",
        _template=template(
            Data=resource(BUCKET, "Retain", "Retain"),
            Ledger=resource("AWS::DynamoDB::Table", "Retain", "Retain"),
            # Databases get a snapshot when they are deleted, unless the template says otherwise.
            Cluster={"Type": CLUSTER, "UpdateReplacePolicy": "Snapshot"},
            Reader=resource(DATABASE, "Delete", "Delete", DBClusterIdentifier={"Ref": "Cluster"}),
            Reports={"Type": DATABASE, "UpdateReplacePolicy": "Retain"},
        ),
    )
    put_stack(place, "records-archive", _template=IN_YAML)


@contents.variant("deleted_with_the_stack", characters={"ordinary": 1, "neglected": 3, "new": 2})
def deleted_with_the_stack(place: Place) -> None:
    put_stack(place, "records", {POLICY: "fail"}, _template=template(Data=resource(BUCKET)))
    put_stack(
        place,
        "records-network",
        {**NESTED, POLICY: "fail"},
        _template=template(Key=resource("AWS::KMS::Key", "Delete", "Retain")),
        **nested_in(place, "records"),
    )


@contents.variant("stateless", characters={"ordinary": 1, "exemplary": 1})
def stateless(place: Place) -> None:
    answers = {POLICY: "not_applicable"}
    put_stack(place, "records", answers, _template=template(Topic=resource(TOPIC)))
    member = resource(DATABASE, DBClusterIdentifier="reports")
    put_stack(place, "records-reader", answers, _template=template(Reader=member))


@contents.variant("lost_when_replaced", characters={"ordinary": 1, "neglected": 1})
def lost_when_replaced(place: Place) -> None:
    put_stack(
        place, "records", {POLICY: "fail"}, _template=template(Data=resource(BUCKET, "Retain"))
    )
    # A replaced database gets no snapshot by itself.
    put_stack(place, "records-reports", {POLICY: "fail"}, _template=template(Db=resource(DATABASE)))


@contents.variant("in_sync", characters={"exemplary": 2, "locked_down": 1})
def in_sync(place: Place) -> None:
    put_stack(place, "queue")


@contents.variant("drifted", characters={"ordinary": 2, "neglected": 3})
def drifted(place: Place) -> None:
    drifts = [
        _drift(place, "Queue", "AWS::SQS::Queue", "MODIFIED", "/DelaySeconds"),
        _drift(place, "Topic", TOPIC, "DELETED"),
        _drift(place, "Dead", "AWS::SQS::Queue", "IN_SYNC"),
        _drift(place, "Role", "AWS::IAM::Role", "MODIFIED", "/Policies/0", "/Description"),
    ]
    information = {"StackDriftStatus": "DRIFTED", "LastCheckTimestamp": place.moving(hours=3)}
    put_stack(place, "queue", {DRIFT: "fail"}, DriftInformation=information, _drifts=drifts)


def _drift(place: Place, name: str, type_: str, status: str, *paths: str) -> Record:
    return {
        "LogicalResourceId": name,
        "ResourceType": type_,
        "StackResourceDriftStatus": status,
        "Timestamp": place.ago(days=2),
        "PropertyDifferences": [
            {
                "PropertyPath": path,
                "ExpectedValue": "0",
                "ActualValue": "hunter2",
                "DifferenceType": "NOT_EQUAL",
            }
            for path in paths
        ],
    }


@contents.variant("drift_not_known", characters={"new": 2, "ordinary": 1})
def drift_not_known(place: Place) -> None:
    unknown: dict[str, Any] = {
        "queue": {"StackDriftStatus": "NOT_CHECKED"},
        "queue-topics": {"StackDriftStatus": "UNKNOWN", "LastCheckTimestamp": place.ago(days=90)},
        "queue-alarms": None,
    }
    for name, information in unknown.items():
        put_stack(place, name, {DRIFT: "not_applicable"}, DriftInformation=information)


@contents.variant("versioned", characters={"exemplary": 2, "ordinary": 1, "locked_down": 1})
def versioned(place: Place) -> None:
    put_stack(place, "search", Tags=[{"Key": "Version", "Value": "v2.11.0-rc.1"}])
    put_stack(place, "search-api", Tags=[], Description="The API of search 2.11.0")
    in_metadata = f'{{"Metadata": {{"Build": {{"Commit": "0a1b2c3"}}}}, {RESOURCES}}}'
    put_stack(place, "search-index", Tags=[], _template=in_metadata)


RESOURCES = template(Data=resource(BUCKET, "Retain", "Retain"))[1:-1]


@contents.variant("unversioned", characters={"ordinary": 1, "neglected": 3, "new": 1})
def unversioned(place: Place) -> None:
    answers = {TRACED: "fail"}
    put_stack(place, "search", answers, Tags=[{"Key": "Version", "Value": "latest"}])
    put_stack(place, "search-api", answers, Tags=[], Description="For account 100000000001")
    put_stack(place, "search-index", answers, Tags=[])


@contents.variant("made_by_aws", characters={"ordinary": 1, "new": 1})
def made_by_aws(place: Place) -> None:
    put_stack(place, "awseb-e-shop-stack", {TRACED: "not_applicable"}, Tags=[])
    put_stack(place, "search")


@toolkit.variant("current", characters={"exemplary": 3, "ordinary": 2})
def current(place: Place) -> None:
    _put_toolkit(place, "pass", "21")


@toolkit.variant("old", characters={"ordinary": 2, "neglected": 2})
def old(place: Place) -> None:
    _put_toolkit(place, "fail", "20")


@toolkit.variant("absent", characters={"new": 2, "locked_down": 2, "neglected": 1})
def absent(place: Place) -> None:
    place.expect(TOOLKIT, "not_applicable")


@toolkit.variant("of_the_first_generation", characters={"neglected": 1})
def of_the_first_generation(place: Place) -> None:
    _put_toolkit(place, "fail", None)


def _put_toolkit(place: Place, status: str, version: str | None) -> None:
    place.expect(TOOLKIT, "not_applicable" if is_unused(place) else status)
    outputs = [{"OutputKey": "BucketName", "OutputValue": f"cdk-{place.account.id}"}]
    if version:
        outputs.append({"OutputKey": "BootstrapVersion", "OutputValue": version})
    put_stack(place, "CDKToolkit", {TRACED: "not_applicable"}, Tags=[], Outputs=outputs)
