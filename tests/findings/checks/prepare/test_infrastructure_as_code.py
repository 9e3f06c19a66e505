from findings.facts.base import Gap, GapReason
from tests.findings.checks.builders_cloudformation import (
    drifted,
    nested,
    resource,
    stack,
    stack_set,
    template,
)
from tests.findings.checks.cases import (
    FAIL,
    NOT_APPLICABLE,
    PASS,
    UNKNOWN,
    Case,
    account,
    assert_outcomes,
)

SANDBOX = account(environment="sandbox", ou_path="Sandbox")
CLUSTER, DATABASE = "AWS::RDS::DBCluster", "AWS::RDS::DBInstance"

BROKEN = (
    "CREATE_FAILED",
    "ROLLBACK_FAILED",
    "ROLLBACK_COMPLETE",
    "DELETE_FAILED",
    "UPDATE_FAILED",
    "UPDATE_ROLLBACK_FAILED",
    "IMPORT_ROLLBACK_FAILED",
    "A_STATUS_OF_TOMORROW",
)
WELL = (
    "CREATE_COMPLETE",
    "CREATE_IN_PROGRESS",
    "DELETE_IN_PROGRESS",
    "IMPORT_COMPLETE",
    "IMPORT_IN_PROGRESS",
    "IMPORT_ROLLBACK_IN_PROGRESS",
    "REVIEW_IN_PROGRESS",
    "ROLLBACK_IN_PROGRESS",
    "UPDATE_COMPLETE",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_IN_PROGRESS",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_ROLLBACK_IN_PROGRESS",
)


DENIED = Gap(kind="x", reason=GapReason.ACCESS_DENIED, operation="x:Y", code="AccessDenied")


def keeps(policy, replaced="Retain", type_="AWS::S3::Bucket", **fields):
    return template(
        resource(type_, deletion_policy=policy, update_replace_policy=replaced, **fields)
    )


TABLE = {
    "cloudformation_stack_status_healthy": [
        *(Case(f"{status} is broken", FAIL, [stack(status=status)]) for status in BROKEN),
        *(Case(f"{status} is well", PASS, [stack(status=status)]) for status in WELL),
        Case(
            "its reason is told",
            FAIL,
            [stack(status="CREATE_FAILED", status_reason="Bucket exists")],
            message="CREATE_FAILED: Bucket exists",
        ),
        Case(
            "an update that was rolled back is told, and no failure",
            PASS,
            [stack(status="UPDATE_ROLLBACK_COMPLETE")],
            message="2026-05-26",
        ),
        Case(
            "an import that was rolled back",
            PASS,
            [stack(status="IMPORT_ROLLBACK_COMPLETE", updated_at=None)],
            message="2025-11-27",
        ),
        Case("deleted", NOT_APPLICABLE, [stack(status="DELETE_COMPLETE")]),
    ],
    "cloudformation_stack_termination_protected": [
        Case("protected", PASS, [stack(is_termination_protected=True)]),
        Case("not protected", FAIL, [stack()], message="off"),
        Case("nested", NOT_APPLICABLE, [nested()]),
        Case("of a stack set", NOT_APPLICABLE, [stack("StackSet-baseline-1")]),
        Case("in review", NOT_APPLICABLE, [stack(status="REVIEW_IN_PROGRESS")]),
        Case("in a sandbox", NOT_APPLICABLE, [stack()], account=SANDBOX),
        Case(
            "in a sandbox, but tagged as production",
            FAIL,
            [stack(tags={"Environment": "Prod"})],
            account=SANDBOX,
        ),
        Case(
            "a production account decides without tags",
            FAIL,
            [stack(tags=DENIED)],
        ),
        Case(
            "a selector that selects sandboxes",
            FAIL,
            [stack()],
            account=SANDBOX,
            parameters={"production_selector": {"environments": ["sandbox"]}},
        ),
    ],
    "cloudformation_stateful_resource_deletion_policy": [
        Case("retained", PASS, [keeps("Retain")]),
        Case("retained except on create", PASS, [keeps("RetainExceptOnCreate")]),
        Case("with snapshots", PASS, [keeps("Snapshot", "Snapshot", DATABASE)]),
        Case("deleted", FAIL, [keeps("Delete")], message="Data has Delete"),
        Case("no deletion policy", FAIL, [keeps(None)], message="DeletionPolicy: Data has Delete"),
        Case("no policy on replacement", FAIL, [keeps("Retain", None)], message="UpdateReplace"),
        Case("deleted on replacement", FAIL, [keeps("Retain", "Delete")]),
        Case("replacement knows no except", FAIL, [keeps("Retain", "RetainExceptOnCreate")]),
        Case("a cluster has snapshots by default", PASS, [keeps(None, "Snapshot", CLUSTER)]),
        Case("so has an instance of its own", PASS, [keeps(None, "Snapshot", DATABASE)]),
        Case("a cluster that says otherwise", FAIL, [keeps("Delete", "Snapshot", CLUSTER)]),
        Case(
            "a member of a cluster holds no data",
            NOT_APPLICABLE,
            [keeps("Delete", "Delete", DATABASE, is_cluster_member=True)],
        ),
        Case("nothing stateful", NOT_APPLICABLE, [keeps(None, None, "AWS::SNS::Topic")]),
        Case("no resource", NOT_APPLICABLE, [template()]),
        Case(
            "one of two",
            FAIL,
            [template(resource(), resource(deletion_policy="Delete", logical_id="Logs"))],
            message="Logs",
        ),
        Case(
            "types that the organization names",
            FAIL,
            [keeps(None, None, "AWS::SQS::Queue")],
            parameters={"stateful_types": ["AWS::SQS::Queue"]},
        ),
    ],
    "cloudformation_stack_drift_in_sync": [
        Case("in sync", PASS, [stack(drift_status="IN_SYNC")]),
        Case(
            "drifted",
            FAIL,
            [stack(drift_status="DRIFTED", drifted_resources=(drifted(),))],
            message="Topic (AWS::SNS::Topic) MODIFIED",
        ),
        Case(
            "drifted, and the details were denied",
            FAIL,
            [stack(drift_status="DRIFTED", drifted_resources=DENIED)],
            message="not known",
        ),
        Case(
            "drifted in ignored types only",
            PASS,
            [stack(drift_status="DRIFTED", drifted_resources=(drifted(),))],
            parameters={"ignored_resource_types": ["AWS::SNS::Topic"]},
        ),
        Case(
            "drifted in another type too",
            FAIL,
            [
                stack(
                    drift_status="DRIFTED",
                    drifted_resources=(drifted(), drifted("AWS::SQS::Queue", "Queue")),
                )
            ],
            parameters={"ignored_resource_types": ["AWS::SNS::Topic"]},
        ),
        Case(
            "drifted, and AWS names no resource",
            FAIL,
            [stack(drift_status="DRIFTED", drifted_resources=())],
            parameters={"ignored_resource_types": ["AWS::SNS::Topic"]},
            message="not known",
        ),
        Case(
            "drifted, and nothing is told of resources",
            FAIL,
            [stack(drift_status="DRIFTED")],
            parameters={"ignored_resource_types": ["AWS::SNS::Topic"]},
        ),
        Case(
            "ignored types need the details",
            UNKNOWN,
            [stack(drift_status="DRIFTED", drifted_resources=DENIED)],
            parameters={"ignored_resource_types": ["AWS::SNS::Topic"]},
        ),
        Case("a status of tomorrow", FAIL, [stack(drift_status="WOBBLING")], message="WOBBLING"),
        Case("never checked", NOT_APPLICABLE, [stack(drift_status="NOT_CHECKED")]),
        Case("not supported", NOT_APPLICABLE, [stack(drift_status="UNKNOWN")]),
        Case("nothing told", NOT_APPLICABLE, [stack(drift_status=None)]),
        Case(
            "in review",
            NOT_APPLICABLE,
            [stack(status="REVIEW_IN_PROGRESS", drift_status="IN_SYNC")],
        ),
        Case("deleted", NOT_APPLICABLE, [stack(status="DELETE_COMPLETE", drift_status="IN_SYNC")]),
    ],
    "cloudformation_stackset_auto_deployment_enabled": [
        Case("automatic", PASS, [stack_set()]),
        Case(
            "by hand",
            FAIL,
            [stack_set(deploys_automatically=False)],
            message="automatic deployment",
        ),
        Case(
            "self-managed",
            FAIL,
            [stack_set(permission_model="SELF_MANAGED")],
            message="service-managed",
        ),
        Case("no model told", FAIL, [stack_set(permission_model=None)]),
        Case("no baseline", NOT_APPLICABLE, [stack_set("shop", deploys_automatically=False)]),
        Case(
            "a baseline by its tag",
            FAIL,
            [stack_set("audit", deploys_automatically=False, tags={"Baseline": "True"})],
        ),
        Case(
            "a tag that says no",
            NOT_APPLICABLE,
            [stack_set("audit", deploys_automatically=False, tags={"Baseline": "false"})],
        ),
        Case("tags decide and were denied", UNKNOWN, [stack_set("audit", tags=DENIED)]),
        Case("the name decides", PASS, [stack_set(tags=DENIED)]),
        Case(
            "another prefix",
            FAIL,
            [stack_set("core-audit", deploys_automatically=False)],
            parameters={"baseline_prefixes": ["core-"]},
        ),
        Case(
            "another tag",
            FAIL,
            [stack_set("audit", deploys_automatically=False, tags={"Core": "true"})],
            parameters={"baseline_tag": "Core"},
        ),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
