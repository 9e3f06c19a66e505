import pytest

from findings.facts.base import GapReason
from findings.selectors.coverage import GapGroup
from portal.gap_advice import advice_on
from workers.aws.access import Health
from workers.aws.operations import scanner_operations

OPERATION = "ssm:DescribeDocument"


def gap(reason, operation=OPERATION, code=""):
    return GapGroup(
        reason=reason,
        operation=operation,
        code=code,
        kinds=("x",),
        account_ids=frozenset({1}),
        shard_ids=frozenset({1}),
    )


@pytest.mark.parametrize("reason", list(GapReason))
def test_every_reason_has_one_sentence_of_advice(reason):
    sentence = advice_on(gap(reason)).sentence
    assert sentence.endswith(".")
    assert "%" not in sentence


@pytest.mark.parametrize("health", list(Health))
def test_every_way_of_not_entering_an_account_has_its_own_advice(health):
    told = {advice_on(gap(GapReason.CREDENTIALS, "sts:AssumeRole", h)).sentence for h in Health}
    assert len(told) == len(Health)
    assert advice_on(gap(GapReason.CREDENTIALS, "sts:AssumeRole", health)).sentence in told


def test_the_action_of_a_denied_call_is_the_one_that_iam_knows():
    renamed = {o.operation: o.iam_action for o in scanner_operations().values()}
    operation, action = next((o, a) for o, a in sorted(renamed.items()) if o != a)
    for reason in (GapReason.ACCESS_DENIED, GapReason.DENIED_BY_POLICY):
        advice = advice_on(gap(reason, operation))
        assert advice.iam_action == action
        assert action in advice.sentence


def test_a_call_that_was_not_denied_misses_no_permission():
    assert advice_on(gap(GapReason.THROTTLED)).iam_action == ""


def test_an_operation_of_old_evidence_is_named_as_it_is():
    advice = advice_on(gap(GapReason.ACCESS_DENIED, "old:Operation"))
    assert advice.iam_action == ""
    assert "Allow old:Operation to the scanner's role" in advice.sentence
    assert "Allow the call to" in advice_on(gap(GapReason.ACCESS_DENIED, "")).sentence
