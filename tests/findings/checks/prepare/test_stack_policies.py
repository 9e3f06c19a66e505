from findings.facts.base import Gap, GapReason
from findings.facts.cloudformation_policies import StackPolicy
from tests.findings.checks.builders_cloudformation import (
    nested,
    resource,
    stack,
    stack_policy,
    statement,
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
from tests.findings.checks.gaps import denied

SANDBOX = account(environment="sandbox", ou_path="Sandbox")
DENIED = Gap(kind="x", reason=GapReason.ACCESS_DENIED, operation="x:Y", code="AccessDenied")
BUCKET, CLUSTER, DATABASE = "AWS::S3::Bucket", "AWS::RDS::DBCluster", "AWS::RDS::DBInstance"
ALLOWED = statement("Allow", ["Update:*"])
DATA, LOGS = resource(), resource(logical_id="Logs")
TOPIC = resource("AWS::SNS::Topic", "Topic")


def guarded(*statements, holding=(DATA, TOPIC), **fields):
    return [stack(**fields), template(*holding), stack_policy(*statements)]


def denying(*resources, **fields):
    given = {"resources": tuple(f"LogicalResourceId/{name}" for name in resources)}
    return statement(**(given | fields))


TABLE = {
    "cloudformation_stack_policy_set": [
        Case("replacement and deletion refused", PASS, guarded(ALLOWED, statement())),
        Case("no policy", FAIL, guarded(), message="no stack policy"),
        Case("all is allowed", FAIL, guarded(ALLOWED), message="Data is not guarded"),
        Case(
            "what is not allowed is refused", PASS, guarded(statement("Allow", ["Update:Modify"]))
        ),
        Case(
            "only deletion",
            FAIL,
            guarded(ALLOWED, statement(actions=["Update:Delete"])),
            message="Update:Replace: Data",
        ),
        Case(
            "only replacement",
            FAIL,
            guarded(ALLOWED, statement(actions=["Update:Replace"])),
            message="Update:Delete: Data",
        ),
        Case(
            "by two statements",
            PASS,
            guarded(
                ALLOWED, statement(actions=["Update:Replace"]), statement(actions=["Update:Delete"])
            ),
        ),
        Case("by a wildcard", PASS, guarded(ALLOWED, statement(actions=["update:*"]))),
        Case(
            "all but modifying",
            PASS,
            guarded(ALLOWED, statement(actions=["Update:Modify"], is_other_action=True)),
        ),
        Case(
            "all but deleting",
            FAIL,
            guarded(ALLOWED, statement(actions=["Update:Delete"], is_other_action=True)),
        ),
        Case("by name", PASS, guarded(ALLOWED, denying("Data"))),
        Case("by the beginning of its name", PASS, guarded(ALLOWED, denying("Da*"))),
        Case("by another name", FAIL, guarded(ALLOWED, denying("Topic"))),
        Case("all but another", PASS, guarded(ALLOWED, denying("Topic", is_other_resource=True))),
        Case("all but this", FAIL, guarded(ALLOWED, denying("Data", is_other_resource=True))),
        Case("by type", PASS, guarded(ALLOWED, statement(resource_types=(BUCKET,)))),
        Case(
            "by a wildcard for types",
            PASS,
            guarded(ALLOWED, statement(resource_types=("AWS::S3::*",))),
        ),
        Case("by another type", FAIL, guarded(ALLOWED, statement(resource_types=(DATABASE,)))),
        Case(
            "one of two",
            FAIL,
            guarded(ALLOWED, denying("Data"), holding=(DATA, LOGS)),
            message="Logs is not guarded",
        ),
        Case("nothing with data", NOT_APPLICABLE, guarded(holding=(TOPIC,))),
        Case(
            "a member of a cluster",
            NOT_APPLICABLE,
            guarded(holding=(resource(DATABASE, is_cluster_member=True),)),
        ),
        Case(
            "types that the organization names",
            FAIL,
            guarded(holding=(TOPIC,)),
            parameters={"stateful_types": ["AWS::SNS::Topic"]},
        ),
        Case("in a sandbox", NOT_APPLICABLE, guarded(), account=SANDBOX),
        Case("in a sandbox, tagged", FAIL, guarded(tags={"Environment": "prod"}), account=SANDBOX),
        Case("the account decides without tags", FAIL, guarded(tags=DENIED)),
        Case(
            "a selector of sandboxes",
            FAIL,
            guarded(),
            account=SANDBOX,
            parameters={"production_selector": {"environments": ["sandbox"]}},
        ),
        Case("in review", NOT_APPLICABLE, guarded(status="REVIEW_IN_PROGRESS")),
        Case("nested", NOT_APPLICABLE, [nested()]),
        Case(
            "below, not guarded",
            FAIL,
            [
                *guarded(ALLOWED, statement()),
                nested(),
                template(DATA, name="shop-network"),
                stack_policy(ALLOWED, name="shop-network"),
            ],
        ),
        Case(
            "below, guarded",
            PASS,
            [
                *guarded(holding=(TOPIC,)),
                nested(),
                template(DATA, name="shop-network"),
                stack_policy(ALLOWED, statement(), name="shop-network"),
            ],
        ),
        Case("no template", UNKNOWN, [stack(), stack_policy(ALLOWED)]),
        Case("no answer about a policy", UNKNOWN, [stack(), template(DATA)]),
        Case(
            "an unreadable policy",
            UNKNOWN,
            [stack(), template(DATA), StackPolicy(stack="shop", statements=DENIED)],
        ),
        Case(
            "policies were denied",
            UNKNOWN,
            [stack(), template(DATA)],
            gaps=[denied(stack_policy())],
        ),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
