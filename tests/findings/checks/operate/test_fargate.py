"""O1: the platform that containers run on."""

from tests.findings.checks.builders_ecs import deployment, service
from tests.findings.checks.cases import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, assert_outcomes
from tests.findings.checks.gaps import denied

WINDOWS = {"platform_family": "Windows Server 2022 Core"}


def on(version, *deployments, **fields):
    """A service on a version, with a primary deployment on the newest unless told otherwise."""
    found = deployments or (deployment(),)
    return service(platform_version=version, deployments=found, **fields)


def by(*providers, **fields):
    return on("1.3.0", launch_type=None, capacity_providers=providers, **fields)


TABLE = {
    "ecs_fargate_platform_current": [
        Case("the latest, whichever", PASS, [on("LATEST")]),
        Case("deployed as the latest", PASS, [on("LATEST", deployment("LATEST"))]),
        Case("the newest by its number", PASS, [on("1.4.0")]),
        Case("an older one", FAIL, [on("1.3.0")], message="service: 1.3.0, the newest is 1.4.0"),
        Case("a newer one", PASS, [on("1.10.0")]),
        Case("no deployment", PASS, [service(deployments=())]),
        Case(
            "deployed when another was the latest",
            FAIL,
            [on("LATEST", deployment("1.3.0"))],
            message="deployments: 1.3.0, the newest is 1.4.0",
        ),
        Case(
            "still being replaced",
            FAIL,
            [on("LATEST", deployment(), deployment("1.3.0", "ACTIVE"))],
        ),
        *(
            Case(f"replaced: {status}", PASS, [on("LATEST", deployment("1.3.0", status))])
            for status in ("INACTIVE", "DRAINING")
        ),
        Case("the newest of Windows", PASS, [on("1.0.0", deployment("1.0.0"), **WINDOWS)]),
        Case("of Linux it is old", FAIL, [on("1.0.0")]),
        Case("no family is told", FAIL, [on("1.0.0", platform_family=None)]),
        Case(
            "a newer Linux",
            FAIL,
            [on("1.4.0")],
            parameters={"latest_linux": "1.4.1"},
            message="1.4.0, the newest is 1.4.1",
        ),
        Case(
            "a newer Windows",
            FAIL,
            [on("1.0.0", deployment("LATEST"), **WINDOWS)],
            parameters={"latest_windows": "1.1.0"},
        ),
        Case("by a provider of Fargate", FAIL, [by("FARGATE", "x")]),
        Case("by spare capacity", FAIL, [by("FARGATE_SPOT")]),
        Case("by another provider", NOT_APPLICABLE, [by("shop-servers")], message="on Fargate"),
        *(
            Case(f"on {launch_type}", NOT_APPLICABLE, [on(None, launch_type=launch_type)])
            for launch_type in ("EC2", "EXTERNAL", "MANAGED_INSTANCES")
        ),
        Case("nothing runs", NOT_APPLICABLE, [on(None, launch_type=None)]),
        Case("draining", NOT_APPLICABLE, [on("1.3.0", status="DRAINING")], message="DRAINING"),
        Case("a version that is no number", UNKNOWN, [on("NEWEST")], message="(NEWEST)"),
        Case("a version that is not told", UNKNOWN, [on(None)], message="not in schema"),
        Case(
            "a newest version that is no number",
            UNKNOWN,
            [on("1.4.0")],
            parameters={"latest_linux": "newest"},
            message="not in schema",
        ),
        Case("deployments not told", UNKNOWN, [service(deployments=denied(service()))]),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
