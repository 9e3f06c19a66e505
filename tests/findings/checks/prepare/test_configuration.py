from findings.facts.base import Gap, GapReason, Place
from findings.facts.config import IAM_TYPES
from tests.findings.checks.builders_config import (
    administrator,
    aggregator,
    channel,
    delivery,
    organization,
    recorder,
    rule,
    rules,
    service_recorder,
)
from tests.findings.checks.cases import (
    ACCOUNT,
    FAIL,
    HERE,
    NOT_APPLICABLE,
    NOW,
    OTHER,
    OTHER_REGION,
    PASS,
    REGION,
    UNKNOWN,
    Case,
    ago,
    assert_outcomes,
    judged,
)
from tests.findings.checks.gaps import denied

DENIED = Gap(kind="x", reason=GapReason.ACCESS_DENIED, operation="x:Y", code="AccessDenied")
ELSEWHERE = Place(ACCOUNT, OTHER_REGION)
ADMINISTRATOR = Place(OTHER, REGION)

EXCLUDING = {"strategy": "EXCLUSION_BY_RESOURCE_TYPES", "all_supported": False}
LISTING = {"strategy": "INCLUSION_BY_RESOURCE_TYPES", "all_supported": False}
WITHOUT_IAM = EXCLUDING | {"excluded_types": tuple(sorted(IAM_TYPES))}
GLOBAL = {"includes_global_types": True}


def with_rules(*found, more=10):
    return [recorder(), *found, *rules(more)]


def delivers(**deliveries):
    return [recorder(), channel(**deliveries)]


TABLE = {
    "config_recorder_recording_all_regions": [
        Case("recording", PASS, [recorder()]),
        *(
            Case(f"last status {status}", PASS, [recorder(last_status=status)])
            for status in ("SUCCESS", "Pending", "PENDING", "NotApplicable", None)
        ),
        *(
            Case(f"last status {status}", FAIL, [recorder(last_status=status)], message=status)
            for status in ("Failure", "FAILURE", "Wobbling")
        ),
        Case(
            "the error is told",
            FAIL,
            [recorder(last_status="Failure", last_error_code="AccessDenied")],
            message="AccessDenied",
        ),
        Case("stopped", FAIL, [recorder(is_recording=False)], message="recording"),
        Case("no recorder", FAIL, [], message="there is none"),
        Case("a service's recorder only", FAIL, [service_recorder()], message="customer's own"),
        Case("a service's recorder too", PASS, [service_recorder(), recorder()]),
        Case("the state was denied", UNKNOWN, [recorder(is_recording=DENIED)]),
        Case("one region fails", FAIL, [recorder()], {ELSEWHERE: [recorder(is_recording=False)]}),
        Case(
            "the failing region is excluded",
            PASS,
            [recorder()],
            {ELSEWHERE: [recorder(is_recording=False)]},
            parameters={"excluded_regions": [OTHER_REGION]},
        ),
        Case(
            "all regions are excluded",
            NOT_APPLICABLE,
            [],
            parameters={"excluded_regions": [REGION]},
        ),
    ],
    "config_delivery_channel_healthy": [
        Case("delivering", PASS, delivers()),
        *(
            Case(f"last status {status}", PASS, delivers(snapshot=delivery(status)))
            for status in ("SUCCESS", "Not_Applicable", None)
        ),
        *(
            Case(f"last status {status}", FAIL, delivers(snapshot=delivery(status)))
            for status in ("Failure", "FAILURE", "Wobbling")
        ),
        Case(
            "history fails",
            FAIL,
            delivers(history=delivery("Failure", "NoSuchBucket")),
            message="history: last status Failure NoSuchBucket",
        ),
        Case(
            "snapshots fail",
            FAIL,
            delivers(snapshot=delivery("Failure")),
            message="snapshots: last status Failure",
        ),
        Case(
            "an error, and nothing since",
            FAIL,
            delivers(history=delivery(code="AccessDenied", success_at=ago(days=1))),
            message="AccessDenied",
        ),
        Case(
            "an error, and a success at the same attempt",
            PASS,
            delivers(history=delivery(code="AccessDenied", success_at=ago(hours=6))),
        ),
        Case("an error and never a success", FAIL, delivers(history=delivery(code="AccessDenied"))),
        Case(
            "an error of an attempt without time",
            FAIL,
            delivers(history=delivery(code="X", attempt_at=None, success_at=ago(days=1))),
        ),
        Case("no channel", FAIL, [recorder()], message="there is none"),
        Case("no recorder", NOT_APPLICABLE, [channel()]),
        Case("a service's recorder", NOT_APPLICABLE, [service_recorder(), channel()]),
        Case("a state that was denied", UNKNOWN, delivers(history=DENIED)),
    ],
    "config_rules_evaluating": [
        Case("ten rules", PASS, with_rules()),
        Case("nine rules", FAIL, with_rules(more=9), message="9 rules, expected at least 10"),
        Case("one is enough", PASS, with_rules(more=1), parameters={"min_rules": 1}),
        Case("no recorder", NOT_APPLICABLE, rules()),
        Case("a service's recorder", NOT_APPLICABLE, [service_recorder(), *rules()]),
        Case("being evaluated", PASS, with_rules(rule(state="EVALUATING"))),
        Case("results being deleted", PASS, with_rules(rule(state="DELETING_RESULTS"))),
        Case("no state told", FAIL, with_rules(rule(state=None)), message="s3-encrypted is None"),
        Case("a state of tomorrow", FAIL, with_rules(rule(state="PAUSED")), message="PAUSED"),
        Case("a rule being deleted is left out", PASS, with_rules(rule(state="DELETING"))),
        Case("and does not count", FAIL, with_rules(rule(state="DELETING"), more=9)),
        Case("a service's rule does not count", FAIL, with_rules(rule(created_by="x"), more=9)),
        *(
            Case(
                f"a rule of {creator} is the customer's",
                PASS,
                with_rules(rule(created_by=creator), more=9),
            )
            for creator in (
                "config-conforms.amazonaws.com",
                "config-multiaccountsetup.amazonaws.com",
            )
        ),
        Case(
            "unless it should",
            PASS,
            with_rules(rule(created_by="x"), more=9),
            parameters={"include_service_rules": True},
        ),
        Case(
            "a service's rule that fails",
            PASS,
            with_rules(rule(created_by="x", error_code="E", failed_at=NOW)),
        ),
        Case(
            "an error since the last success",
            FAIL,
            with_rules(rule(error_code="AccessDenied", failed_at=ago(hours=1))),
            message="no errors: s3-encrypted fails with AccessDenied",
        ),
        Case(
            "an error at the last success",
            FAIL,
            with_rules(rule(error_code="AccessDenied", failed_at=ago(days=1))),
        ),
        Case(
            "an error before the last success",
            PASS,
            with_rules(rule(error_code="AccessDenied", failed_at=ago(days=1, seconds=1))),
        ),
        Case("an error without time", FAIL, with_rules(rule(error_code="AccessDenied"))),
        Case(
            "an error, never a success",
            FAIL,
            with_rules(
                rule(error_code="E", failed_at=ago(days=1), evaluated_at=None, was_evaluated=True)
            ),
        ),
        Case(
            "a failure without an error code",
            PASS,
            with_rules(rule(failed_at=ago(hours=1))),
        ),
        Case(
            "a periodic rule at the limit",
            PASS,
            with_rules(rule(period="One_Hour", evaluated_at=ago(days=7))),
        ),
        Case(
            "a periodic rule beyond it",
            FAIL,
            with_rules(rule(period="One_Hour", evaluated_at=ago(days=7, seconds=1))),
            message="2026-06-08",
        ),
        Case(
            "a longer limit",
            PASS,
            with_rules(rule(period="One_Hour", evaluated_at=ago(days=8))),
            parameters={"max_age_days": 8},
        ),
        Case(
            "a periodic rule that never ran",
            FAIL,
            with_rules(rule(period="One_Hour", evaluated_at=None)),
            message="never evaluated",
        ),
        Case(
            "a periodic rule that is new",
            PASS,
            with_rules(rule(period="One_Hour", evaluated_at=None, activated_at=ago(days=7))),
        ),
        Case(
            "a periodic rule that is no longer new",
            FAIL,
            with_rules(
                rule(period="One_Hour", evaluated_at=None, activated_at=ago(days=7, seconds=1))
            ),
        ),
        Case(
            "a rule of changes, of which there were none",
            PASS,
            with_rules(rule(evaluated_at=ago(days=90))),
        ),
        Case(
            "a rule of changes that never ran",
            FAIL,
            with_rules(rule(evaluated_at=None, was_evaluated=False)),
            message="never evaluated",
        ),
        Case("nothing told of it", FAIL, with_rules(rule(was_evaluated=None, activated_at=None))),
        Case("states that were denied", UNKNOWN, with_rules(rule(was_evaluated=DENIED))),
    ],
    "config_organization_aggregator_complete": [
        Case("in the management account", PASS, [organization(), aggregator()]),
        Case("no aggregator", FAIL, [organization()], message="management account"),
        Case("not all regions", FAIL, [organization(), aggregator(all_regions=False)]),
        Case("of accounts", FAIL, [organization(), aggregator(of_organization=False)]),
        Case(
            "in the delegated administrator",
            PASS,
            [organization(), administrator(OTHER)],
            {ADMINISTRATOR: [aggregator(account=OTHER)]},
        ),
        Case(
            "in the administrator of another service",
            FAIL,
            [organization(), administrator(OTHER, "health.amazonaws.com")],
            {ADMINISTRATOR: [aggregator(account=OTHER)]},
        ),
        Case(
            "in an account that administers nothing",
            FAIL,
            [organization()],
            {ADMINISTRATOR: [aggregator(account=OTHER)]},
        ),
        Case(
            "the administrator has none",
            FAIL,
            [organization(), administrator(OTHER)],
            {ADMINISTRATOR: []},
        ),
        Case(
            "the administrator was not collected",
            UNKNOWN,
            [organization(), administrator("333333333333")],
        ),
        Case("no organization", NOT_APPLICABLE, [aggregator()]),
        Case("denied", UNKNOWN, [organization()], gaps=[denied(aggregator())]),
    ],
    "config_recorder_global_types_single_region": [
        Case(
            "in one region", PASS, [recorder(**GLOBAL)], {ELSEWHERE: [recorder(region="us-east-1")]}
        ),
        Case(
            "in two",
            FAIL,
            [recorder(**GLOBAL)],
            {ELSEWHERE: [recorder(region=OTHER_REGION, **GLOBAL)]},
            message="2 regions: eu-west-1, us-east-1",
        ),
        Case("in none", FAIL, [recorder()], message="0 regions"),
        Case("no recorder", NOT_APPLICABLE, [service_recorder(**GLOBAL)]),
        Case(
            "a service's recorder does not count",
            PASS,
            [recorder(**GLOBAL), service_recorder(**GLOBAL)],
        ),
        Case("the strategy is left out", PASS, [recorder(strategy=None, **GLOBAL)]),
        Case(
            "the strategy is left out and types are listed",
            PASS,
            [recorder(strategy=None, all_supported=False, recorded_types=("AWS::IAM::Role",))],
        ),
        Case(
            "listed types without IAM",
            NOT_APPLICABLE,
            [recorder(**LISTING, recorded_types=("AWS::S3::Bucket",))],
        ),
        Case("excluded everywhere", NOT_APPLICABLE, [recorder(**WITHOUT_IAM)]),
        Case(
            "excluded here, forgotten elsewhere",
            FAIL,
            [recorder(**WITHOUT_IAM)],
            {ELSEWHERE: [recorder()]},
        ),
        Case(
            "excluding others records those of IAM",
            PASS,
            [recorder(**EXCLUDING, excluded_types=("AWS::IAM::Role",))],
        ),
        Case(
            "young regions cannot record them",
            PASS,
            [recorder(**GLOBAL)],
            {Place(ACCOUNT, "eu-south-2"): [recorder(region="eu-south-2", **EXCLUDING)]},
        ),
        Case("home", PASS, [recorder(**GLOBAL)], parameters={"home_region": REGION}),
        Case(
            "not at home",
            FAIL,
            [recorder(**GLOBAL)],
            parameters={"home_region": OTHER_REGION},
            message="expected in us-east-1",
        ),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)


def test_a_delivery_is_judged_by_its_parts():
    result = judged("config_delivery_channel_healthy", Case("", PASS, delivers()))
    assert [part.name for part in result.parts] == ["history", "snapshots"]


def test_a_region_without_recorder_is_a_part_of_its_account():
    case = Case("", FAIL, [recorder()], {ELSEWHERE: []})
    result = judged("config_recorder_recording_all_regions", case)
    assert [(p.name, p.status) for p in result.parts] == [(HERE.region, PASS), (OTHER_REGION, FAIL)]
