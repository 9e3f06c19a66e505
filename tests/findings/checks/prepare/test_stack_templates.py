from datetime import UTC, datetime, timedelta

from findings.facts.base import Gap, GapReason
from tests.findings.checks.builders_cloudformation import (
    function,
    nested,
    parameter,
    resource,
    stack,
    template,
)
from tests.findings.checks.cases import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, assert_outcomes
from tests.findings.checks.gaps import denied

DENIED = Gap(kind="x", reason=GapReason.ACCESS_DENIED, operation="x:Y", code="AccessDenied")
HIDDEN = "cloudformation_template_sensitive_parameters_noecho"
RUNTIMES = "cloudformation_template_runtimes_supported"
IN_REVIEW = stack(status="REVIEW_IN_PROGRESS")
SECOND = timedelta(seconds=1)

# python3.10 is deprecated on 2026-10-31 and blocked from 2027-02-01 on; dotnet8 and ruby3.3 are
# deprecated less than 90 days before they are blocked.
DEPRECATED = datetime(2026, 10, 31, tzinfo=UTC)
WARNED = datetime(2027, 4, 30, tzinfo=UTC) - timedelta(days=90)  # ruby3.3


def asks(*parameters, of="shop"):
    return template(name=of, parameters=parameters)


def shows(name="DatabasePassword", **fields):
    return [stack(), asks(parameter(name, is_hidden=False, **fields))]


def runs(*functions, of="shop", **fields):
    return template(*functions, name=of, **fields)


SENSITIVE = (
    "DatabasePassword",
    "masterpassword2",
    "SecretKey",
    "GitHubToken",
    "ApiKey",
    "TokenProd",
    "PasswordValid",
)
HARMLESS = (
    "SecretArn",
    "PasswordLength",
    "TokenUrl",
    "SecretId",
    "DatabaseSecretName",
    "TokenSecretArn",
    "Size",
)

TABLE = {
    HIDDEN: [
        Case("hidden", PASS, [stack(), asks(parameter())]),
        Case("shown", FAIL, shows(), message="DatabasePassword has no NoEcho"),
        Case("hidden, with a default", FAIL, [stack(), asks(parameter(default="text"))]),
        Case("both", FAIL, shows(default="text"), message="DatabasePassword has a default"),
        Case("by a dynamic reference", PASS, shows(default="dynamic_reference")),
        Case("the name of a parameter", NOT_APPLICABLE, shows(type="AWS::SSM::Parameter::Name")),
        Case(
            "a parameter that is resolved, shown",
            FAIL,
            shows(type="AWS::SSM::Parameter::Value<String>", default="parameter_name"),
        ),
        Case("and hidden", PASS, [stack(), asks(parameter(default="parameter_name"))]),
        Case("one of two", FAIL, [stack(), asks(parameter(), parameter("Token", is_hidden=False))]),
        *(Case(f"{name} is sensitive", FAIL, shows(name)) for name in SENSITIVE),
        *(Case(f"{name} is not", NOT_APPLICABLE, shows(name)) for name in HARMLESS),
        Case("names of its own", FAIL, shows("Size"), parameters={"sensitive_names": "Size"}),
        Case("no parameter", NOT_APPLICABLE, [stack(), asks()]),
        Case(
            "of another stack",
            NOT_APPLICABLE,
            [stack(), asks(), asks(parameter(is_hidden=False), of="other")],
        ),
        Case(
            "in a nested one",
            FAIL,
            [stack(), nested(), asks(), asks(parameter(is_hidden=False), of="shop-network")],
        ),
        Case(
            "only in a nested one",
            PASS,
            [stack(), nested(), asks(), asks(parameter(), of="shop-network")],
        ),
        Case(
            "nested",
            NOT_APPLICABLE,
            [nested(), asks(parameter(is_hidden=False), of="shop-network")],
        ),
        Case("in review", NOT_APPLICABLE, [IN_REVIEW]),
        Case("a template that is missing", UNKNOWN, [stack()]),
        Case("templates were denied", UNKNOWN, [stack()], gaps=[denied(asks())]),
    ],
    RUNTIMES: [
        Case("supported", PASS, [stack(), runs(function())]),
        Case(
            "a serverless one",
            PASS,
            [stack(), runs(resource("AWS::Serverless::Function", runtime="java25"))],
        ),
        Case(
            "deprecated long ago",
            FAIL,
            [stack(), runs(function("nodejs12.x"))],
            message="nodejs12.x, deprecated on 2023-03-31",
        ),
        Case(
            "deprecated as a serverless one",
            FAIL,
            [stack(), runs(resource("AWS::Serverless::Function", runtime="python2.7"))],
        ),
        Case("deprecated now", FAIL, [stack(), runs(function("python3.10"))], now=DEPRECATED),
        Case(
            "a second before",
            PASS,
            [stack(), runs(function("python3.10"))],
            now=DEPRECATED - SECOND,
        ),
        Case(
            "blocked in 90 days",
            FAIL,
            [stack(), runs(function("ruby3.3"))],
            now=WARNED,
            message="ruby3.3, blocked from 2027-04-30 on",
        ),
        Case(
            "blocked in 90 days and a second",
            PASS,
            [stack(), runs(function("ruby3.3"))],
            now=WARNED - SECOND,
        ),
        Case(
            "warned later",
            PASS,
            [stack(), runs(function("ruby3.3"))],
            now=WARNED,
            parameters={"warn_days": 89},
        ),
        Case(
            "not liked here",
            FAIL,
            [stack(), runs(function("java25"))],
            parameters={"deprecated_runtimes": ["java25"]},
            message="Function has java25",
        ),
        Case(
            "younger than the table",
            UNKNOWN,
            [stack(), runs(function("cobol1.x"))],
            message="cobol1.x",
        ),
        Case("one of two", FAIL, [stack(), runs(function(), function("python3.8", "Old"))]),
        Case("a container image", NOT_APPLICABLE, [stack(), runs(function(None))]),
        Case("no function", NOT_APPLICABLE, [stack(), runs(resource(runtime="python2.7"))]),
        Case(
            "not told",
            UNKNOWN,
            [stack(), runs(function(), unresolved_runtimes=("Other",))],
            message="runtime of Other",
        ),
        Case(
            "not told, beside a deprecated one",
            FAIL,
            [stack(), runs(function("python3.8"), unresolved_runtimes=("Other",))],
        ),
        Case(
            "in a nested one",
            FAIL,
            [stack(), nested(), runs(function()), runs(function("python3.8"), of="shop-network")],
        ),
        Case("nested", NOT_APPLICABLE, [nested(), runs(function("python3.8"), of="shop-network")]),
        Case("in review", NOT_APPLICABLE, [IN_REVIEW]),
        Case("a template that is missing", UNKNOWN, [stack()]),
        Case("templates were denied", UNKNOWN, [stack()], gaps=[denied(runs())]),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
