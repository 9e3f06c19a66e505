from findings.facts.base import Gap, GapReason, Place
from findings.facts.endpoints import Distribution, PublicEndpoint
from findings.facts.synthetics import Canary
from tests.findings.checks.cases import (
    ACCOUNT,
    FAIL,
    NOT_APPLICABLE,
    NOW,
    OTHER_REGION,
    PASS,
    UNKNOWN,
    Case,
    ago,
    assert_outcomes,
)


def canary(name="shop", **fields):
    """A canary that passed an hour ago."""
    given = {
        "state": "RUNNING",
        "runtime": "syn-nodejs-puppeteer-9.1",
        "runtime_deprecated_at": None,
        "last_run": "PASSED",
        "last_run_completed_at": ago(hours=1),
    }
    return Canary(name=name, **(given | fields))


BALANCER = PublicEndpoint(type="load balancer", name="shop")


def distribution(is_enabled=True):
    return Distribution(domain_name="d1.cloudfront.net", is_enabled=is_enabled)


def denied(kind):
    return Gap(kind=kind, reason=GapReason.ACCESS_DENIED)


PASSING = [
    Case("passes", PASS, [canary(), BALANCER], message="1 found"),
    Case("passes, whatever it tries", PASS, [canary()]),
    Case("passes in another region", PASS, [], {Place(ACCOUNT, OTHER_REGION): [canary()]}),
    Case("one of two passes", PASS, [canary(), canary("orders", last_run="FAILED")]),
    Case("two are wanted", FAIL, [canary()], parameters={"min_canaries": 2}, message="1 found, 2"),
    Case("failed", FAIL, [canary(last_run="FAILED")], message="passed"),
    Case("is in its first run", FAIL, [canary(last_run="RUNNING", last_run_completed_at=None)]),
    Case("never ran", FAIL, [canary(last_run=None, last_run_completed_at=None)]),
    Case("does not say when it ended", FAIL, [canary(last_run_completed_at=None)]),
    *(
        Case(f"is {state}", FAIL, [canary(state=state)])
        for state in ("STOPPED", "READY", "ERROR", None)
    ),
    Case("passed at the limit", PASS, [canary(last_run_completed_at=ago(hours=24))]),
    Case("a second earlier", FAIL, [canary(last_run_completed_at=ago(hours=24, seconds=1))]),
    Case(
        "may pass once in two days",
        PASS,
        [canary(last_run_completed_at=ago(hours=48))],
        parameters={"max_age_hours": 48},
    ),
    Case("the runtime ends now", FAIL, [canary(runtime_deprecated_at=NOW)], message="runtime"),
    Case("the runtime ends in a second", PASS, [canary(runtime_deprecated_at=ago(seconds=-1))]),
    Case(
        "the end of the runtime is not known",
        UNKNOWN,
        [canary(runtime_deprecated_at=denied(Canary.kind))],
    ),
    Case("nothing tries the load balancer", FAIL, [BALANCER], message="no canary tries it"),
    Case("nothing tries the distribution", FAIL, [distribution()]),
    Case("the distribution is off", NOT_APPLICABLE, [distribution(False)]),
    Case("nothing is public", NOT_APPLICABLE, message="nothing that the internet reaches"),
    Case("canaries were denied", UNKNOWN, [BALANCER], gaps=[denied(Canary.kind)]),
    Case("endpoints were denied", UNKNOWN, gaps=[denied(PublicEndpoint.kind)]),
    Case(
        "endpoints were denied, a distribution is known",
        FAIL,
        [distribution()],
        gaps=[denied(PublicEndpoint.kind)],
    ),
    Case("distributions were denied", UNKNOWN, gaps=[denied(Distribution.kind)]),
]

TABLE = {"synthetics_canary_passing": PASSING}


def test_outcomes():
    assert_outcomes(TABLE)
