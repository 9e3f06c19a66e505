import pytest

from simulator.facets.topics import put_topic

MEMBER = "100000000003"


@pytest.fixture
def place(default):
    place = default.world.place(MEMBER, "eu-west-1")
    place.records.clear()
    return place


@pytest.fixture
def client(default):
    return default.member("sns", MEMBER, "eu-west-1")


def test_topics_come_in_pages(client, place):
    arns = [put_topic(place, f"t{number}") for number in range(3)]
    pages = client.get_paginator("list_topics").paginate()
    assert [topic["TopicArn"] for page in pages for topic in page["Topics"]] == arns


def test_subscriptions_are_confirmed_or_pending(client, place):
    arn = put_topic(place, "t", confirmed=1, pending=2)
    pages = client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=arn)
    found = [s["SubscriptionArn"] for page in pages for s in page["Subscriptions"]]
    assert found == [f"{arn}:0", "PendingConfirmation", "PendingConfirmation"]


def test_a_topic_that_does_not_exist_is_not_found(client, place):
    with pytest.raises(client.exceptions.NotFoundException):
        client.list_subscriptions_by_topic(TopicArn=place.arn("sns", "gone"))


def test_tracing_that_was_never_set_is_left_out(client, place):
    arn = put_topic(place, "t")
    assert "TracingConfig" not in client.get_topic_attributes(TopicArn=arn)["Attributes"]
    place.all("sns.topics")[0]["_tracing"] = "Active"
    found = client.get_topic_attributes(TopicArn=arn)["Attributes"]
    assert (found["TracingConfig"], found["TopicArn"]) == ("Active", arn)


def test_attributes_of_a_topic_that_does_not_exist_are_not_found(client, place):
    with pytest.raises(client.exceptions.NotFoundException):
        client.get_topic_attributes(TopicArn=place.arn("sns", "gone"))
