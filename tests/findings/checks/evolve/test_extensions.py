"""E2: extensions of CloudFormation."""

from tests.findings.checks.builders_cloudformation_extensions import extension
from tests.findings.checks.cases import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, assert_outcomes
from tests.findings.checks.gaps import denied

MODULE = extension("Acme::Net::Vpc::MODULE", type="MODULE")
BEHIND = extension(latest_version="2.0.0")

TABLE = {
    "cloudformation_extensions_current": [
        Case("the latest", PASS, [extension(), MODULE]),
        Case(
            "behind",
            FAIL,
            [BEHIND, MODULE],
            message="Acme::Data::Bucket is at 1.2.0, the latest is 2.0.0",
        ),
        Case("a version that was withdrawn", FAIL, [extension(latest_version="1.1.0")]),
        Case("latest not told", UNKNOWN, [extension(latest_version=denied(MODULE))]),
        Case(
            "not told, and another is behind",
            FAIL,
            [extension(used_version=denied(MODULE)), BEHIND],
        ),
        Case("none", NOT_APPLICABLE),
        Case("denied", UNKNOWN, gaps=[denied(MODULE)]),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
