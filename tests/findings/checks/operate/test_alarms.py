from findings.facts.base import Gap, GapReason
from findings.facts.cloudwatch import AnomalyDetector
from tests.findings.checks.builders_cloudwatch import alarm
from tests.findings.checks.builders_events import TOPIC
from tests.findings.checks.cases import (
    ACCOUNT,
    FAIL,
    NOT_APPLICABLE,
    PASS,
    REGION,
    UNKNOWN,
    Case,
    ago,
    assert_outcomes,
)

SCALING = f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:scalingPolicy:1:autoScalingGroupName/a"
NOT_TOLD = Gap(kind="cloudwatch.alarm", reason=GapReason.ACCESS_DENIED)


def in_alarm(**fields):
    return alarm(state="ALARM", **fields)


NOT_STUCK = [
    Case("is OK", PASS, [alarm(state_transitioned_at=ago(days=90))]),
    Case(
        "has no data", PASS, [alarm(state="INSUFFICIENT_DATA", state_transitioned_at=ago(days=90))]
    ),
    Case(
        "in ALARM at the limit",
        PASS,
        [in_alarm(state_transitioned_at=ago(days=3))],
        message="in ALARM since 2026-06-12 12:00 UTC",
    ),
    Case("a second longer", FAIL, [in_alarm(state_transitioned_at=ago(days=3, seconds=1))]),
    Case(
        "of a composite alarm",
        FAIL,
        [in_alarm(type="composite", state_transitioned_at=ago(days=4))],
    ),
    Case(
        "updates do not count",
        FAIL,
        [in_alarm(state_updated_at=ago(hours=1), state_transitioned_at=ago(days=4))],
    ),
    Case(
        "only tells of updates",
        PASS,
        [in_alarm(state_updated_at=ago(days=2), state_transitioned_at=None)],
    ),
    Case(
        "was last updated too long ago",
        FAIL,
        [in_alarm(state_updated_at=ago(days=4), state_transitioned_at=None)],
    ),
    Case(
        "does not say since when",
        UNKNOWN,
        [in_alarm(state_updated_at=None, state_transitioned_at=None)],
    ),
    Case("does not say its state", UNKNOWN, [alarm(state=None)]),
    Case("only scales", NOT_APPLICABLE, [in_alarm(alarm_actions=(SCALING,))], message="scaling"),
    Case(
        "may stay for a week",
        PASS,
        [in_alarm(state_transitioned_at=ago(days=7))],
        parameters={"max_age_days": 7},
    ),
]


def described(text):
    return alarm(description=text)


LINKS_RUNBOOK = [
    Case("a web page", PASS, [described("See https://wiki.example.com/orders")]),
    Case("an inner web page", PASS, [described("http://wiki/orders")]),
    Case("a document", PASS, [described(f"arn:aws:ssm:{REGION}:{ACCOUNT}:document/restart")]),
    Case("a document in China", PASS, [described("arn:aws-cn:ssm:cn-north-1::document/a")]),
    Case("an entry of the portal", PASS, [described("runbook: restart-orders")]),
    Case("describes nothing", FAIL, [alarm()], message="names no runbook"),
    Case("an empty description", FAIL, [described("")]),
    Case("only words", FAIL, [described("Orders fail. Ask Ana.")]),
    Case("another ARN", FAIL, [described(TOPIC)]),
    Case("only scales", NOT_APPLICABLE, [alarm(alarm_actions=(SCALING,))], message="scaling"),
    Case(
        "is a child",
        NOT_APPLICABLE,
        [alarm(), alarm("shop", type="composite", children=("shop-5xx",))],
        message="a composite alarm is made of it",
    ),
    Case(
        "is no child of the composite alarm",
        FAIL,
        [alarm(), alarm("shop", type="composite", children=("orders-5xx",))],
    ),
    Case(
        "whether it is a child is not known",
        UNKNOWN,
        [alarm(), alarm("shop", type="composite", children=NOT_TOLD)],
    ),
    Case(
        "names of runbooks have a pattern",
        PASS,
        [described("RB-12")],
        parameters={"runbook_pattern": r"RB-\d+"},
    ),
]


def metric_alarms(count, **fields):
    return [alarm(f"worker-{number:02}", **fields) for number in range(count)]


def composite(**fields):
    return alarm("workers", type="composite", children=("worker-00",), **fields)


COMPOSITES_USED = [
    Case("one paging for many", PASS, [*metric_alarms(26), composite()], message="1 composite"),
    Case("many page", FAIL, metric_alarms(26), message="26 metric alarms and 0 composite alarms"),
    Case("the composite is silent", FAIL, [*metric_alarms(26), composite(alarm_actions=())]),
    Case("as many as may", NOT_APPLICABLE, metric_alarms(25), message="25 metric alarms"),
    Case("none", NOT_APPLICABLE),
    Case("silent ones do not count", NOT_APPLICABLE, metric_alarms(26, alarm_actions=())),
    Case(
        "those that scale do not count", NOT_APPLICABLE, metric_alarms(26, alarm_actions=(SCALING,))
    ),
    Case("alarms of logs do not count", NOT_APPLICABLE, metric_alarms(26, type="log")),
    Case(
        "alarms of logs group nothing",
        FAIL,
        [*metric_alarms(26), alarm("logs", type="log")],
    ),
    Case(
        "whether they act is not known",
        UNKNOWN,
        [*metric_alarms(25), alarm(alarm_actions=NOT_TOLD)],
    ),
    Case("fewer are many", FAIL, metric_alarms(2), parameters={"alarm_threshold": 1}),
]


def model(state="TRAINED", subject="AWS/SQS NumberOfMessagesSent Sum"):
    return AnomalyDetector(subject=subject, state=state)


BAND = {"threshold_metric_id": "band"}
ANOMALIES = [
    Case("an alarm on a band", PASS, [*metric_alarms(24), alarm(**BAND)]),
    Case("a trained model", PASS, [*metric_alarms(25), model()]),
    Case("nothing of the kind", FAIL, metric_alarms(25), message="alarm on an anomaly band"),
    Case("a model that learns", FAIL, [*metric_alarms(25), model("PENDING_TRAINING")]),
    Case(
        "a model that cannot learn", FAIL, [*metric_alarms(25), model("TRAINED_INSUFFICIENT_DATA")]
    ),
    Case("a model that says nothing", FAIL, [*metric_alarms(25), model(None)]),
    Case("few alarms", NOT_APPLICABLE, metric_alarms(24), message="24 alarms"),
    Case("alarms of all types count", FAIL, [*metric_alarms(24), composite()]),
    Case(
        "models were denied",
        UNKNOWN,
        metric_alarms(25),
        gaps=[Gap(kind=AnomalyDetector.kind, reason=GapReason.ACCESS_DENIED)],
    ),
    Case(
        "models were denied, and do not matter",
        PASS,
        [*metric_alarms(24), alarm(**BAND)],
        gaps=[Gap(kind=AnomalyDetector.kind, reason=GapReason.ACCESS_DENIED)],
    ),
    Case("fewer are many", FAIL, metric_alarms(1), parameters={"alarm_threshold": 1}),
    Case("no alarm is none", NOT_APPLICABLE, [model()], parameters={"alarm_threshold": 0}),
]

TABLE = {
    "cloudwatch_alarm_not_stuck": NOT_STUCK,
    "cloudwatch_alarm_links_runbook": LINKS_RUNBOOK,
    "cloudwatch_composite_alarms_used": COMPOSITES_USED,
    "cloudwatch_anomaly_detection_used": ANOMALIES,
}


def test_outcomes():
    assert_outcomes(TABLE)
