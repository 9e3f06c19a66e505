from findings.facts.base import Gap, GapReason
from findings.facts.secrets import SecretHit
from tests.findings.checks.builders_cloudformation import nested, stack
from tests.findings.checks.cases import (
    FAIL,
    NOT_APPLICABLE,
    PASS,
    UNKNOWN,
    Case,
    ago,
    assert_outcomes,
)

DENIED = Gap(kind="x", reason=GapReason.ACCESS_DENIED, operation="x:Y", code="AccessDenied")
STALLED, ROLE = (
    "cloudformation_stack_operation_not_stalled",
    "cloudformation_stack_service_role_used",
)
TAGGED, OUTPUTS = "cloudformation_stack_owner_tagged", "cloudformation_stack_outputs_no_secrets"
DURING = (
    "CREATE_IN_PROGRESS",
    "IMPORT_IN_PROGRESS",
    "IMPORT_ROLLBACK_IN_PROGRESS",
    "ROLLBACK_IN_PROGRESS",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_IN_PROGRESS",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_ROLLBACK_IN_PROGRESS",
)
SINCE, TOO_LONG = ago(hours=12), ago(hours=12, seconds=1)
IN_REVIEW = stack(status="REVIEW_IN_PROGRESS", created_at=ago(days=9), updated_at=None)
TAGS = {"Owner": "shop", "Environment": "test"}
SECRET = SecretHit(location="output DbPassword", pattern="name of a secret")


def moving(since, status="UPDATE_IN_PROGRESS", **fields):
    return stack(status=status, updated_at=since, **fields)


def deleting(since):
    return stack(status="DELETE_IN_PROGRESS", deletion_started_at=since)


def telling(*hits, make=stack, **fields):
    return make(outputs=("BucketName", "DbPassword"), output_secrets=hits, **fields)


TABLE = {
    STALLED: [
        *(Case(f"{status} in time", PASS, [moving(SINCE, status)]) for status in DURING),
        *(Case(f"{status} too long", FAIL, [moving(TOO_LONG, status)]) for status in DURING),
        Case("its beginning is told", FAIL, [moving(TOO_LONG)], message="since 2026-06-14 23:59"),
        Case("nothing under way", PASS, [stack()], message="no operation"),
        Case("failed long ago", PASS, [stack(status="UPDATE_ROLLBACK_FAILED")]),
        Case("created in time", PASS, [moving(None, "CREATE_IN_PROGRESS", created_at=SINCE)]),
        Case("created too long", FAIL, [moving(None, "CREATE_IN_PROGRESS", created_at=TOO_LONG)]),
        Case("deleted in time, though old", PASS, [deleting(SINCE)]),
        Case("deleted too long", FAIL, [deleting(TOO_LONG)], message="DELETE_IN_PROGRESS"),
        Case("a deletion without a date", UNKNOWN, [deleting(None)], message="DeletionTime"),
        Case(
            "an earlier attempt to delete it", PASS, [moving(SINCE, deletion_started_at=TOO_LONG)]
        ),
        Case("more hours", PASS, [moving(TOO_LONG)], parameters={"max_hours": 24}),
        Case("in review", NOT_APPLICABLE, [IN_REVIEW]),
        Case("deleted", NOT_APPLICABLE, [stack(status="DELETE_COMPLETE")]),
        Case("nested", NOT_APPLICABLE, [nested(status="UPDATE_IN_PROGRESS")]),
    ],
    ROLE: [
        Case("through a role", PASS, [stack(role_arn="arn:aws:iam::1:role/deploy")]),
        Case("without", FAIL, [stack()], message="whoever deploys"),
        Case("nested", NOT_APPLICABLE, [nested()]),
        Case("of a stack set", NOT_APPLICABLE, [stack("StackSet-baseline-1")]),
        *(
            Case(f"{name} is made by AWS", NOT_APPLICABLE, [stack(name)])
            for name in ("awseb-e-1-stack", "aws-sam-cli-managed-default", "AWSControlTowerBP-1")
        ),
        Case("prefixes of its own", FAIL, [stack("awseb-1")], parameters={"aws_prefixes": ["x-"]}),
        Case("in review", NOT_APPLICABLE, [IN_REVIEW]),
    ],
    TAGGED: [
        Case("both", PASS, [stack(tags=TAGS | {"Commit": "1"})]),
        Case("no owner", FAIL, [stack(tags={"Environment": "test"})], message="without Owner"),
        Case("no environment", FAIL, [stack(tags={"Owner": "me"})], message="without Environment"),
        Case("an empty one", FAIL, [stack(tags=TAGS | {"Owner": " "})], message="without Owner"),
        Case("none", FAIL, [stack()], message="without Owner, Environment"),
        Case("keys in another case", FAIL, [stack(tags={"owner": "me", "environment": "test"})]),
        Case(
            "other tags", PASS, [stack(tags={"Team": "me"})], parameters={"required_tags": ["Team"]}
        ),
        Case("nested", NOT_APPLICABLE, [nested()]),
        Case("of Control Tower", NOT_APPLICABLE, [stack("StackSet-AWSControlTowerBP-1")]),
        Case("of its management account", NOT_APPLICABLE, [stack("AWSControlTowerBP-1")]),
        Case("of another stack set", FAIL, [stack("StackSet-baseline-1")]),
        Case("in review", NOT_APPLICABLE, [IN_REVIEW]),
    ],
    OUTPUTS: [
        Case("none is a secret", PASS, [telling()]),
        Case("a secret", FAIL, [telling(SECRET)], message="output DbPassword (name of a secret)"),
        Case("no outputs", NOT_APPLICABLE, [stack()]),
        Case("nested", NOT_APPLICABLE, [telling(SECRET, make=nested)]),
        Case("in a nested stack", FAIL, [stack(), telling(SECRET, make=nested)], message="DbPass"),
        Case(
            "in one of another root", PASS, [telling(), telling(SECRET, make=nested, root_id="r")]
        ),
        Case("only nested ones have outputs", PASS, [stack(), telling(make=nested)]),
        Case("a nested one without", PASS, [telling(), nested()]),
        Case("whose a stack is was denied", UNKNOWN, [telling(), nested(root_id=DENIED)]),
        Case("its own secret is one all the same", FAIL, [telling(SECRET), nested(root_id=DENIED)]),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
