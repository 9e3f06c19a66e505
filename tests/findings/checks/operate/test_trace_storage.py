"""O4: how traces are kept."""

from tests.findings.checks.builders_xray import encryption, service
from tests.findings.checks.cases import (
    FAIL,
    NOT_APPLICABLE,
    OTHER,
    PASS,
    UNKNOWN,
    Case,
    account,
    assert_outcomes,
)
from tests.findings.checks.gaps import denied

SANDBOX = account(environment="sandbox", ou_path="Sandbox")
TRACED = service()
EVERY = {"key_required_selector": {"ou_paths": ["*"]}}

TABLE = {
    "xray_encryption_cmk": [
        Case("own key", PASS, [TRACED, encryption()]),
        Case(
            "the default",
            FAIL,
            [TRACED, encryption(type="NONE", kms_key=None)],
            message="type is NONE",
        ),
        Case("a key that is not told", PASS, [TRACED, encryption(kms_key=None)]),
        Case(
            "a key of AWS",
            FAIL,
            [TRACED, encryption(kms_key="alias/aws/xray")],
            message="own key",
        ),
        Case("being changed", FAIL, [TRACED, encryption(status="UPDATING")], message="UPDATING"),
        Case("no traces", NOT_APPLICABLE, [encryption(type="NONE")], message="no traces"),
        Case(
            "traces of another account",
            NOT_APPLICABLE,
            [service(owner=OTHER), encryption(type="NONE")],
        ),
        Case(
            "traces of this account too",
            FAIL,
            [service(owner=OTHER), TRACED, encryption(type="NONE")],
        ),
        Case(
            "an account that needs none",
            NOT_APPLICABLE,
            [TRACED, encryption()],
            account=SANDBOX,
            message="needs no key",
        ),
        Case(
            "every account needs one",
            FAIL,
            [TRACED, encryption(type="NONE")],
            account=SANDBOX,
            parameters=EVERY,
        ),
        Case("denied", UNKNOWN, [TRACED], gaps=[denied(encryption())]),
        Case("graph denied", UNKNOWN, [encryption()], gaps=[denied(TRACED)]),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
