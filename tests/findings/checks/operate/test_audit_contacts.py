"""O2 audit: whom AWS reaches."""

from findings.facts.account import AlternateContact
from tests.findings.checks.cases import FAIL, PASS, Case, assert_outcomes


def contact(type="OPERATIONS", domain="example.com"):
    return AlternateContact(type=type, domain=domain)


SECURITY = contact("SECURITY")
BOTH = [contact(), SECURITY]

TABLE = {
    "account_operations_contact_registered": [
        Case("both", PASS, BOTH),
        Case("nobody", FAIL, message="OPERATIONS: nobody is registered"),
        Case("operations only", FAIL, [contact()], message="not met: SECURITY"),
        Case("security only", FAIL, [SECURITY], message="not met: OPERATIONS"),
        Case("operations are enough", PASS, [contact()], parameters={"require_security": False}),
        Case("at home", PASS, BOTH, parameters={"allowed_domains": ["Example.com", "x.org"]}),
        Case(
            "elsewhere",
            FAIL,
            [contact(domain="mail.example.net"), SECURITY],
            parameters={"allowed_domains": ["example.com"]},
            message="not met: OPERATIONS: an address at mail.example.net",
        ),
        Case(
            "security elsewhere, which nobody asked for",
            PASS,
            [contact(), contact("SECURITY", "example.net")],
            parameters={"allowed_domains": ["example.com"], "require_security": False},
        ),
        Case(
            "anywhere",
            PASS,
            [contact(domain="example.net"), SECURITY],
            parameters={"allowed_domains": []},
        ),
    ]
}


def test_outcomes():
    assert_outcomes(TABLE)
