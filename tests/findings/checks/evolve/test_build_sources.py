"""E1 CI/CD: how builds sign in to their sources."""

from findings.facts.codebuild import SourceCredential
from findings.facts.codeconnections import Connection
from tests.findings.checks.cases import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, assert_outcomes
from tests.findings.checks.gaps import denied


def credential(auth_type="CODECONNECTIONS", server_type="GITHUB"):
    arn = f"arn:aws:codebuild:eu-west-1:111111111111:token/{server_type}"
    return SourceCredential(arn=arn, server_type=server_type, auth_type=auth_type)


def connection(status="AVAILABLE", name="github"):
    arn = f"arn:aws:codeconnections:eu-west-1:111111111111:connection/{name}"
    return Connection(arn=arn, name=name, provider="GitHub", status=status)


TABLE = {
    "codebuild_source_credentials_federated": [
        *(
            Case(f"by {kind}", expect, [credential(kind)])
            for kind, expect in (
                ("CODECONNECTIONS", PASS),
                ("SECRETS_MANAGER", PASS),
                ("OAUTH", PASS),
                ("PERSONAL_ACCESS_TOKEN", FAIL),
                ("BASIC_AUTH", FAIL),
                ("MAGIC_LINK", FAIL),
            )
        ),
        Case("not told how", UNKNOWN, [credential(None)], message="codebuild:ListSource"),
        Case(
            "one of two by a token",
            FAIL,
            [credential(), credential("PERSONAL_ACCESS_TOKEN", "GITLAB"), connection()],
            message="no personal credential: GITLAB by PERSONAL_ACCESS_TOKEN",
        ),
        Case("a connection alone", PASS, [connection()]),
        *(
            Case(
                f"a connection in {status}",
                FAIL,
                [credential(), connection(), connection(status, "gitlab")],
                message=f"connections available: gitlab is {status}",
            )
            for status in ("PENDING", "ERROR", "LOST")
        ),
        Case("a connection, not told", UNKNOWN, [connection(None)], message="codeconnections:List"),
        Case("nothing external", NOT_APPLICABLE),
        Case("credentials denied", UNKNOWN, [connection()], gaps=[denied(credential())]),
        Case("connections denied", UNKNOWN, [credential()], gaps=[denied(connection())]),
        Case(
            "connections denied, a token",
            FAIL,
            [credential("BASIC_AUTH")],
            gaps=[denied(connection())],
        ),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
