"""E2: instances of stack sets."""

import pytest

from findings.facts.cloudformation_stack_sets import StackInstance, StackInstances
from tests.findings.checks.builders_cloudformation import stack_instance, stack_instances
from tests.findings.checks.cases import (
    FAIL,
    NOT_APPLICABLE,
    PASS,
    UNKNOWN,
    Case,
    assert_outcomes,
    judged,
)
from tests.findings.checks.gaps import denied

DENIED = denied(stack_instances())


def behind(count, **fields):
    others = [stack_instance(account=f"2222222222{number:02}") for number in range(count)]
    return [stack_instances(*others, **fields)]


TABLE = {
    "cloudformation_stackset_instances_current": [
        Case("all current", PASS, [stack_instances()], message="0 of 10 instances"),
        Case(
            "one behind",
            FAIL,
            [stack_instances(stack_instance())],
            message="1 of 10 instances are not current: 111111111111 eu-west-1 (OUTDATED/FAILED)",
        ),
        Case(
            "without a detailed status",
            FAIL,
            [stack_instances(stack_instance("INOPERABLE", None))],
            message="(INOPERABLE)",
        ),
        Case("five are named", FAIL, behind(6), message="222222222204 eu-west-1 (OUTDATED/FAILED)"),
        Case("as many as allowed", PASS, behind(2), parameters={"max_outdated_percent": 20}),
        Case("one more", FAIL, behind(3), parameters={"max_outdated_percent": 20}),
        Case("without instances", NOT_APPLICABLE, [stack_instances(total=0, accounts=0)]),
        Case(
            "denied",
            UNKNOWN,
            [StackInstances(stack_set="x", total=DENIED, accounts=DENIED, others=DENIED)],
        ),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)


def test_five_instances_are_named_at_most():
    (case,) = [
        case for case in TABLE["cloudformation_stackset_instances_current"] if "five" in case.name
    ]
    assert judged("cloudformation_stackset_instances_current", case).message.count("OUTDATED") == 5


@pytest.mark.parametrize(
    ("status", "detailed_status", "is_current"),
    [
        ("CURRENT", "SUCCEEDED", True),
        ("CURRENT", None, True),
        ("CURRENT", "PENDING", True),
        ("CURRENT", "RUNNING", True),
        ("CURRENT", "CANCELLED", True),
        ("CURRENT", "FAILED", False),
        ("CURRENT", "FAILED_IMPORT", False),
        ("CURRENT", "INOPERABLE", False),
        ("OUTDATED", "SUCCEEDED", False),
        ("OUTDATED", "RUNNING", False),
        ("INOPERABLE", None, False),
        ("OF_TOMORROW", "SUCCEEDED", False),
        (None, "SUCCEEDED", False),
    ],
)
def test_an_instance_is_current_when_its_status_says_so_and_nothing_failed(
    status, detailed_status, is_current
):
    instance = StackInstance(
        account="1", region="r", status=status, detailed_status=detailed_status
    )
    assert instance.is_current is is_current
