"""Remediations of Config rules, and their executions."""

import pytest

from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors.config_remediation import (
    parse_remediation,
    parse_remediation_history,
    remediation_histories,
    remediations,
)

RULE = {"ConfigRuleName": "versioned", "Source": {"Owner": "AWS", "SourceIdentifier": "S3_V"}}
REMEDIATION = {"ConfigRuleName": "versioned", "TargetType": "SSM_DOCUMENT", "TargetId": "AWS-X"}


def test_a_remediation_waits_for_somebody_unless_it_says_otherwise():
    found = parse_remediation(REMEDIATION, "S3_V")
    assert (found.rule, found.rule_source, found.target_type) == (
        "versioned",
        "S3_V",
        "SSM_DOCUMENT",
    )
    assert (found.is_automatic, found.max_attempts, found.target_version) == (False, None, None)
    assert not found.is_pinned


def test_of_its_parameters_nothing_is_kept():
    secret = {"Key": {"StaticValue": {"Values": ["secret"]}}}
    found = parse_remediation(
        REMEDIATION | {"Parameters": secret, "TargetVersion": "7", "Automatic": True}, None
    )
    assert "secret" not in repr(found)
    assert (found.is_pinned, found.is_automatic) == (True, True)


def test_a_target_that_is_not_told_is_not_known():
    assert set(parse_remediation({"ConfigRuleName": "versioned"}, None).gaps) == {"target_type"}


def listed(*rules):
    session = StubbedSession()
    session.answer("config", "describe_config_rules", {"ConfigRules": list(rules)})
    return session


@pytest.fixture
def session():
    found = listed(RULE)
    found.answer(
        "config",
        "describe_remediation_configurations",
        {"RemediationConfigurations": [REMEDIATION]},
        ConfigRuleNames=["versioned"],
    )
    yield found
    found.assert_all_asked()


def test_a_remediation_knows_what_its_rule_is(session):
    (found,) = remediations(session)
    assert found.rule_source == "S3_V"


def test_twenty_five_rules_are_asked_at_once():
    names = [f"rule-{number:02}" for number in range(26)]
    session = listed(*(RULE | {"ConfigRuleName": name} for name in reversed(names)))
    for asked in (names[:25], names[25:]):
        session.answer(
            "config",
            "describe_remediation_configurations",
            {"RemediationConfigurations": []},
            ConfigRuleNames=asked,
        )
    assert list(remediations(session)) == []
    session.assert_all_asked()


def test_nothing_is_asked_where_there_are_no_rules():
    assert list(remediations(listed())) == []
    assert list(remediation_histories(listed())) == []


METHOD = "describe_remediation_execution_status"
STEPS = [
    {"Name": "assume", "State": "SUCCEEDED"},
    {"Name": "enable", "State": "FAILED", "ErrorMessage": "secret"},
    {"Name": "verify", "State": "FAILED"},
]


def test_executions_are_read_page_by_page_without_messages_and_resources(session):
    failed = {
        "ResourceKey": {"resourceType": "AWS::S3::Bucket", "resourceId": "secret"},
        "State": "FAILED",
        "InvocationTime": NOW,
        "StepDetails": STEPS,
    }
    first = {"RemediationExecutionStatuses": [failed], "NextToken": "more"}
    session.answer("config", METHOD, first, ConfigRuleName="versioned")
    second = {"RemediationExecutionStatuses": [{"State": "QUEUED"}]}
    session.answer("config", METHOD, second, ConfigRuleName="versioned", NextToken="more")
    (found,) = remediation_histories(session)
    told = {(one.state, one.invoked_at, one.failed_step) for one in found.executions}
    assert told == {("FAILED", NOW, "enable"), ("QUEUED", None, None)}
    assert "secret" not in repr(found)


def test_refused_executions_leave_the_remediation_known(session):
    session.refuse("config", METHOD, "AccessDeniedException")
    (found,) = remediation_histories(session)
    assert set(found.gaps) == {"executions"}


def test_a_remediation_that_was_deleted_meanwhile_is_left_out(session):
    session.refuse("config", METHOD, "NoSuchRemediationConfigurationException")
    assert list(remediation_histories(session)) == []


def test_no_execution_is_an_empty_history():
    assert parse_remediation_history("versioned", {}).executions == ()
