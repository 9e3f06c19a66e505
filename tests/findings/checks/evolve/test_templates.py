"""E2: sizes of templates."""

from tests.findings.checks.builders_cloudformation import resource, template
from tests.findings.checks.cases import FAIL, PASS, UNKNOWN, Case, assert_outcomes
from tests.findings.checks.gaps import denied

DENIED = denied(template())


def of_resources(count, **fields):
    found = [resource(logical_id=f"Data{number}") for number in range(count)]
    return [template(*found, **fields)]


TABLE = {
    "cloudformation_template_size_headroom": [
        Case("small", PASS, of_resources(2)),
        Case("no resource", PASS, of_resources(0)),
        Case("as many as allowed", PASS, of_resources(400)),
        Case(
            "one more",
            FAIL,
            of_resources(401),
            message="resources: 401, expected at most 400",
        ),
        Case("more are allowed", PASS, of_resources(401), parameters={"max_resources": 401}),
        Case("as large as allowed", PASS, of_resources(1, size=800_000)),
        Case(
            "a byte more",
            FAIL,
            of_resources(1, size=800_001),
            message="bytes: 800001, expected at most 800000",
        ),
        Case(
            "larger is allowed",
            PASS,
            of_resources(1, size=800_001),
            parameters={"max_bytes": 900_000},
        ),
        Case("denied", UNKNOWN, [template(size=DENIED, metadata=DENIED)]),
        Case("too many, whatever its size", FAIL, of_resources(401, size=DENIED)),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
