"""E1 CI/CD: how builds run."""

from tests.findings.checks.builders_codebuild import build, history, project
from tests.findings.checks.cases import (
    FAIL,
    NOT_APPLICABLE,
    PASS,
    UNKNOWN,
    Case,
    ago,
    assert_outcomes,
)


def bounded(name, expect, *builds, minutes=60, queue=60, **fields):
    found = project(timeout_minutes=minutes, queue_timeout_minutes=queue)
    return Case(name, expect, [found, history(*builds)], **fields)


def lasting(*seconds, status="SUCCEEDED"):
    return [build(status, one) for one in seconds]


BOUNDED = [
    bounded("at the limits", PASS),
    bounded("an hour and a minute", FAIL, minutes=61, message="not met: build time: 61 minutes"),
    bounded("longer in the queue", FAIL, queue=61, message="not met: queue time: 61 minutes"),
    bounded("by default", FAIL, minutes=None, queue=None, message="queue time: 480 minutes"),
    bounded("an hour by default", PASS, minutes=None),
    bounded("other limits", PASS, minutes=90, parameters={"max_timeout": 90}),
    bounded("other limits of the queue", PASS, queue=480, parameters={"max_queue": 480}),
    bounded("just long enough", PASS, *lasting(*[2400] * 5)),
    bounded("a second too short", FAIL, *lasting(*[2401] * 5), message="take 2401 seconds"),
    bounded("too few builds", PASS, *lasting(*[2401] * 4)),
    bounded("one of twenty is slow", PASS, *lasting(*[60] * 19, 3600)),
    bounded("two of twenty are slow", FAIL, *lasting(*[60] * 18, *[3600] * 2)),
    bounded("five of a hundred are slow", PASS, *lasting(*[60] * 95, *[3600] * 5)),
    bounded("failed ones count", FAIL, *lasting(*[2401] * 5, status="FAILED")),
    bounded("timed out ones do not", PASS, *lasting(*[3600] * 5, status="TIMED_OUT")),
    bounded("running ones do not", PASS, *lasting(*[None] * 5)),
    Case(
        "builds that nobody collected",
        UNKNOWN,
        [project(queue_timeout_minutes=60), history(project="x")],
    ),
]


def green(name, expect, *builds, **fields):
    return Case(name, expect, [fields.pop("of", project()), history(*builds)], **fields)


def builds(good, bad=0, status="FAILED", **age):
    return [build(**age)] * good + [build(status, **age)] * bad


NEW = project(created_at=ago(days=90))
OLD = build(days=90, minutes=1)
RED = build("FAILED")

GREEN = [
    green("all", PASS, *builds(5)),
    green("four of five", PASS, *builds(4, 1)),
    green("eight of eleven", FAIL, *builds(8, 3), message="8 of 11 builds succeeded"),
    *(
        green(f"{s} counts", FAIL, *builds(3, 2, s), message="3 of 5")
        for s in ("FAILED", "FAULT", "TIMED_OUT")
    ),
    *(green(f"{s} does not", PASS, *builds(5, 5, s)) for s in ("STOPPED", "IN_PROGRESS")),
    green("less is enough", PASS, *builds(3, 2), parameters={"min_percent": 60}),
    green("too few to tell", PASS, *builds(1, 3)),
    green("few are enough", FAIL, *builds(1, 3), parameters={"min_builds": 4}),
    green("a month ago", FAIL, *builds(1), *builds(0, 4, days=30), message="1 of 5"),
    green("before that", PASS, *builds(1), *builds(0, 4, days=30, minutes=1)),
    green(
        "a longer window", FAIL, *builds(1), *builds(0, 4, days=60), parameters={"window_days": 60}
    ),
    green(
        "the newest is red", FAIL, RED, *builds(9), message="default branch: FAILED on 2026-06-15"
    ),
    green("the newest is stopped", PASS, build("STOPPED"), *builds(9)),
    green("the newest of just enough is red", FAIL, RED, *builds(4)),
    green("the newest of a few is red", PASS, RED, *builds(3)),
    *(
        green(
            f"the newest of {branch} is red",
            FAIL,
            build("FAILED", source_version=branch),
            *builds(9),
        )
        for branch in ("main", "master", "refs/heads/main", "refs/heads/master", "")
    ),
    green("that of a branch", PASS, build("FAILED", source_version="feature"), *builds(9)),
    green(
        "that of the project's own branch",
        FAIL,
        build("FAILED", source_version="trunk"),
        *builds(9),
        of=project(source_version="trunk"),
    ),
    green(
        "branches only",
        PASS,
        *[build(source_version="pr/1")] * 4,
        build("FAILED", source_version="pr/2"),
    ),
    green("built a season ago", PASS, build(days=90)),
    green("built before that", FAIL, OLD, message="last built on 2026-03-17"),
    green("a longer season", PASS, OLD, parameters={"stale_days": 91}),
    green("never built", FAIL, message="never built"),
    green("never built, of unknown age", FAIL, of=project(created_at=None)),
    green("new", NOT_APPLICABLE, of=NEW),
    green("not that new", FAIL, of=project(created_at=ago(days=90, seconds=1))),
    Case("builds that nobody collected", UNKNOWN, [project(), history(project="x")]),
]

TABLE = {"codebuild_project_timeout_bounded": BOUNDED, "codebuild_success_rate": GREEN}


def test_outcomes():
    assert_outcomes(TABLE)
