"""Rules of all buses and their targets."""

import pytest

from findings.facts.base import GapReason
from tests.workers.collectors.stubbed import StubbedSession
from workers.collectors.events import parse_rule, rules

ARN = "arn:aws:events:eu-west-1:111111111111:rule/on-event"
RULE = {"Name": "on-event", "Arn": ARN, "State": "ENABLED", "EventBusName": "default"}
TARGET = {"Id": "1", "Arn": "arn:aws:lambda:eu-west-1:111111111111:function:restart"}


@pytest.fixture
def session():
    session = StubbedSession()
    yield session
    session.assert_all_asked()


def buses(session, *names, token=None, **asked):
    answer = {"EventBuses": [{"Name": name, "Arn": f"arn:{name}"} for name in names]}
    session.answer(
        "events", "list_event_buses", answer | ({"NextToken": token} if token else {}), **asked
    )


def listing(session, *found, bus="default"):
    session.answer("events", "list_rules", {"Rules": list(found)}, EventBusName=bus)


def targets(session, *found, bus="default", token=None, **asked):
    answer = {"Targets": list(found)} | ({"NextToken": token} if token else {})
    session.answer(
        "events", "list_targets_by_rule", answer, Rule="on-event", EventBusName=bus, **asked
    )


def test_the_rules_of_all_buses_are_read(session):
    buses(session, "default", token="t")
    buses(session, "orders", NextToken="t")
    listing(session)
    listing(session, RULE | {"EventBusName": "orders"}, bus="orders")
    targets(session, TARGET, bus="orders")
    (rule,) = rules(session)
    assert rule.key == "orders/on-event"


def test_all_pages_of_targets_are_read(session):
    buses(session, "default")
    listing(session, RULE)
    targets(session, TARGET | {"Id": "2"}, token="t")
    targets(session, TARGET, NextToken="t")
    (rule,) = rules(session)
    assert [target.id for target in rule.targets] == ["1", "2"]


def test_a_disabled_rule_is_not_asked_for_its_targets(session):
    buses(session, "default")
    listing(session, RULE | {"State": "DISABLED"})
    (rule,) = rules(session)
    assert rule.gaps["targets"].reason is GapReason.NOT_SUPPLIED


def test_denied_targets_cost_only_themselves(session):
    buses(session, "default")
    listing(session, RULE)
    session.refuse("events", "list_targets_by_rule", "AccessDeniedException")
    (rule,) = rules(session)
    assert rule.gaps["targets"].reason is GapReason.ACCESS_DENIED


def test_a_rule_that_was_deleted_meanwhile_is_left_out(session):
    buses(session, "default")
    listing(session, RULE)
    session.refuse("events", "list_targets_by_rule", "ResourceNotFoundException")
    assert list(rules(session)) == []


def test_what_a_rule_does_not_say_is_absent():
    rule = parse_rule({"Name": "on-event", "Arn": ARN}, {"Targets": [TARGET]})
    assert (rule.bus, rule.pattern, rule.schedule, rule.managed_by) == ("default", None, None, None)
    assert not rule.is_enabled
    assert rule.targets[0].dead_letter_arn is None


def test_what_a_rule_says_is_kept_but_not_what_it_sends():
    target = TARGET | {"DeadLetterConfig": {"Arn": "arn:queue"}, "Input": "a secret"}
    raw = RULE | {"EventPattern": '{"source": ["aws.ec2"]}', "ManagedBy": "x.amazonaws.com"}
    rule = parse_rule(raw, {"Targets": [target]})
    assert (rule.pattern, rule.managed_by) == ('{"source": ["aws.ec2"]}', "x.amazonaws.com")
    assert rule.targets[0].dead_letter_arn == "arn:queue"
    assert "a secret" not in repr(rule)
