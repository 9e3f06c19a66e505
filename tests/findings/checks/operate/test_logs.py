from findings.facts.base import Gap, GapReason
from findings.facts.sns import Subscription
from tests.findings.checks.builders_cloudwatch import alarm
from tests.findings.checks.builders_events import rule, target
from tests.findings.checks.builders_logs import log_group
from tests.findings.checks.builders_sns import topic
from tests.findings.checks.cases import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, assert_outcomes

KEY = "arn:aws:kms:eu-west-1:111111111111:key/1"
ENCRYPTED = [
    Case("an audit log with a key", PASS, [log_group("/aws/cloudtrail/audit", key_id=KEY)]),
    Case("an audit log without", FAIL, [log_group("aws-cloudtrail-logs-1")], message="no key"),
    *(
        Case(f"a log of {prefix}", FAIL, [log_group(f"{prefix}orders")])
        for prefix in ("/prod/", "/production/", "prod-", "production-")
    ),
    Case("another log", NOT_APPLICABLE, [log_group("/app/orders")], message="not one of"),
    Case("another log with a key", NOT_APPLICABLE, [log_group("/app/orders", key_id=KEY)]),
    Case("a product is not production", NOT_APPLICABLE, [log_group("/product/orders")]),
    Case(
        "everything is sensitive",
        FAIL,
        [log_group("/app/orders")],
        parameters={"sensitive_prefixes": [""]},
    ),
]


def alerts(*protocols, logged=(), pending=()):
    subscriptions = [Subscription(protocol=p, is_confirmed=True) for p in protocols]
    subscriptions += [Subscription(protocol=p, is_confirmed=False) for p in pending]
    return topic(subscriptions=tuple(subscriptions), logged_deliveries=logged)


ARN = alerts().arn
SILENT = {"alarm_actions": ()}
DENIED = Gap(kind="cloudwatch.alarm", reason=GapReason.ACCESS_DENIED)
RULES_DENIED = Gap(kind="events.rule", reason=GapReason.ACCESS_DENIED)
DELIVERY = [
    Case("logged", PASS, [alerts("https", logged=("HTTP",)), alarm()], message="logged: HTTP"),
    Case("one of two is logged", PASS, [alerts("sqs", "lambda", logged=("Lambda",)), alarm()]),
    Case("not logged", FAIL, [alerts("sqs"), alarm()], message="used: SQS; logged: "),
    Case("another one is logged", FAIL, [alerts("sqs", logged=("HTTP",)), alarm()]),
    *(
        Case(f"{protocol} is logged", PASS, [alerts(protocol, logged=(name,)), alarm()])
        for protocol, name in (
            ("http", "HTTP"),
            ("firehose", "Firehose"),
            ("application", "Application"),
        )
    ),
    Case("mail cannot be logged", NOT_APPLICABLE, [alerts("email", "sms"), alarm()]),
    Case("nobody", NOT_APPLICABLE, [alerts(), alarm()], message="nobody"),
    Case("nobody who confirmed", NOT_APPLICABLE, [alerts(pending=("https",)), alarm()]),
    Case("of an alarm's recovery", FAIL, [alerts("sqs"), alarm(ok_actions=(ARN,), **SILENT)]),
    Case(
        "of an alarm without data",
        FAIL,
        [alerts("sqs"), alarm(insufficient_data_actions=(ARN,), **SILENT)],
    ),
    Case("of a rule", FAIL, [alerts("sqs"), rule(targets=(target(ARN),))]),
    Case(
        "of nothing", NOT_APPLICABLE, [alerts("sqs"), alarm(**SILENT)], message="no alarm or rule"
    ),
    Case("of another rule", NOT_APPLICABLE, [alerts("sqs"), rule(targets=(target("arn:x"),))]),
    Case(
        "of a disabled rule",
        NOT_APPLICABLE,
        [alerts("sqs"), rule(state="DISABLED", targets=(target(ARN),))],
    ),
    Case("every topic counts", FAIL, [alerts("sqs")], parameters={"alert_topics_only": False}),
    Case("alarms were denied", UNKNOWN, [alerts("sqs")], gaps=[DENIED]),
    Case("rules were denied", UNKNOWN, [alerts("sqs")], gaps=[RULES_DENIED]),
    Case(
        "rules were denied, an alarm is known", FAIL, [alerts("sqs"), alarm()], gaps=[RULES_DENIED]
    ),
]

TABLE = {"cloudwatch_log_group_encrypted": ENCRYPTED, "sns_delivery_status_logged": DELIVERY}


def test_outcomes():
    assert_outcomes(TABLE)
