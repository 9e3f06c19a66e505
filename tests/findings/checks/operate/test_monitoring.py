from findings.facts.base import Gap, GapReason, Place
from tests.findings.checks.builders_cloudformation import stack
from tests.findings.checks.builders_cloudwatch import alarm
from tests.findings.checks.builders_codedeploy import deployment_group
from tests.findings.checks.builders_events import TOPIC
from tests.findings.checks.builders_logs import log_group
from tests.findings.checks.builders_sns import topic
from tests.findings.checks.cases import (
    ACCOUNT,
    FAIL,
    NOT_APPLICABLE,
    OTHER,
    PASS,
    REGION,
    UNKNOWN,
    Case,
    ago,
    assert_outcomes,
)

SCALING = f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:scalingPolicy:1:autoScalingGroupName/a"
APPLICATION_SCALING = SCALING.replace("autoscaling", "application-autoscaling", 1)
STOP = f"arn:aws:automate:{REGION}:ec2:stop"


def silent(name="shop-5xx", **fields):
    return alarm(name, **{"alarm_actions": ()} | fields)


def composite(name, *children, **fields):
    return alarm(name, type="composite", children=children, **fields)


ACTIONS_CONFIGURED = [
    Case("notifies a topic", PASS, [alarm()], message="1 actions"),
    Case("stops an instance", PASS, [alarm(alarm_actions=(STOP,))]),
    Case("notifies and scales", PASS, [alarm(alarm_actions=(TOPIC, SCALING))]),
    Case("does nothing", FAIL, [silent()], message="nothing happens"),
    Case("acts on recovery only", FAIL, [silent(ok_actions=(TOPIC,))]),
    Case("a silent composite", FAIL, [silent(type="composite")]),
    Case("a silent log alarm", FAIL, [silent(type="log")]),
    Case("only scales", NOT_APPLICABLE, [alarm(alarm_actions=(SCALING,))], message="scaling"),
    Case("only scales a table", NOT_APPLICABLE, [alarm(alarm_actions=(APPLICATION_SCALING,))]),
    Case(
        "is a child of a composite alarm with actions",
        NOT_APPLICABLE,
        [silent(), composite("shop", "shop-5xx")],
        message="composite",
    ),
    Case(
        "is a grandchild of one",
        NOT_APPLICABLE,
        [silent(), silent("tier", children=("shop-5xx",)), composite("shop", "tier")],
    ),
    Case("is a child of a silent one", FAIL, [silent(), silent("shop", children=("shop-5xx",))]),
    Case("another one has a child", FAIL, [silent(), composite("shop", "orders-5xx")]),
    Case(
        "two silent ones refer to each other",
        FAIL,
        [silent(children=("shop",)), silent("shop", children=("shop-5xx",))],
    ),
    Case(
        "parents do not count here",
        FAIL,
        [silent(), composite("shop", "shop-5xx")],
        parameters={"accept_composite_parent": False},
    ),
    Case(
        "stops deployments",
        NOT_APPLICABLE,
        [silent(), deployment_group()],
        message="guards deployments",
    ),
    Case(
        "would stop deployments, if alarms were in use",
        FAIL,
        [silent(), deployment_group(are_alarms_enabled=False)],
    ),
    Case("another alarm stops deployments", FAIL, [silent("orders-5xx"), deployment_group()]),
    Case(
        "rolls a stack back",
        NOT_APPLICABLE,
        [silent(), stack(rollback_triggers=(silent().arn,))],
    ),
    Case("another alarm rolls a stack back", FAIL, [silent(), stack(rollback_triggers=(TOPIC,))]),
    Case(
        "who uses it is not known",
        UNKNOWN,
        [silent()],
        gaps=[Gap(kind="codedeploy.deployment_group", reason=GapReason.ACCESS_DENIED)],
    ),
    Case(
        "acts, and who uses it does not matter",
        PASS,
        [alarm()],
        gaps=[Gap(kind="codedeploy.deployment_group", reason=GapReason.ACCESS_DENIED)],
    ),
]


def suppressed(by="Alarm", **fields):
    given = {"state": "ALARM", "suppressor": "deploying", "actions_suppressed_by": by}
    return composite("shop", "shop-5xx", **(given | fields))


def suppressor(since, name="deploying"):
    return silent(name, state="ALARM", state_transitioned_at=since)


ACTIONS_ENABLED = [
    Case("are enabled", PASS, [alarm()]),
    Case("are disabled", FAIL, [alarm(actions_enabled=False)], message="actions enabled"),
    Case("has an idle suppressor", PASS, [suppressed(by=None)]),
    Case(
        "is held back at the limit",
        PASS,
        [suppressed(), suppressor(ago(hours=24))],
    ),
    Case(
        "is held back a second longer",
        FAIL,
        [suppressed(), suppressor(ago(hours=24, seconds=1))],
        message="deploying holds its actions back since 2026-06-14 11:59 UTC",
    ),
    Case(
        "is held back for longer than is allowed here",
        FAIL,
        [suppressed(), suppressor(ago(hours=2))],
        parameters={"max_hours": 1},
    ),
    Case(
        "its suppressor waits for days, but itself it went into ALARM today",
        PASS,
        [suppressed(state_transitioned_at=ago(hours=1)), suppressor(ago(days=9))],
    ),
    Case(
        "another alarm went into ALARM today",
        FAIL,
        [suppressed(), suppressor(ago(days=9)), suppressor(ago(hours=1), "other")],
    ),
    Case("its suppressor is gone", FAIL, [suppressed()]),
    Case("waits for its suppressor", PASS, [suppressed(by="WaitPeriod")]),
    Case("waits after its suppressor", PASS, [suppressed(by="ExtensionPeriod")]),
    Case("is held back in a new way", FAIL, [suppressed(by="Whim")]),
    Case(
        "is held back since nobody knows when",
        UNKNOWN,
        [suppressed(state_transitioned_at=None, state_updated_at=None)],
    ),
]

THEIRS = f"arn:aws:sns:{REGION}:{OTHER}:alerts"
THEIR_PLACE = Place(OTHER, REGION)

TARGET_REACHABLE = [
    Case("somebody listens", PASS, [alarm(), topic()], message=""),
    Case("nobody listens", FAIL, [alarm(), topic(confirmed=0)], message="0 confirmed"),
    Case("nobody has confirmed", FAIL, [alarm(), topic(confirmed=0, pending=2)]),
    Case("one has confirmed", PASS, [alarm(), topic(pending=2)]),
    Case(
        "fewer listen than are wanted",
        FAIL,
        [alarm(), topic(confirmed=1)],
        parameters={"min_subscriptions": 2},
    ),
    Case(
        "exactly as many listen as are wanted",
        PASS,
        [alarm(), topic(confirmed=2)],
        parameters={"min_subscriptions": 2},
    ),
    Case("the topic is gone", FAIL, [alarm(), topic("other")], message="does not exist"),
    Case(
        "one of two topics is gone",
        FAIL,
        [alarm(alarm_actions=(TOPIC, f"{TOPIC}-2")), topic()],
        message=f"{TOPIC}-2: the topic does not exist",
    ),
    Case(
        "another account owns the topic",
        PASS,
        [alarm(alarm_actions=(THEIRS,))],
        elsewhere={THEIR_PLACE: [topic("alerts", account=OTHER)]},
    ),
    Case(
        "nobody listens in the other account",
        FAIL,
        [alarm(alarm_actions=(THEIRS,)), topic("alerts")],
        elsewhere={THEIR_PLACE: [topic("alerts", account=OTHER, confirmed=0)]},
    ),
    Case(
        "the other account is not managed",
        UNKNOWN,
        [alarm(alarm_actions=(THEIRS,))],
    ),
    Case("stops an instance", NOT_APPLICABLE, [alarm(alarm_actions=(STOP,))], message="no topic"),
    Case("does nothing", NOT_APPLICABLE, [silent(), topic()]),
    Case("stops an instance and notifies", PASS, [alarm(alarm_actions=(STOP, TOPIC)), topic()]),
]


def blind(**fields):
    return alarm(**{"state": "INSUFFICIENT_DATA"} | fields)


INSUFFICIENT_DATA = [
    Case("is OK", PASS, [alarm(state_transitioned_at=ago(days=90))]),
    Case("is in ALARM", PASS, [alarm(state="ALARM", state_transitioned_at=ago(days=90))]),
    Case("lacks data at the limit", PASS, [blind(state_transitioned_at=ago(days=7))]),
    Case(
        "lacks data a second longer",
        FAIL,
        [blind(state_transitioned_at=ago(days=7, seconds=1))],
        message="INSUFFICIENT_DATA since 2026-06-08 11:59 UTC",
    ),
    Case(
        "lacks data for longer, and was only evaluated again lately",
        FAIL,
        [blind(state_transitioned_at=ago(days=30), state_updated_at=ago(hours=1))],
    ),
    Case(
        "tells only when its state was updated",
        FAIL,
        [blind(state_transitioned_at=None, state_updated_at=ago(days=8))],
    ),
    Case(
        "tells no time at all", UNKNOWN, [blind(state_transitioned_at=None, state_updated_at=None)]
    ),
    Case(
        "is in a state of the future",
        FAIL,
        [blind(state="DIZZY", state_transitioned_at=ago(days=8))],
    ),
    Case(
        "has more time here",
        PASS,
        [blind(state_transitioned_at=ago(days=8))],
        parameters={"max_age_days": 10},
    ),
    Case(
        "is as young as the limit",
        NOT_APPLICABLE,
        [blind(configured_at=ago(days=7), state_transitioned_at=ago(days=7))],
        message="2026-06-08",
    ),
    Case(
        "was young a second ago",
        PASS,
        [alarm(configured_at=ago(days=7, seconds=1))],
    ),
    Case("does not tell when it was made", PASS, [alarm(configured_at=None)]),
]

RETENTION = [
    Case("keeps 30 days", PASS, [log_group()], message="kept 30 days"),
    Case("keeps as much as allowed", PASS, [log_group(retention_days=400)]),
    Case("keeps more", FAIL, [log_group(retention_days=545)], message="kept 545 days"),
    Case(
        "keeps more than is allowed here",
        FAIL,
        [log_group(retention_days=90)],
        parameters={"max_days": 60},
    ),
    Case("keeps for ever", FAIL, [log_group(retention_days=None)], message="for ever"),
    Case(
        "an audit log keeps what it must",
        PASS,
        [log_group("/aws/cloudtrail/o", retention_days=365)],
    ),
    Case(
        "an audit log keeps long", PASS, [log_group("aws-cloudtrail-logs-1", retention_days=3653)]
    ),
    Case(
        "an audit log keeps too little",
        FAIL,
        [log_group("/aws/cloudtrail/o", retention_days=180)],
        message="audit log, kept 180 days",
    ),
    Case(
        "an audit log may keep less here",
        PASS,
        [log_group("/aws/cloudtrail/o", retention_days=180)],
        parameters={"min_days": 90},
    ),
    Case("an audit log keeps for ever", FAIL, [log_group("/aws/cloudtrail", retention_days=None)]),
    Case(
        "the name counts as an audit log's here",
        FAIL,
        [log_group("/audit/app")],
        parameters={"audit_prefixes": ["/audit/"]},
    ),
    Case(
        "the name is exempt here",
        NOT_APPLICABLE,
        [log_group("/lab/x", retention_days=None)],
        parameters={"exempt_prefixes": ["/lab/"]},
        message="exempt",
    ),
    Case(
        "is of class DELIVERY",
        NOT_APPLICABLE,
        [log_group(log_class="DELIVERY", retention_days=None)],
        message="DELIVERY keeps events for one day",
    ),
    Case(
        "is of class INFREQUENT_ACCESS",
        FAIL,
        [log_group(log_class="INFREQUENT_ACCESS", retention_days=None)],
    ),
    Case(
        "a policy decides",
        NOT_APPLICABLE,
        [log_group(retention_policy="one-year", retention_days=None)],
        message="one-year",
    ),
]

TABLE = {
    "cloudwatch_alarm_actions_configured": ACTIONS_CONFIGURED,
    "cloudwatch_alarm_actions_enabled": ACTIONS_ENABLED,
    "cloudwatch_alarm_target_reachable": TARGET_REACHABLE,
    "cloudwatch_alarm_insufficient_data_bounded": INSUFFICIENT_DATA,
    "cloudwatch_log_group_retention_set": RETENTION,
}


def test_outcomes():
    assert_outcomes(TABLE)
