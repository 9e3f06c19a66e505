"""Topics and whether anybody listens."""

import pytest

from findings.facts.base import GapReason
from tests.workers.collectors.stubbed import StubbedSession
from workers.collectors.sns import parse_topic, topics

ARN = "arn:aws:sns:eu-west-1:111111111111:on-call"


@pytest.fixture
def session():
    session = StubbedSession()
    session.answer("sns", "list_topics", {"Topics": [{"TopicArn": ARN}]})
    yield session
    session.assert_all_asked()


def subscription(arn, protocol="email"):
    return {"SubscriptionArn": arn, "Protocol": protocol, "Endpoint": "me@example.com"}


def page(session, *subscriptions, token=None, **asked):
    answer = {"Subscriptions": list(subscriptions)} | ({"NextToken": token} if token else {})
    session.answer("sns", "list_subscriptions_by_topic", answer, TopicArn=ARN, **asked)


def attributes(session, **given):
    session.answer("sns", "get_topic_attributes", {"Attributes": given}, TopicArn=ARN)


def test_all_pages_of_subscriptions_are_read(session):
    page(session, subscription("PendingConfirmation"), token="t")
    page(session, subscription(f"{ARN}:1", "sqs"), NextToken="t")
    attributes(session)
    (topic,) = topics(session)
    assert {(s.protocol, s.is_confirmed) for s in topic.subscriptions} == {
        ("email", False),
        ("sqs", True),
    }


def test_denied_subscriptions_cost_only_themselves(session):
    session.refuse("sns", "list_subscriptions_by_topic", "AccessDeniedException")
    attributes(session)
    (topic,) = topics(session)
    assert topic.gaps["subscriptions"].reason is GapReason.ACCESS_DENIED


def test_a_topic_that_was_deleted_meanwhile_is_left_out(session):
    session.refuse("sns", "list_subscriptions_by_topic", "NotFound")
    assert list(topics(session)) == []


@pytest.mark.parametrize("arn", ["PendingConfirmation", "Deleted"])
def test_what_AWS_writes_in_place_of_an_arn_is_not_confirmed(arn):
    topic = parse_topic({"TopicArn": ARN}, {"Subscriptions": [subscription(arn)]}, {})
    assert [s.is_confirmed for s in topic.subscriptions] == [False]


def test_who_is_subscribed_is_not_kept():
    topic = parse_topic({"TopicArn": ARN}, {"Subscriptions": [subscription(f"{ARN}:1")]}, {})
    assert "example.com" not in repr(topic)


def test_denied_attributes_cost_only_themselves(session):
    page(session, subscription(f"{ARN}:1"))
    session.refuse("sns", "get_topic_attributes", "AccessDeniedException")
    (topic,) = topics(session)
    assert topic.gaps.keys() == {"logged_deliveries", "tracing"}
    assert topic.gaps["tracing"].reason is GapReason.ACCESS_DENIED
    assert len(topic.subscriptions) == 1


def test_a_delivery_is_logged_with_either_role():
    given = {
        "SQSFailureFeedbackRoleArn": "arn:role",
        "HTTPSuccessFeedbackRoleArn": "arn:role",
        "HTTPFailureFeedbackRoleArn": "arn:role",
        "LambdaSuccessFeedbackRoleArn": "",
        "FirehoseSuccessFeedbackSampleRate": "100",
        "Policy": "{}",
    }
    topic = parse_topic({"TopicArn": ARN}, {}, {"Attributes": given})
    assert topic.logged_deliveries == ("HTTP", "SQS")


@pytest.mark.parametrize(
    ("given", "expected"),
    [({"TracingConfig": "Active"}, "Active"), ({"DisplayName": ""}, None)],
)
def test_tracing_that_was_never_set_is_none(given, expected):
    topic = parse_topic({"TopicArn": ARN}, {}, {"Attributes": given})
    assert (topic.tracing, topic.gaps) == (expected, {})


def test_an_answer_without_attributes_leaves_them_unknown():
    topic = parse_topic({"TopicArn": ARN}, {}, {})
    assert topic.gaps.keys() == {"logged_deliveries", "tracing"}
