from findings.facts.base import Gap, GapReason
from tests.findings.checks.builders_ec2 import instance
from tests.findings.checks.builders_ssm import node
from tests.findings.checks.cases import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, assert_outcomes
from tests.findings.checks.gaps import denied

NOT_TOLD = Gap(kind="x", reason=GapReason.NOT_SUPPLIED, operation="x:Y")
EKS = {"aws:eks:cluster-name": "shop"}


def managed(count, start=0):
    numbers = range(start, start + count)
    instances = [instance(f"i-{number:02}") for number in numbers]
    return [*instances, *(node(f"i-{number:02}") for number in numbers)]


def unmanaged(count, start=50):
    return [instance(f"i-{number:02}") for number in range(start, start + count)]


TABLE = {
    "ssm_managed_instance_coverage": [
        Case("online", PASS, [instance(), node("i-1")]),
        Case(
            "not managed",
            FAIL,
            [instance("i-2"), instance("i-1"), node("mi-1")],
            message="2 of 2 running instances are not online: i-1, i-2",
        ),
        *(
            Case(f"managed, {status}", FAIL, [instance(), node("i-1", status)], message="1 of 1")
            for status in ("ConnectionLost", "Inactive")
        ),
        Case("nineteen of twenty", PASS, [*managed(19), *unmanaged(1)]),
        Case(
            "eighteen of nineteen",
            FAIL,
            [*managed(18), *unmanaged(1)],
            message="1 of 19 running instances are not online: i-50",
        ),
        Case(
            "half is enough",
            PASS,
            [*managed(1), *unmanaged(1)],
            parameters={"min_percent": 50},
        ),
        Case("ten are named", FAIL, unmanaged(10), message="57, i-58, i-59"),
        Case("ten of eleven are named", FAIL, unmanaged(11), message="58, i-59 and 1 more"),
        *(
            Case(state, NOT_APPLICABLE, [instance(state=state)], message="no instance runs")
            for state in ("pending", "stopping", "stopped", "shutting-down", "terminated")
        ),
        Case("no instance", NOT_APPLICABLE, [node()]),
        Case("a node of a cluster", NOT_APPLICABLE, [instance(**EKS)]),
        Case("it does not count", PASS, [*managed(1), instance("i-9", **EKS)]),
        Case("unless it should", FAIL, [instance(**EKS)], parameters={"excluded_tags": []}),
        Case("another tag", FAIL, [instance(Name="shop")]),
        Case("a state not told", UNKNOWN, [instance(state=NOT_TOLD)]),
        Case("a ping not told", UNKNOWN, [instance(), node("i-1", NOT_TOLD)]),
        Case(
            "one ping not told, too many missing",
            FAIL,
            [*managed(2), *unmanaged(3), instance("i-9"), node("i-9", NOT_TOLD)],
            message="3 of 6 running instances are not online: i-50, i-51, i-52",
        ),
        Case("nodes denied", UNKNOWN, [instance()], gaps=[denied(node())]),
        Case("instances denied", UNKNOWN, [node()], gaps=[denied(instance())]),
    ]
}


def test_outcomes():
    assert_outcomes(TABLE)
