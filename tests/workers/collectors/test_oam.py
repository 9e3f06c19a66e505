"""Links to monitoring accounts, and sinks with what is attached to them."""

import pytest

from findings.facts.base import GapReason
from findings.facts.oam import AttachedLink
from tests.workers.collectors.stubbed import StubbedSession
from workers.collectors.oam import links, parse_sink, sinks

SINK = "arn:aws:oam:eu-west-1:111111111111:sink/1"
THEIRS = "arn:aws:oam:eu-west-1:{}:link/1"


@pytest.fixture
def session():
    session = StubbedSession()
    yield session
    session.assert_all_asked()


def listed(session):
    session.answer("oam", "list_sinks", {"Items": [{"Name": "monitoring", "Arn": SINK}]})


def attached(session, *items, token=None, **asked):
    answer = {"Items": list(items)} | ({"NextToken": token} if token else {})
    session.answer("oam", "list_attached_links", answer, SinkIdentifier=SINK, **asked)


def test_links_are_known_by_their_sink(session):
    types = ["AWS::XRay::Trace", "AWS::CloudWatch::Metric"]
    answer = {"Items": [{"SinkArn": SINK, "ResourceTypes": types}, {"SinkArn": "arn:2"}]}
    session.answer("oam", "list_links", answer)
    found = [(link.key, link.resource_types) for link in links(session)]
    assert found == [(SINK, ("AWS::CloudWatch::Metric", "AWS::XRay::Trace")), ("arn:2", ())]


def test_all_pages_of_attached_links_are_read(session):
    listed(session)
    attached(session, {"LinkArn": THEIRS.format("333333333333")}, token="t")
    attached(
        session,
        {"LinkArn": THEIRS.format("222222222222"), "ResourceTypes": ["AWS::XRay::Trace"]},
        NextToken="t",
    )
    (sink,) = sinks(session)
    assert sink.links == (
        AttachedLink(account="222222222222", resource_types=("AWS::XRay::Trace",)),
        AttachedLink(account="333333333333", resource_types=()),
    )


def test_denied_links_cost_only_themselves(session):
    listed(session)
    session.refuse("oam", "list_attached_links", "AccessDeniedException")
    (sink,) = sinks(session)
    assert (sink.key, sink.gaps["links"].reason) == ("monitoring", GapReason.ACCESS_DENIED)


def test_a_sink_that_was_deleted_meanwhile_is_left_out(session):
    listed(session)
    session.refuse("oam", "list_attached_links", "ResourceNotFoundException")
    assert list(sinks(session)) == []


def test_a_link_that_does_not_say_whose_it_is_is_left_out():
    sink = parse_sink({"Name": "monitoring", "Arn": SINK}, {"Items": [{"Label": "shop"}]})
    assert sink.links == ()
