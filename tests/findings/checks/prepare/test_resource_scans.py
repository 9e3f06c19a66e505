from findings.facts.base import Gap, GapReason
from tests.findings.checks.builders_cloudformation import stack
from tests.findings.checks.builders_cloudformation_scans import no_scan, scan, scanned
from tests.findings.checks.builders_cloudwatch import alarm
from tests.findings.checks.builders_logs import log_group
from tests.findings.checks.cases import (
    FAIL,
    NOT_APPLICABLE,
    PASS,
    UNKNOWN,
    Case,
    ago,
    assert_outcomes,
    judged,
)
from tests.findings.checks.gaps import denied

DENIED = Gap(kind="x", reason=GapReason.ACCESS_DENIED, operation="x:Y", code="AccessDenied")
TOPIC, STREAM, ROLE = "AWS::SNS::Topic", "AWS::Logs::LogStream", "AWS::IAM::ServiceLinkedRole"
IN_TIME, LATE = ago(days=30), ago(days=30, seconds=1)
MANY = [scanned(0, number + 1, f"AWS::Test::Type{number:02}") for number in range(21)]

TABLE = {
    "cloudformation_resource_coverage_minimum": [
        Case("exactly enough", PASS, [scan(scanned(8, 2))], message="8 of 10"),
        Case("a little less", FAIL, [scan(scanned(79, 21))], message="79 of 100"),
        Case("over several types", PASS, [scan(scanned(1, 2), scanned(9, 0, TOPIC))]),
        Case("the scan is dated", PASS, [scan(scanned(1))], message="the scan of 2026-06-09"),
        Case(
            "what is outside is told, most first",
            FAIL,
            [scan(scanned(5, 3), scanned(0, 4, TOPIC))],
            message="AWS::SNS::Topic 4, AWS::S3::Bucket 3",
        ),
        Case(
            "of equal numbers by name",
            FAIL,
            [scan(scanned(0, 1, TOPIC), scanned(0, 1))],
            message="AWS::S3::Bucket 1, AWS::SNS::Topic 1",
        ),
        Case("up to twenty types", FAIL, [scan(*MANY)], message="Type02 3, AWS::Test::Type01 2"),
        Case(
            "types without any are not told",
            FAIL,
            [scan(scanned(3, 0, TOPIC), scanned(0, 1))],
            message="outside: AWS::S3::Bucket 1)",
        ),
        Case("all in stacks", PASS, [scan(scanned(3))], message="expected 80 %"),
        Case(
            "excluded types do not count",
            PASS,
            [scan(scanned(8, 2), scanned(0, 99, STREAM), scanned(0, 9, ROLE))],
        ),
        Case("only excluded types", NOT_APPLICABLE, [scan(scanned(0, 99, STREAM))]),
        Case("nothing found", NOT_APPLICABLE, [scan()]),
        Case(
            "types of its own",
            FAIL,
            [scan(scanned(0, 1, STREAM))],
            parameters={"excluded_types": []},
        ),
        Case("another share", FAIL, [scan(scanned(8, 2))], parameters={"min_percent": 81}),
        Case("no scan", UNKNOWN, [no_scan()], message="no longer kept"),
        Case("nothing collected", UNKNOWN, [], message="ListResourceScans"),
        Case("resources were denied", UNKNOWN, [scan(resources=DENIED)]),
        Case("scans were denied", UNKNOWN, [], gaps=[denied(scan())]),
    ],
    "cloudformation_resource_scan_recent": [
        Case("in time", PASS, [scan(completed_at=IN_TIME)], message="ended on 2026-05-16"),
        Case("a second late", FAIL, [scan(completed_at=LATE), stack()], message="on 2026-05-16"),
        Case("in time, without workload or not", PASS, [scan(completed_at=IN_TIME), stack()]),
        Case("expired", FAIL, [no_scan("EXPIRED"), stack()], message="no complete scan"),
        Case("where there is an alarm", FAIL, [no_scan(), alarm()]),
        Case("where there is a log group", FAIL, [no_scan(), log_group()]),
        Case("where there is nothing", NOT_APPLICABLE, [no_scan()]),
        Case("late where there is nothing", NOT_APPLICABLE, [scan(completed_at=LATE)]),
        Case(
            "fewer days",
            FAIL,
            [scan(completed_at=IN_TIME), stack()],
            parameters={"max_age_days": 29},
        ),
        Case("scans were denied", UNKNOWN, [stack()], gaps=[denied(scan())]),
        Case("stacks were denied", UNKNOWN, [no_scan()], gaps=[denied(stack())]),
        Case(
            "stacks were denied, but an alarm tells",
            FAIL,
            [no_scan(), alarm()],
            gaps=[denied(stack())],
        ),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)


def test_the_21st_type_is_not_told():
    (case,) = [c for c in TABLE["cloudformation_resource_coverage_minimum"] if "twenty" in c.name]
    assert "Type00" not in judged("cloudformation_resource_coverage_minimum", case).message
