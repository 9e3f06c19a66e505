import json
import subprocess
import sys
from datetime import UTC, datetime

import boto3
import pytest
from botocore.client import BaseClient
from moto import mock_aws
from moto.backends import get_backend
from moto.server import ThreadedMotoServer

from findings.checks.base import built_in
from simulator.credentials import user_credentials
from workers.assess import AssessContext, BadInput, assess, default_session
from workers.assess_input import chosen_checks, declared_tools, nearest
from workers.aws.access import AccessError, Health

ACCOUNT = "123456789012"
FILES, EVENTS = "cloudtrail_log_file_validation", "cloudtrail_management_events_complete"
EVERYWHERE, DELIVERY = "cloudtrail_multi_region_logging", "cloudtrail_s3_delivery_healthy"


def make_trail(name="trail-one", region="us-east-1", endpoint_url=None, **settings):
    clients = {
        service: boto3.client(service, region_name=region, endpoint_url=endpoint_url)
        for service in ("s3", "cloudtrail")
    }
    clients["s3"].create_bucket(Bucket="the-bucket-of-trails")
    clients["cloudtrail"].create_trail(Name=name, S3BucketName="the-bucket-of-trails", **settings)
    clients["cloudtrail"].start_logging(Name=name)


@pytest.fixture
def credentials(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)


@pytest.fixture
def mocked(credentials):
    get_backend("cloudformation")  # imports most others, which threads had better not do at once
    with mock_aws():
        yield


def outcomes(assessment, check):
    return {r.resource or r.region: r.outcome for r in assessment.results if r.check == check}


@pytest.mark.usefixtures("mocked")
def test_what_other_code_made_in_this_process_is_judged():
    make_trail(IsMultiRegionTrail=True, EnableLogFileValidation=False)
    found = assess(boto3.Session(region_name="us-east-1"), checks=[FILES, EVERYWHERE])
    assert outcomes(found, EVERYWHERE) == {"aws-global": "pass"}
    assert set(outcomes(found, FILES).values()) == {"fail"}
    assert found.exit_code == 1
    assert found.account == ACCOUNT


@pytest.mark.usefixtures("mocked")
def test_a_result_says_what_was_judged_and_how_each_part_came_out():
    make_trail(IsMultiRegionTrail=True)
    (result,) = assess(boto3.Session(region_name="us-east-1"), checks=[EVERYWHERE]).results
    assert (result.check, result.account, result.region) == (EVERYWHERE, ACCOUNT, "aws-global")
    assert {part.outcome for part in result.parts} == {"pass"}
    assert len(result.parts) == 3


@pytest.mark.usefixtures("mocked")
def test_regions_are_the_sessions_own_unless_named():
    session = boto3.Session(region_name="eu-west-1")
    assert assess(session, checks=[FILES]).regions == ("eu-west-1",)
    named = assess(session, regions=["us-east-1", "eu-west-1"], checks=[FILES])
    assert named.regions == ("us-east-1", "eu-west-1")
    assert "ap-southeast-2" in assess(session, regions="all", checks=[FILES]).regions


@pytest.mark.usefixtures("mocked")
def test_what_the_emulator_does_not_know_is_a_gap_and_its_results_unknown():
    found = assess(boto3.Session(region_name="us-east-1"), checks=["codecommit_repository_active"])
    (gap,) = found.gaps
    assert (gap.kind, gap.operation) == ("codecommit.repository", "codecommit:ListRepositories")
    assert (gap.reason, gap.account, gap.region) == ("service_not_available", ACCOUNT, "us-east-1")
    assert {result.outcome for result in found.results} == {"unknown"}
    assert found.exit_code == 2


@pytest.mark.usefixtures("mocked")
def test_answers_that_a_test_puts_in_place_of_botocores_are_seen(monkeypatch):
    original = BaseClient._make_api_call

    def answer(client, operation, parameters):
        if operation == "ListRepositories":
            return {"repositories": []}
        return original(client, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", answer)
    found = assess(boto3.Session(region_name="us-east-1"), checks=["codecommit_repository_active"])
    assert found.gaps == ()


@pytest.mark.usefixtures("mocked")
def test_every_check_ends_in_an_outcome():
    make_trail()
    found = assess(boto3.Session(region_name="us-east-1"))
    assert {result.outcome for result in found.results} <= {
        "pass",
        "fail",
        "unknown",
        "not_applicable",
    }
    assert {gap.region for gap in found.gaps if gap.reason == "failed"} <= {"aws-organization"}


@pytest.mark.usefixtures("credentials")
def test_a_server_of_moto_is_judged_over_http(monkeypatch):
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        make_trail(IsMultiRegionTrail=True, EnableLogFileValidation=True)
        found = assess(boto3.Session(region_name="us-east-1"), checks=[EVERYWHERE])
        assert outcomes(found, EVERYWHERE) == {"aws-global": "pass"}
    finally:
        server.stop()


@pytest.fixture
def simulated_session(simulated, monkeypatch):
    """A boto3 session of an account of a simulated organization, by a user's keys."""

    def start(account="100000000003", **parts):
        keys = user_credentials(account)
        world = simulated(**parts)
        monkeypatch.setenv("AWS_ENDPOINT_URL", world.url)
        return boto3.Session(
            keys.access_key_id, keys.secret_access_key, region_name="us-east-1"
        ), world

    return start


def test_a_denied_service_is_a_gap_and_leaves_the_rest(simulated_session):
    session, _world = simulated_session(faults=["access_denied:cloudtrail"])
    found = assess(session, rows=["O2"])
    reasons = {gap.reason for gap in found.gaps if gap.kind.startswith("cloudtrail")}
    assert reasons - {"not_supplied"} == {"access_denied"}  # the rest other accounts would tell
    assert outcomes(found, FILES) == {"us-east-1": "unknown"}


def test_a_region_denied_by_policy_is_out_of_scope(simulated_session):
    session, _world = simulated_session(faults=["scp_denied@*/eu-west-1"])
    found = assess(session, regions=["us-east-1", "eu-west-1"], rows=["O2"])
    denied = [gap for gap in found.gaps if gap.region == "eu-west-1"]
    assert {gap.reason for gap in denied} == {"denied_by_policy"}
    assert "eu-west-1" not in {result.region for result in found.results}


def test_rows_choose_their_checks():
    chosen = chosen_checks(built_in(), None, ["o2"])
    assert {str(definition.check.row) for definition in chosen} == {"O2"}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"checks": ["cloudtrail_multi_region_login"]}, f"did you mean '{EVERYWHERE}'"),
        ({"rows": ["O9"]}, "rows are P1"),
        ({"regions": ["us-east-11"]}, "did you mean 'us-east-1'"),
        (
            {"context": AssessContext(parameters={"no_such_check": {}})},
            "context: there is no check 'no_such_check'",
        ),
        (
            {"context": AssessContext(parameters={EVERYWHERE: {"dais": 3}})},
            f"context: {EVERYWHERE} has no parameter 'dais'",
        ),
    ],
)
@pytest.mark.usefixtures("credentials")
def test_bad_input_is_told_before_aws_is_asked(given, told):
    with pytest.raises(BadInput, match=told):
        assess(boto3.Session(region_name="us-east-1"), **given)


@pytest.mark.usefixtures("credentials")
def test_a_session_without_a_region_is_told_to_name_one(monkeypatch):
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    with pytest.raises(BadInput, match="set AWS_DEFAULT_REGION"):
        assess(boto3.Session())


def test_a_session_without_credentials_is_told_where_they_come_from(monkeypatch):
    session = boto3.Session(region_name="us-east-1")
    monkeypatch.setattr(session, "get_credentials", lambda: None)
    with pytest.raises(AccessError, match="usual chain") as refused:
        assess(session)
    assert refused.value.health is Health.NO_CREDENTIALS


def test_credentials_that_aws_refuses_are_told(simulated, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", simulated().url)
    session = boto3.Session("AKIDOFNOBODY", "secret", region_name="us-east-1")
    with pytest.raises(AccessError, match="refuses the hub's credentials"):
        assess(session)


def test_the_region_of_the_environment_is_that_of_awss_other_tools(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert default_session().region_name == "us-east-1"
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert default_session().region_name == "eu-west-1"


def test_a_profile_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(BadInput, match="nobody"):
        default_session()


def test_half_a_key_is_told(monkeypatch):
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(AccessError, match="AWS_SECRET_ACCESS_KEY"):
        assess(default_session(), regions=["us-east-1"])


def test_an_endpoint_that_is_no_address_is_told(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "localhost")
    with pytest.raises(AccessError, match="give an address such as"):
        assess(default_session(), regions=["us-east-1"])


def test_a_name_far_from_all_others_gets_no_hint():
    assert nearest("zzz", ["us-east-1"]) == ""


@pytest.mark.usefixtures("credentials")
def test_a_value_that_a_parameter_does_not_take_is_told():
    id, name = next(
        (definition.id, parameter.name)
        for definition in built_in().values()
        for parameter in definition.check.parameters
        if parameter.unit == "days"
    )
    context = AssessContext(parameters={id: {name: "many"}})
    with pytest.raises(BadInput, match=f"context: {id}: {name} takes a number"):
        assess(boto3.Session(region_name="us-east-1"), context=context)


def test_the_time_may_be_given(simulated_session):
    session, world = simulated_session(account="100000000001")
    early = assess(session, checks=[DELIVERY], now=world.world.epoch)
    late = assess(session, checks=[DELIVERY], now=datetime(2036, 1, 1, tzinfo=UTC))
    assert (early.exit_code, late.exit_code) == (0, 1)


IMPORTS = """
import sys, json
import workers.assess
print(json.dumps([name for name in ("django", "celery", "rest_framework") if name in sys.modules]))
"""


def test_it_imports_neither_django_nor_celery():
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == []


RECORDING = "config_recorder_recording_all_regions"
WIZ = {"kind": "configuration_audit", "name": "Wiz", "until": "2026-06-30"}


@pytest.mark.usefixtures("mocked")
@pytest.mark.parametrize(
    ("now", "stands_in"),
    [
        (datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 7, 1, tzinfo=UTC), False),
    ],
)
def test_a_tool_of_the_context_stands_in_until_the_end_of_its_last_day(now, stands_in):
    found = assess(
        boto3.Session(region_name="us-east-1"),
        checks=[RECORDING],
        context=AssessContext(tools=[WIZ]),
        now=now,
    )
    (result,) = found.results
    assert result.outcome == ("not_applicable" if stands_in else "fail")
    assert ("Wiz is declared to do this until 2026-06-30" in result.message) is stands_in


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"kind": "traces"}, "there is no kind 'traces'; kinds are infrastructure_as_code"),
        ({"name": " "}, "its name must be a text"),
        ({"name": 1}, "its name must be a text"),
        ({"until": "June"}, "until is a day such as 2027-03-31, not 'June'"),
        ({"untill": "2026-06-30"}, "there is no 'untill'; did you mean 'until'"),
    ],
)
def test_a_tool_that_is_not_told_rightly_is_refused(change, told):
    with pytest.raises(BadInput, match=f"context: tool 1: {told}"):
        declared_tools(AssessContext(tools=[WIZ | change]))


def test_a_tool_may_stand_in_for_ever():
    (tool,) = declared_tools(AssessContext(tools=[WIZ | {"until": "9999-12-31"}]))
    assert tool.ends_at.year == 9999


def test_a_tool_needs_an_end():
    tool = {"kind": "tracing", "name": "Datadog"}
    with pytest.raises(BadInput, match="context: tool 1: say its until"):
        declared_tools(AssessContext(tools=[tool]))
