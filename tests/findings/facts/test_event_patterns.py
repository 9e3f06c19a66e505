"""Event patterns, on a compliance change of which source, type and result are known."""

import json

import pytest

from findings.facts.event_patterns import may_match

EVENT = {
    "source": "aws.config",
    "detail-type": "Config Rules Compliance Change",
    "detail": {"newEvaluationResult": {"complianceType": "NON_COMPLIANT"}},
}
RESULT = "newEvaluationResult"


MATCHING = [
    {"source": ["aws.config"]},
    {"source": ["aws.ec2", "aws.config"]},
    {"source": ["aws.config"], "detail-type": ["Config Rules Compliance Change"]},
    {"detail-type": [{"prefix": "Config Rules"}]},
    {"detail-type": [{"prefix": {"equals-ignore-case": "config rules"}}]},
    {"detail-type": [{"suffix": "Compliance Change"}]},
    {"detail-type": [{"suffix": {"equals-ignore-case": "CHANGE"}}]},
    {"source": [{"equals-ignore-case": "AWS.Config"}]},
    {"source": [{"wildcard": "aws.*"}]},
    {"source": [{"wildcard": "*.c*g"}]},
    {"source": [{"anything-but": "aws.ec2"}]},
    {"source": [{"anything-but": ["aws.ec2", "aws.s3"]}]},
    {"source": [{"anything-but": {"prefix": "com."}}]},
    {"source": [{"anything-but": {"suffix": [".ec2", ".s3"]}}]},
    {"source": [{"anything-but": {"wildcard": "com.*"}}]},
    {"source": [{"anything-but": {"equals-ignore-case": ["AWS.EC2"]}}]},
    {"source": [{"exists": True}]},
    {"source": [{"prefix": ""}]},
    {"detail": {RESULT: {"complianceType": ["NON_COMPLIANT"]}}},
    {"detail": {"configRuleName": ["a-rule"]}},
    {"account": ["123456789012"]},
    {"replay-name": [{"exists": False}]},
    {"$or": [{"source": ["aws.ec2"]}, {"source": ["aws.config"]}]},
    {"source": ["aws.config"], "$or": [{"detail": {"configRuleName": ["a"]}}]},
]


def test_a_pattern_selects_the_event():
    left = [pattern for pattern in map(json.dumps, MATCHING) if not may_match(pattern, EVENT)]
    assert not left, "\n".join(left)


OTHERS = [
    {"source": ["aws.ec2"]},
    {"source": ["AWS.config"]},
    {"source": [None]},
    {"source": []},
    {"source": ["aws.config"], "detail-type": ["Config Configuration Item Change"]},
    {"detail-type": [{"prefix": "Rules"}]},
    {"detail-type": [{"prefix": {"equals-ignore-case": "rules"}}]},
    {"detail-type": [{"suffix": "Config"}]},
    {"source": [{"equals-ignore-case": "aws.conf"}]},
    {"source": [{"wildcard": "aws.?onfig"}]},
    {"source": [{"wildcard": "aws.\\*"}]},
    {"source": [{"wildcard": "aws"}]},
    {"source": [{"anything-but": "aws.config"}]},
    {"source": [{"anything-but": ["aws.ec2", "aws.config"]}]},
    {"source": [{"anything-but": {"prefix": "aws."}}]},
    {"source": [{"anything-but": {"suffix": [".s3", ".config"]}}]},
    {"source": [{"anything-but": {"wildcard": "aws.*"}}]},
    {"source": [{"exists": False}]},
    {"source": [{"numeric": [">", 1]}]},
    {"source": {"name": ["aws.config"]}},
    {"detail": {RESULT: {"complianceType": ["COMPLIANT"]}}},
    {"detail": ["aws.config"]},
    {"detail": [{"prefix": "aws"}]},
    {"$or": [{"source": ["aws.ec2"]}, {"detail-type": ["x"]}]},
    {"source": ["aws.ec2"], "$or": [{"source": ["aws.config"]}]},
]


def test_a_pattern_does_not_select_the_event():
    selected = [pattern for pattern in map(json.dumps, OTHERS) if may_match(pattern, EVENT)]
    assert not selected, "\n".join(selected)


@pytest.mark.parametrize("text", ["", "not json", "[]", '"aws.config"'])
def test_what_is_not_a_pattern_selects_nothing(text):
    assert not may_match(text, EVENT)
