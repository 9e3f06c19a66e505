"""`assess` where things are unusual: empty, sparse, refused, of a member account, in time."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from django.core.management import CommandError, call_command

from findings.checks.base import built_in
from tests.emulator.aws_states import (
    ACCOUNT,
    CHANGED,
    OTHER_REGION,
    REGION,
    Aws,
    alarm,
    change_set,
    function,
    recorder,
    role,
    session_as,
    session_in,
    stack,
    trail,
)
from workers.assess import AccessError, AssessContext, assess

EVERYWHERE = "cloudtrail_multi_region_logging"
RECORDED = "config_recorder_recording_all_regions"
RETENTION = "cloudwatch_log_group_retention_set"
PROTECTED = "cloudformation_stack_termination_protected"
FILES = "cloudtrail_log_file_validation"
WIDE = [
    "cloudtrail_organization_trail_logging",
    "cloudformation_stackset_auto_deployment_enabled",
    "config_organization_aggregator_complete",
]

pytestmark = pytest.mark.usefixtures("aws")


def judged(*checks, session=None, **given):
    return assess(session or session_in(), checks=checks or None, **given)


def outcomes(assessment):
    return {(r.check, r.region, r.resource): r.outcome for r in assessment.results}


@pytest.fixture
def answer(monkeypatch):
    """Puts answers in place of moto's, as other projects' tests do: by operation."""
    send = BaseClient._make_api_call

    def use(**answers):
        def answered(client, operation, parameters):
            if operation not in answers:
                return send(client, operation, parameters)
            found = answers[operation]
            if isinstance(found, Exception):
                raise found
            return found

        monkeypatch.setattr(BaseClient, "_make_api_call", answered)

    return use


def refusal(code, message=""):
    return ClientError({"Error": {"Code": code, "Message": message}}, "Operation")


def test_an_empty_account_is_judged_without_a_stumble():
    found = judged()
    assert {gap.reason for gap in found.gaps} == {"service_not_available"}
    assert found.exit_code == 2
    unread = {gap.kind for gap in found.gaps}
    unknown = {r.check for r in found.results if r.outcome == "unknown"}
    readers = {d.id for d in built_in().values() if unread & {fact.kind for fact in d.facts}}
    assert unknown <= readers


def test_an_account_without_an_organization_can_be_read_completely():
    trail(Aws(), IsMultiRegionTrail=True, EnableLogFileValidation=True)
    found = judged(EVERYWHERE, FILES, *WIDE)
    assert found.gaps == ()
    assert found.exit_code == 0
    wide = {r.check: r.outcome for r in found.results if r.region == "aws-organization"}
    assert set(wide.values()) == {"not_applicable"}


@pytest.fixture
def member():
    """A session in a member account of an organization that has nothing."""
    organizations = Aws().organizations
    organizations.create_organization(FeatureSet="ALL")
    made = organizations.create_account(AccountName="shop", Email="shop@example.com")
    return session_as(made["CreateAccountStatus"]["AccountId"])


NO_ADMINISTRATOR = refusal("AccessDeniedException", "You don't have permissions to access this.")


def test_the_organization_is_not_a_member_accounts_to_answer_for(member, answer):
    trail(Aws(session=member), IsMultiRegionTrail=True)
    answer(ListDelegatedAdministrators=NO_ADMINISTRATOR)
    found = judged(EVERYWHERE, *WIDE, session=member)
    assert found.account != ACCOUNT
    wide = {r.check: r for r in found.results if r.region == "aws-organization"}
    assert {result.outcome for result in wide.values()} == {"not_applicable"}
    assert all(ACCOUNT in result.message for result in wide.values())
    assert (found.gaps, found.exit_code) == ((), 0)


def test_what_a_check_of_the_member_itself_cannot_see_stays_unknown(member, answer):
    answer(ListDelegatedAdministrators=NO_ADMINISTRATOR)
    found = judged("eventbridge_health_events_routed", session=member)
    assert set(outcomes(found).values()) == {"unknown"}
    assert {gap.operation for gap in found.gaps} == {"organizations:ListDelegatedAdministrators"}


def test_whoever_may_not_ask_whose_organization_it_is_may_say_so(answer):
    answer(DescribeOrganization=refusal("AccessDeniedException"))
    unsaid = judged(WIDE[0])
    said = judged(WIDE[0], context=AssessContext(is_management=False))
    assert set(outcomes(unsaid).values()) == {"unknown"}
    assert unsaid.exit_code == 2
    assert set(outcomes(said).values()) == {"not_applicable"}


def test_all_regions_are_those_that_the_account_has_enabled():
    recorder(Aws(), is_started=True)
    found = judged(RECORDED, regions="all")
    (result,) = found.results
    assert result.outcome == "fail"
    assert [part.name for part in result.parts] == sorted(found.regions)
    assert {part.name for part in result.parts if part.outcome == "pass"} == {REGION}


def test_a_recorder_in_each_region_records_everywhere():
    for region in (REGION, OTHER_REGION):
        recorder(Aws(region), is_started=True)
    found = judged(RECORDED, regions=[REGION, OTHER_REGION])
    assert set(outcomes(found).values()) == {"pass"}


@pytest.mark.parametrize(
    ("regions", "expected"),
    [([], "fail"), ([REGION], "pass"), ([REGION, OTHER_REGION], "fail")],
)
def test_global_types_are_recorded_once(regions, expected):
    for region in (REGION, OTHER_REGION):
        recorder(
            Aws(region),
            is_started=True,
            allSupported=True,
            includeGlobalResourceTypes=region in regions,
        )
    found = judged("config_recorder_global_types_single_region", regions=[REGION, OTHER_REGION])
    assert set(outcomes(found).values()) == {expected}


def test_credentials_that_expire_on_the_way_leave_gaps(answer):
    answer(DescribeTrails=refusal("ExpiredTokenException", "The security token is expired"))
    found = judged(EVERYWHERE)
    assert set(outcomes(found).values()) == {"unknown"}
    assert {gap.reason for gap in found.gaps} == {"credentials"}
    assert found.exit_code == 2


def test_credentials_that_are_expired_are_told(answer):
    answer(GetCallerIdentity=refusal("ExpiredToken", "The security token is expired"))
    with pytest.raises(AccessError, match="ExpiredToken"):
        judged(EVERYWHERE)


@pytest.fixture
def hooked_session():
    """A session whose hooks answer in place of AWS, as players of recorded answers do it."""
    answers = {"GetCallerIdentity": {"Account": "999999999999"}, "DescribeTrails": {}}

    def answer(model, **_event):
        return SimpleNamespace(status_code=200), dict(answers[model.name])

    session = boto3.Session("AKID", "secret", region_name=REGION)
    session.events.register_first("before-call.*.*", answer)
    return session


def test_what_is_hooked_into_the_session_is_called(hooked_session):
    found = judged(EVERYWHERE, session=hooked_session)
    assert (found.account, set(outcomes(found).values())) == ("999999999999", {"fail"})


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (refusal("AccessDenied"), "access_denied"),
        (refusal("SubscriptionRequiredException"), "subscription_required"),
        (refusal("SomethingNew"), "failed"),
        (RuntimeError("no such luck"), "failed"),
        (NotImplementedError("not emulated"), "service_not_available"),
    ],
)
def test_whatever_is_in_the_way_is_a_gap_and_no_verdict(answer, found, reason):
    answer(DescribeTrails=found)
    assessment = judged(EVERYWHERE)
    assert set(outcomes(assessment).values()) == {"unknown"}
    assert [gap.reason for gap in assessment.gaps] == [reason]


SPARSE_STACK = {
    "StackName": "shop",
    "StackStatus": "CREATE_COMPLETE",
    "CreationTime": datetime(2026, 1, 1, tzinfo=UTC),
}


@pytest.mark.parametrize(
    ("check", "answers", "expected"),
    [
        (EVERYWHERE, {"DescribeTrails": {"trailList": []}}, {"fail"}),
        (EVERYWHERE, {"DescribeTrails": {}}, {"fail"}),
        (
            EVERYWHERE,
            {
                "DescribeTrails": {"trailList": [{"TrailARN": "arn:aws:cloudtrail:x:1:trail/t"}]},
                "GetTrailStatus": {"IsLogging": True},
            },
            {"unknown"},
        ),
        (
            PROTECTED,
            {
                "ListStacks": {"StackSummaries": [SPARSE_STACK]},
                "DescribeStacks": {"Stacks": [SPARSE_STACK]},
            },
            {"unknown"},
        ),
        (RETENTION, {"DescribeLogGroups": {"logGroups": [{"logGroupName": "x"}]}}, {"fail"}),
    ],
)
def test_sparse_answers_make_no_wrong_verdicts(answer, check, answers, expected):
    answer(**answers)
    assert set(outcomes(judged(check)).values()) == expected


@pytest.mark.parametrize(
    ("check", "days", "expected"),
    [
        ("cloudformation_changeset_no_stale_pending", 8, "fail"),
        ("cloudwatch_alarm_reviewed", 364, "pass"),
        ("cloudwatch_alarm_reviewed", 366, "fail"),
    ],
)
def test_time_alone_turns_a_verdict(check, days, expected):
    stack(Aws(), "shop")
    change_set(Aws(), "shop", "UPDATE", CHANGED)
    alarm(Aws(), "errors")
    found = judged(check, now=datetime.now(UTC) + timedelta(days=days))
    assert set(outcomes(found).values()) == {expected}


def test_outside_production_a_tag_says_what_is():
    arn = role(Aws(), "all")
    function(Aws(), "shop", arn, Tags={"Environment": "prod"})
    function(Aws(), "trial", arn)
    stack(Aws(), "shop", tags={"Environment": "production"})
    stack(Aws(), "trial")
    sandbox = AssessContext(environment="sandbox")
    found = judged("lambda_tracing_active", PROTECTED, context=sandbox)
    assert {(r.check, r.resource): r.outcome for r in found.results} == {
        ("lambda_tracing_active", "shop"): "fail",
        ("lambda_tracing_active", "trial"): "not_applicable",
        (PROTECTED, "shop"): "fail",
        (PROTECTED, "trial"): "not_applicable",
    }


@pytest.fixture
def run(capsys, monkeypatch):
    """Runs `manage.py assess`: its exit code and its output."""
    monkeypatch.setenv("AWS_REGION", REGION)

    def run(*checks, form="json"):
        code = 0
        try:
            call_command("assess", "--checks", *checks, "--format", form)
        except SystemExit as ended:
            code = ended.code
        return code, capsys.readouterr().out

    return run


def test_the_exit_code_is_0_when_all_pass(run):
    trail(Aws(), IsMultiRegionTrail=True)
    assert run(EVERYWHERE)[0] == 0


def test_the_exit_code_is_1_when_something_fails(run):
    assert run(EVERYWHERE)[0] == 1


def test_the_exit_code_is_2_when_something_is_not_known_whatever_else_fails(run):
    code, out = run(EVERYWHERE, "codecommit_repository_active")
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 2
    assert [line["type"] for line in lines] == ["result", "result", "gap"]
    assert {line.get("outcome") for line in lines} == {"fail", "unknown", None}


def test_a_table_shows_results_and_what_is_missing(run):
    code, out = run(EVERYWHERE, "codecommit_repository_active", form="table")
    assert code == 2
    assert "codecommit:ListRepositories" in out
    assert "1 fail, 1 unknown" in out


def test_credentials_that_aws_refuses_end_with_a_sentence(run, answer):
    answer(GetCallerIdentity=refusal("InvalidClientTokenId"))
    with pytest.raises(CommandError, match="InvalidClientTokenId") as refused:
        run(EVERYWHERE)
    assert refused.value.returncode == 2
