"""Topics for alerts that more than people's mail receives, and whether deliveries are logged."""

from simulator.facets.alarms import put_alarm
from simulator.facets.base import RARELY, Facet, default_answers
from simulator.facets.production import in_production
from simulator.facets.topics import TOPICS, TRACED, put_topic
from simulator.operations.cloudwatch_alarms import ALARMS
from simulator.places import Place, Record

deliveries = Facet("sns.deliveries")

CHECK = "sns_delivery_status_logged"
ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
LOGGABLE = {
    "http": "HTTP",
    "https": "HTTP",
    "sqs": "SQS",
    "lambda": "Lambda",
    "firehose": "Firehose",
    "application": "Application",
}


@default_answers(TOPICS)
def answers(place: Place, topic: Record) -> None:
    arn = topic["TopicArn"]
    used = {
        LOGGABLE[one["Protocol"]]
        for one in topic["_subscriptions"]
        if one["Protocol"] in LOGGABLE and one["SubscriptionArn"].startswith("arn:")
    }
    roles = [
        name for name, value in topic.get("_attributes", {}).items() if "RoleArn" in name and value
    ]
    if not used or not _is_named(place, arn):
        place.expect(CHECK, "not_applicable", resource=arn)
    else:
        is_logged = any(role.startswith(tuple(used)) for role in roles)
        place.expect(CHECK, "pass" if is_logged else "fail", resource=arn)


def _is_named(place: Place, arn: str) -> bool:
    alarms = place.all(ALARMS)
    rules = [rule for rule in place.all("events.rules") if rule["State"] != "DISABLED"]
    by_alarm = any(arn in alarm.get(kind, ()) for alarm in alarms for kind in ACTIONS)
    return by_alarm or any(t["Arn"] == arn for rule in rules for t in rule.get("_targets", ()))


def _expect_untraced(place: Place, *topics: str) -> None:
    for topic in topics:
        place.expect(TRACED, in_production(place, "fail"), resource=topic)


def _role(place: Place) -> str:
    return f"arn:aws:iam::{place.account.id}:role/sns-delivery"


@deliveries.variant("none", characters={"ordinary": 3, "neglected": 3, "new": 4})
def none(place: Place) -> None:
    """Topics are for mail only."""


@deliveries.variant("logged", characters={"exemplary": 4, "locked_down": 3, "ordinary": 1})
def logged(place: Place) -> None:
    """Failures of one of two protocols; the other topic is for no alarm."""
    topic = put_topic(
        place, "pages", protocols=("https", "lambda"), HTTPFailureFeedbackRoleArn=_role(place)
    )
    put_alarm(place, "orders-pages", (topic,))
    _expect_untraced(place, topic, put_topic(place, "orders", protocols=("sqs",)))


@deliveries.variant("unlogged", characters={"neglected": 1, "ordinary": 1})
def unlogged(place: Place) -> None:
    """Of the one protocol whose deliveries are logged there is no subscription."""
    topic = put_topic(
        place,
        "pages",
        protocols=("sqs",),
        LambdaSuccessFeedbackRoleArn=_role(place),
        SQSFailureFeedbackRoleArn="",
    )
    put_alarm(place, "orders-pages", (topic,))
    _expect_untraced(place, topic)


@deliveries.variant("on_recovery", characters=RARELY)
def on_recovery(place: Place) -> None:
    topic = put_topic(place, "recovered", protocols=("application",))
    put_alarm(place, "orders-pages", OKActions=[topic])
