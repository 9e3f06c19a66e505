"""Config rules."""

from datetime import timedelta

import pytest

from findings.facts.base import GapReason
from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors.config_rules import config_rules, parse_config_rule

SOURCE = {"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_VERSIONING_ENABLED"}
MINIMAL = {"ConfigRuleName": "versioned", "Source": SOURCE}
SCHEDULED = {"EventSource": "aws.config", "MessageType": "ScheduledNotification"}
CHANGED = {"EventSource": "aws.config", "MessageType": "ConfigurationItemChangeNotification"}


def parsed(status=None, **fields):
    return parse_config_rule(MINIMAL | fields, status or {})


def test_nothing_is_invented_for_what_a_rule_does_not_say():
    rule = parsed()
    assert (rule.state, rule.created_by, rule.period, rule.activated_at) == (None,) * 4
    assert (rule.evaluated_at, rule.failed_at, rule.error_code, rule.was_evaluated) == (None,) * 4
    assert (rule.resource_types, rule.tag_keys) == ((), ())


@pytest.mark.parametrize(
    ("fields", "period"),
    [
        ({"MaximumExecutionFrequency": "Six_Hours"}, "Six_Hours"),
        ({"Source": SOURCE | {"SourceDetails": [CHANGED]}}, None),
        ({"Source": SOURCE | {"SourceDetails": [CHANGED, SCHEDULED]}}, "TwentyFour_Hours"),
        (
            {
                "Source": SOURCE
                | {"SourceDetails": [SCHEDULED | {"MaximumExecutionFrequency": "One_Hour"}]}
            },
            "One_Hour",
        ),
    ],
)
def test_only_rules_that_config_starts_have_a_period(fields, period):
    assert parsed(**fields).period == period


def test_the_later_of_two_failures_counts():
    status = {
        "LastFailedInvocationTime": NOW - timedelta(hours=2),
        "LastFailedEvaluationTime": NOW - timedelta(hours=1),
        "LastSuccessfulEvaluationTime": NOW,
        "LastSuccessfulInvocationTime": NOW - timedelta(days=9),
        "LastErrorCode": "AccessDenied",
        "LastErrorMessage": "role/secret-name is not allowed",
        "FirstEvaluationStarted": True,
    }
    rule = parsed(status)
    assert (rule.failed_at, rule.evaluated_at) == (NOW - timedelta(hours=1), NOW)
    assert (rule.error_code, rule.was_evaluated) == ("AccessDenied", True)
    assert "secret-name" not in repr(rule)


@pytest.mark.parametrize(
    ("source", "given", "keys"),
    [
        ("REQUIRED_TAGS", '{"tag1Key": "Owner", "tag2Key": "Team", "tag1Value": "x"}', 2),
        ("REQUIRED_TAGS", "not json", 0),
        ("REQUIRED_TAGS", None, 0),
        ("OTHER", '{"tag1Key": "Owner"}', 0),
    ],
)
def test_keys_are_read_of_rules_that_require_tags(source, given, keys):
    fields = {"Source": {"Owner": "AWS", "SourceIdentifier": source}, "InputParameters": given}
    assert len(parsed(**fields).tag_keys) == keys


def session_with(*states):
    session = StubbedSession()
    session.answer("config", "describe_config_rules", {"ConfigRules": [MINIMAL]})
    found = {"ConfigRulesEvaluationStatus": list(states)}
    session.answer("config", "describe_config_rule_evaluation_status", found)
    return session


def test_the_state_of_a_rule_is_found_by_its_name():
    other = {"ConfigRuleName": "other", "LastErrorCode": "E"}
    (rule,) = config_rules(session_with(other, {"ConfigRuleName": "versioned"}))
    assert rule.error_code is None


def test_a_rule_without_a_state_is_not_known_to_be_well():
    (rule,) = config_rules(session_with())
    assert rule.gaps["error_code"].reason is GapReason.NOT_SUPPLIED
    assert rule.name == "versioned"


def test_refused_states_leave_the_rules_known():
    session = StubbedSession()
    session.answer("config", "describe_config_rules", {"ConfigRules": [MINIMAL]})
    session.refuse("config", "describe_config_rule_evaluation_status", "AccessDeniedException")
    (rule,) = config_rules(session)
    assert set(rule.gaps) == {
        "activated_at",
        "evaluated_at",
        "failed_at",
        "error_code",
        "was_evaluated",
    }


def test_no_state_is_asked_for_where_there_are_no_rules():
    session = StubbedSession()
    session.answer("config", "describe_config_rules", {"ConfigRules": []})
    assert list(config_rules(session)) == []
