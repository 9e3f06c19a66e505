from tests.findings.checks.builders_cloudtrail import trail
from tests.findings.checks.cases import FAIL, NOT_APPLICABLE, PASS, Case, ago, assert_outcomes

S3_DELIVERY = [
    Case("delivers", PASS, [trail()]),
    Case("delivered at the limit", PASS, [trail(delivered_at=ago(hours=24))]),
    Case(
        "delivered a second before the limit",
        FAIL,
        [trail(delivered_at=ago(hours=24, seconds=1))],
        message="recent delivery: nothing since 2026-06-14 11:59 UTC",
    ),
    Case(
        "has a longer limit",
        PASS,
        [trail(delivered_at=ago(hours=25))],
        parameters={"max_age_hours": 48},
    ),
    Case("has an error", FAIL, [trail(delivery_error="AccessDenied")], message="AccessDenied"),
    Case("has just been started", PASS, [trail(delivered_at=None, started_at=ago(hours=24))]),
    Case(
        "has just been started again",
        PASS,
        [trail(delivered_at=ago(days=9), started_at=ago(hours=1))],
    ),
    Case(
        "never delivered since it was started",
        FAIL,
        [trail(delivered_at=None, started_at=ago(days=2))],
    ),
    Case(
        "never delivered",
        FAIL,
        [trail(delivered_at=None, started_at=None)],
        message="nothing was ever delivered",
    ),
    Case(
        "is stopped",
        NOT_APPLICABLE,
        [trail(is_logging=False, delivery_error="NoSuchBucket")],
        message="not logging",
    ),
    Case(
        "is judged at its home",
        NOT_APPLICABLE,
        [trail(is_shadow=True, delivery_error="NoSuchBucket")],
        message="judged in",
    ),
]


def streaming(**fields):
    """A trail that writes to a log group."""
    group = "arn:aws:logs:eu-west-1:111111111111:log-group:audit:*"
    return trail(**({"log_group_arn": group, "logs_delivered_at": ago(minutes=5)} | fields))


LOGS_INTEGRATED = [
    Case("streams", PASS, [streaming()]),
    Case("has no log group", FAIL, [trail()], message="no log group"),
    Case("streamed at the limit", PASS, [streaming(logs_delivered_at=ago(hours=24))]),
    Case(
        "streamed a second before the limit",
        FAIL,
        [streaming(logs_delivered_at=ago(hours=24, seconds=1))],
        message="recent delivery: nothing since 2026-06-14 11:59 UTC",
    ),
    Case(
        "has a longer limit",
        PASS,
        [streaming(logs_delivered_at=ago(hours=25))],
        parameters={"max_age_hours": 48},
    ),
    Case("has an error", FAIL, [streaming(logs_error="AccessDenied")], message="AccessDenied"),
    Case(
        "has just been started",
        PASS,
        [streaming(logs_delivered_at=None, started_at=ago(hours=24))],
    ),
    Case("never streamed since it was started", FAIL, [streaming(logs_delivered_at=None)]),
    Case(
        "is stopped since the day before yesterday",
        FAIL,
        [streaming(is_logging=False, logs_delivered_at=ago(days=2))],
    ),
    Case(
        "a data store is accepted in its place",
        NOT_APPLICABLE,
        [trail()],
        parameters={"accept_lake": True},
        message="event data store",
    ),
    Case("is judged at its home", NOT_APPLICABLE, [trail(is_shadow=True)], message="judged in"),
]

TOPIC = "arn:aws:sns:eu-west-1:111111111111:new-files"

DELIVERY_NOTIFIED = [
    Case("tells a topic", PASS, [trail(topic_arn=TOPIC)], message=TOPIC),
    Case("tells nobody", FAIL, [trail()], message="no topic"),
    Case(
        "the consumer is told by the bucket",
        NOT_APPLICABLE,
        [trail()],
        parameters={"consumer": "log pipeline"},
        message="log pipeline",
    ),
    Case("no consumer is named", FAIL, [trail()], parameters={"consumer": ""}),
    Case("the consumer is nobody", FAIL, [trail()], parameters={"consumer": "none"}),
    Case("is judged at its home", NOT_APPLICABLE, [trail(is_shadow=True)], message="judged in"),
]

TABLE = {
    "cloudtrail_s3_delivery_healthy": S3_DELIVERY,
    "cloudtrail_cloudwatch_logs_integrated": LOGS_INTEGRATED,
    "cloudtrail_delivery_notified": DELIVERY_NOTIFIED,
}


def test_outcomes():
    assert_outcomes(TABLE)
