"""O3: metrics of containers."""

from tests.findings.checks.builders_ecs import cluster
from tests.findings.checks.cases import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, assert_outcomes
from tests.findings.checks.gaps import denied


def idle(**fields):
    return cluster(**({"running_tasks": 0, "active_services": 0} | fields))


TABLE = {
    "ecs_container_insights_enabled": [
        Case("enabled", PASS, [cluster()]),
        Case("enhanced", PASS, [cluster(container_insights="enhanced")]),
        Case(
            "disabled",
            FAIL,
            [cluster(container_insights="disabled")],
            message="Container Insights is disabled",
        ),
        Case("a value that AWS may add", FAIL, [cluster(container_insights="sampled")]),
        Case("nothing runs", NOT_APPLICABLE, [idle(container_insights="disabled")]),
        Case("a single task", FAIL, [idle(running_tasks=1, container_insights="disabled")]),
        Case("a service", FAIL, [idle(active_services=1, container_insights="disabled")]),
        Case("not told", UNKNOWN, [cluster(container_insights=denied(cluster()))]),
        Case("tasks not told", UNKNOWN, [cluster(running_tasks=denied(cluster()))]),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
