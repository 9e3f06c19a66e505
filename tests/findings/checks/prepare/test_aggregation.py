from tests.findings.checks.builders_config import aggregator_sources, source
from tests.findings.checks.cases import (
    FAIL,
    NOT_APPLICABLE,
    OTHER_REGION,
    PASS,
    UNKNOWN,
    Case,
    ago,
    assert_outcomes,
)

STALE = source(updated_at=ago(hours=24, seconds=1), region=OTHER_REGION)
UNTOLD = source(None, None, region=OTHER_REGION)


def fresh(count):
    return [source() for _ in range(count)]


TABLE = {
    "config_aggregator_sources_fresh": [
        Case("fresh", PASS, [aggregator_sources(source())]),
        Case("at the limit", PASS, [aggregator_sources(source(updated_at=ago(hours=24)))]),
        Case(
            "beyond it",
            FAIL,
            [aggregator_sources(STALE)],
            message="0 found, 1 expected; nearest: 111111111111 in us-east-1"
            " was last updated on 2026-06-14",
        ),
        Case("a longer limit", PASS, [aggregator_sources(STALE)], parameters={"max_age_hours": 25}),
        *(
            Case(status, FAIL, [aggregator_sources(source(status))], message=f"is {status}")
            for status in ("FAILED", "OUTDATED", "PAUSED")
        ),
        Case("one of fifty is stale", PASS, [aggregator_sources(*fresh(49), STALE)]),
        Case(
            "one of forty-nine is stale",
            FAIL,
            [aggregator_sources(*fresh(48), STALE)],
            message="48 found",
        ),
        Case(
            "half is enough",
            PASS,
            [aggregator_sources(source(), STALE)],
            parameters={"min_percent": 50},
        ),
        Case("without sources", NOT_APPLICABLE, [aggregator_sources()]),
        Case("nothing told of it", UNKNOWN, [aggregator_sources(UNTOLD)], message="in us-east-1"),
        Case("no time told", UNKNOWN, [aggregator_sources(source(updated_at=None))]),
        Case("no time of a failure", FAIL, [aggregator_sources(source("FAILED", None))]),
        Case("one of fifty is not told", PASS, [aggregator_sources(*fresh(49), UNTOLD)]),
        Case(
            "one is stale, one is not told", FAIL, [aggregator_sources(*fresh(46), STALE, UNTOLD)]
        ),
    ]
}


def test_outcomes():
    assert_outcomes(TABLE)
