"""Topics and whether anybody listens."""

import pytest

from findings.facts.base import GapReason
from tests.workers.collectors.stubbed import StubbedSession
from workers.collectors.sns import parse_topic, topics, with_attributes

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


def test_all_pages_of_subscriptions_are_read(session):
    page(session, subscription("PendingConfirmation"), token="t")
    page(session, subscription(f"{ARN}:1", "sqs"), NextToken="t")
    tracing(session, {})
    (topic,) = topics(session)
    assert {(s.protocol, s.is_confirmed) for s in topic.subscriptions} == {
        ("email", False),
        ("sqs", True),
    }


def test_denied_subscriptions_cost_only_themselves(session):
    session.refuse("sns", "list_subscriptions_by_topic", "AccessDeniedException")
    (topic,) = topics(session)
    assert topic.gaps["subscriptions"].reason is GapReason.ACCESS_DENIED


def test_a_topic_that_was_deleted_meanwhile_is_left_out(session):
    session.refuse("sns", "list_subscriptions_by_topic", "NotFound")
    assert list(topics(session)) == []


def tracing(session, attributes):
    session.answer("sns", "get_topic_attributes", {"Attributes": attributes}, TopicArn=ARN)


@pytest.mark.parametrize("protocol", ["lambda", "sqs", "http", "https", "firehose"])
def test_tracing_is_asked_for_where_a_trace_can_be_followed(session, protocol):
    page(session, subscription(f"{ARN}:1", protocol))
    tracing(session, {"TracingConfig": "Active"})
    (topic,) = topics(session)
    assert topic.tracing == "Active"


def test_tracing_that_was_never_set_is_none(session):
    page(session, subscription(f"{ARN}:1", "sqs"))
    tracing(session, {"DisplayName": ""})
    (topic,) = topics(session)
    assert (topic.tracing, topic.gaps) == (None, {})


def test_an_answer_without_attributes_leaves_them_unknown(session):
    page(session, subscription(f"{ARN}:1", "sqs"))
    session.answer("sns", "get_topic_attributes", {})
    (topic,) = topics(session)
    assert topic.gaps.keys() == {"tracing", "logged_deliveries"}


def test_denied_attributes_cost_only_themselves(session):
    page(session, subscription(f"{ARN}:1", "sqs"))
    session.refuse("sns", "get_topic_attributes", "AccessDeniedException")
    (topic,) = topics(session)
    assert topic.gaps["tracing"].reason is GapReason.ACCESS_DENIED
    assert topic.gaps["logged_deliveries"].reason is GapReason.ACCESS_DENIED
    assert len(topic.subscriptions) == 1


def test_tracing_of_other_topics_is_not_asked_for(session):
    page(session, subscription(f"{ARN}:1"), subscription("PendingConfirmation", "https"))
    (topic,) = topics(session)
    assert topic.tracing is None


def test_deliveries_to_applications_may_be_logged(session):
    page(session, subscription(f"{ARN}:1", "application"))
    tracing(session, {"ApplicationFailureFeedbackRoleArn": "arn:role"})
    (topic,) = topics(session)
    assert topic.logged_deliveries == ("Application",)


@pytest.mark.parametrize("arn", ["PendingConfirmation", "Deleted"])
def test_what_AWS_writes_in_place_of_an_arn_is_not_confirmed(arn):
    topic = parse_topic({"TopicArn": ARN}, {"Subscriptions": [subscription(arn)]})
    assert [s.is_confirmed for s in topic.subscriptions] == [False]


def test_who_is_subscribed_is_not_kept():
    topic = parse_topic({"TopicArn": ARN}, {"Subscriptions": [subscription(f"{ARN}:1")]})
    assert "example.com" not in repr(topic)


def test_a_delivery_is_logged_with_either_role():
    given = {
        "SQSFailureFeedbackRoleArn": "arn:role",
        "HTTPSuccessFeedbackRoleArn": "arn:role",
        "HTTPFailureFeedbackRoleArn": "arn:role",
        "LambdaSuccessFeedbackRoleArn": "",
        "FirehoseSuccessFeedbackSampleRate": "100",
        "Policy": "{}",
    }
    topic = with_attributes(parse_topic({"TopicArn": ARN}, {}), {"Attributes": given})
    assert topic.logged_deliveries == ("HTTP", "SQS")
