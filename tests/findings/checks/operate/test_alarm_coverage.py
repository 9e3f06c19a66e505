import pytest

from findings.checks.base import built_in
from findings.checks.parameters import ParameterError
from findings.facts.base import Gap, GapReason
from findings.facts.cloudwatch import AlarmMetric
from tests.findings.checks.builders_cloudwatch import alarm
from tests.findings.checks.builders_lambda_ import function
from tests.findings.checks.builders_tagging import tagged
from tests.findings.checks.cases import (
    ACCOUNT,
    FAIL,
    NOT_APPLICABLE,
    OTHER,
    PASS,
    REGION,
    UNKNOWN,
    Case,
    account,
    assert_outcomes,
)

CHECK = "cloudwatch_alarm_coverage_critical_resources"
SANDBOX = account(environment="sandbox")
PROD = {"Environment": "prod"}


def arn(service, resource):
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


FUNCTION = arn("lambda", "function:orders")
TABLE_ARN, QUEUE, DATABASE = (
    arn("dynamodb", "table/orders"),
    arn("sqs", "jobs"),
    arn("rds", "db:shop"),
)
FLOW = arn("states", "stateMachine:checkout")
SERVICE, OLD_SERVICE = arn("ecs", "service/shop/web"), arn("ecs", "service/web")
BALANCER = arn("elasticloadbalancing", "loadbalancer/app/shop/0a1b")
CLASSIC = arn("elasticloadbalancing", "loadbalancer/shop")


def watching(number=0, owner=None, **dimensions):
    metric = AlarmMetric(namespace="X", name="Y", dimensions=dimensions, account=owner)
    return alarm(f"a{number}", metrics=(metric,))


def querying(expression):
    return alarm("query", expressions=(expression,))


def orders(**fields):
    return function("orders", **fields)


def queues(count):
    return [tagged(f"{QUEUE}-{number}", **PROD) for number in range(count)]


def watched_queues(count):
    return [watching(number, QueueName=f"jobs-{number}") for number in range(count)]


ERRORS = "SELECT SUM(Errors) FROM"
COVERAGE = [
    Case("a function", PASS, [orders(), watching(FunctionName="orders")], message="all 1"),
    Case(
        "a version of a function",
        PASS,
        [orders(), watching(FunctionName="orders", Resource="orders:live")],
    ),
    Case("no alarm", FAIL, [orders()], message=f"1 of 1 critical resources have none: {FUNCTION}"),
    Case("another function", FAIL, [orders(), watching(FunctionName="payments")]),
    Case("another dimension", FAIL, [orders(), watching(QueueName="orders")]),
    Case(
        "a metric of another account",
        FAIL,
        [orders(), watching(owner=OTHER, FunctionName="orders")],
    ),
    Case(
        "a metric that names this account",
        PASS,
        [orders(), watching(owner=ACCOUNT, FunctionName="orders")],
    ),
    Case(
        "a function is listed once",
        PASS,
        [orders(), tagged(FUNCTION, **PROD), watching(FunctionName="orders")],
        message="all 1",
    ),
    Case("a replica of Lambda@Edge", NOT_APPLICABLE, [orders(edge_function_arn="arn:x")]),
    Case("a table", PASS, [tagged(TABLE_ARN, a="b"), watching(TableName="orders")]),
    Case("a table without", FAIL, [tagged(TABLE_ARN, a="b"), watching(TableName="payments")]),
    Case("a queue", PASS, [tagged(QUEUE, a="b"), watching(QueueName="jobs")]),
    Case("a database", PASS, [tagged(DATABASE, a="b"), watching(DBInstanceIdentifier="shop")]),
    Case("a state machine", PASS, [tagged(FLOW, a="b"), watching(StateMachineArn=FLOW)]),
    Case("a state machine without", FAIL, [tagged(FLOW, a="b"), watching(StateMachineArn="x")]),
    Case(
        "a service", PASS, [tagged(SERVICE, a="b"), watching(ClusterName="shop", ServiceName="web")]
    ),
    Case(
        "a service of another cluster",
        FAIL,
        [tagged(SERVICE, a="b"), watching(ClusterName="x", ServiceName="web")],
    ),
    Case("the cluster only", FAIL, [tagged(SERVICE, a="b"), watching(ClusterName="shop")]),
    Case(
        "a service with an old ARN",
        PASS,
        [tagged(OLD_SERVICE, a="b"), watching(ServiceName="web", ClusterName="x")],
    ),
    Case(
        "a load balancer", PASS, [tagged(BALANCER, a="b"), watching(LoadBalancer="app/shop/0a1b")]
    ),
    Case(
        "another load balancer",
        FAIL,
        [tagged(BALANCER, a="b"), watching(LoadBalancer="app/shop/ffff")],
    ),
    Case(
        "a classic load balancer", PASS, [tagged(CLASSIC, a="b"), watching(LoadBalancerName="shop")]
    ),
    Case(
        "exactly the share",
        PASS,
        [*queues(5), *watched_queues(4)],
        message="1 of 5 critical resources have none",
    ),
    Case("less than the share", FAIL, [*queues(4), *watched_queues(3)], message="1 of 4"),
    Case(
        "half of them may do",
        PASS,
        [*queues(4), *watched_queues(2)],
        parameters={"min_percent": 50},
    ),
    Case("five without", FAIL, queues(5), message="jobs-4"),
    Case("more than five without", FAIL, queues(6), message="jobs-4 and 1 more"),
    Case("other types do not count", NOT_APPLICABLE, [tagged(arn("s3", "shop"), a="b")]),
    Case(
        "a queue does not count",
        NOT_APPLICABLE,
        queues(1),
        parameters={"critical_types": ["rds:db"]},
    ),
    Case("no ARN of AWS", NOT_APPLICABLE, [tagged("shop", a="b")]),
    Case(
        "not in production",
        NOT_APPLICABLE,
        [orders(), tagged(QUEUE, a="b")],
        account=SANDBOX,
        message="no critical resource",
    ),
    Case("in production by its tag", FAIL, queues(1), account=SANDBOX),
    Case(
        "production is something else",
        NOT_APPLICABLE,
        queues(1),
        parameters={"production_selector": {"environments": ["live"]}},
    ),
    Case(
        "a query over all functions",
        PASS,
        [
            orders(),
            querying(f'{ERRORS} SCHEMA("AWS/Lambda", FunctionName) GROUP BY FunctionName'),
        ],
    ),
    Case(
        "a query in other words",
        PASS,
        [
            orders(),
            querying('select sum(Errors)\nfrom schema( "AWS/Lambda","FunctionName" )\nlimit 5'),
        ],
    ),
    Case("a query over the namespace", PASS, [orders(), querying(f'{ERRORS} "AWS/Lambda"')]),
    Case("a query over the schema", PASS, [orders(), querying(f'{ERRORS} SCHEMA("AWS/Lambda")')]),
    Case(
        "a query over the sum",
        FAIL,
        [orders(), querying(f'{ERRORS} SCHEMA("AWS/Lambda", ExecutedVersion)')],
    ),
    Case(
        "a query of another type",
        FAIL,
        [orders(), querying(f'{ERRORS} SCHEMA("AWS/SQS", FunctionName)')],
    ),
    Case(
        "a query of the function",
        PASS,
        [orders(), querying(f"{ERRORS} \"AWS/Lambda\" WHERE FunctionName = 'orders'")],
    ),
    Case(
        "a query of another function",
        FAIL,
        [
            orders(),
            querying(f"{ERRORS} \"AWS/Lambda\" WHERE FunctionName = 'payments' GROUP BY Resource"),
        ],
    ),
    Case(
        "a query that narrows",
        PASS,
        [
            orders(),
            querying(
                f"{ERRORS} \"AWS/Lambda\" WHERE Resource='orders:live' AND FunctionName='orders'"
            ),
        ],
    ),
    Case(
        "a query of two names",
        FAIL,
        [
            orders(),
            querying(f"{ERRORS} \"AWS/Lambda\" WHERE Resource='x' AND FunctionName='payments'"),
        ],
    ),
    Case(
        "a query of this account",
        PASS,
        [orders(), querying(f"{ERRORS} \"AWS/Lambda\" WHERE AWS.AccountId = '{ACCOUNT}'")],
    ),
    Case(
        "a query of another account",
        FAIL,
        [orders(), querying(f"{ERRORS} \"AWS/Lambda\" WHERE AWS.AccountId = '{OTHER}'")],
    ),
    Case(
        "a query of a tag",
        PASS,
        [*queues(1), querying("SELECT MAX(X) FROM \"AWS/SQS\" WHERE tag.Environment = 'prod'")],
    ),
    Case(
        "a query of a quoted tag",
        PASS,
        [*queues(1), querying('SELECT MAX(X) FROM "AWS/SQS" WHERE tag."Environment" = \'prod\'')],
    ),
    Case(
        "a query of another tag",
        FAIL,
        [*queues(1), querying("SELECT MAX(X) FROM \"AWS/SQS\" WHERE tag.Environment = 'test'")],
    ),
    Case(
        "a query with a filter that is not understood",
        UNKNOWN,
        [orders(), querying(f"{ERRORS} \"AWS/Lambda\" WHERE FunctionName LIKE 'ord%'")],
    ),
    Case(
        "a filter that does not matter",
        FAIL,
        [*queues(1), querying(f"{ERRORS} \"AWS/Lambda\" WHERE FunctionName LIKE 'ord%'")],
    ),
    Case("a query that is not understood", UNKNOWN, [orders(), querying("SELECT 1")]),
    Case(
        "a query by order", PASS, [orders(), querying(f'{ERRORS} "AWS/Lambda" ORDER BY SUM() DESC')]
    ),
    Case("an expression over metrics", FAIL, [orders(), querying("m1 / m2")]),
    Case(
        "tags were denied",
        UNKNOWN,
        [orders(), watching(FunctionName="orders")],
        gaps=[Gap(kind="tagging.resource", reason=GapReason.ACCESS_DENIED)],
    ),
    Case(
        "alarms were denied",
        UNKNOWN,
        [orders()],
        gaps=[Gap(kind="cloudwatch.alarm", reason=GapReason.ACCESS_DENIED)],
    ),
]

TABLE = {CHECK: COVERAGE}


def test_outcomes():
    assert_outcomes(TABLE)


def test_types_of_which_metrics_say_nothing_are_refused():
    with pytest.raises(ParameterError, match="critical_types takes a list of"):
        built_in()[CHECK].parameters({"critical_types": ["s3:bucket"]})
