"""Amazon SNS: topics, in `sns.topics`, with `_subscriptions`, `_tracing`, `_attributes`."""

from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation

BAD_TOKEN = "InvalidParameter"  # noqa: S105 - the name of an error


@operation("sns", "ListTopics")
def list_topics(call: Call) -> dict[str, Any]:
    return call.page(call.place.all("sns.topics"), "Topics", size=2, bad_token=BAD_TOKEN)


@operation("sns", "ListSubscriptionsByTopic")
def list_subscriptions_by_topic(call: Call) -> dict[str, Any]:
    subscriptions = _topic(call).get("_subscriptions", [])
    return call.page(subscriptions, "Subscriptions", size=2, bad_token=BAD_TOKEN)


@operation("sns", "GetTopicAttributes")
def get_topic_attributes(call: Call) -> dict[str, Any]:
    """What was never set is left out."""
    topic = _topic(call)
    given = {"TopicArn": topic["TopicArn"], "Owner": call.account.id, "DisplayName": ""}
    tracing = {"TracingConfig": topic["_tracing"]} if topic.get("_tracing") else {}
    return {"Attributes": given | tracing | topic.get("_attributes", {})}


def _topic(call: Call) -> dict[str, Any]:
    topic = call.place.find("sns.topics", TopicArn=call.parameters["TopicArn"])
    if topic is None:
        raise AwsError("NotFoundException", "Topic does not exist")
    return topic
