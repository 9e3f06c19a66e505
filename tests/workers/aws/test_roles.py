from datetime import UTC, datetime, timedelta

import pytest
from botocore.credentials import Credentials
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    NoCredentialsError,
    ReadTimeoutError,
    SSOTokenLoadError,
)

from simulator.organization import Condition
from tests.workers.aws.scripted import error as answer
from workers.aws.access import AccessError, Health, RoleAccess
from workers.aws.engine.caller import NoCaller
from workers.aws.roles import RoleCredentials, refusal
from workers.aws.sessions import Hub

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROLE = "arn:aws:iam::111111111111:role/CairnScanner"
USER = "User: arn:aws:iam::1:user/x is not authorized to perform: sts:AssumeRole"


class Assumed:
    """Hands out numbered keys that last an hour."""

    def __init__(self, clock):
        self.clock, self.count = clock, 0

    def __call__(self):
        self.count += 1
        return {
            "AccessKeyId": f"ASIA{self.count}",
            "SecretAccessKey": "secret",
            "SessionToken": "token",
            "Expiration": self.clock() + timedelta(hours=1),
        }


def answered(code, message="no", status=403):
    response = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(response, "AssumeRole")


def test_a_role_is_assumed_once_until_five_minutes_before_the_end():
    now = [NOON]
    assume = Assumed(lambda: now[0])
    source = RoleCredentials(assume, clock=lambda: now[0])
    assert source.frozen().access_key == "ASIA1"
    now[0] = NOON + timedelta(minutes=54, seconds=59)
    assert source.frozen().access_key == "ASIA1"
    now[0] = NOON + timedelta(minutes=55)
    assert source.frozen().access_key == "ASIA2"
    assert assume.count == 2


def test_what_aws_calls_expired_is_assumed_anew():
    source = RoleCredentials(Assumed(lambda: NOON), clock=lambda: NOON)
    source.frozen()
    assert source.renew()
    assert source.frozen().access_key == "ASIA2"


@pytest.mark.parametrize(
    ("error", "health", "advice"),
    [
        (answered("AccessDenied", f"{USER} on resource: {ROLE}"), Health.ROLE_MISSING, "deploy"),
        (
            answered("AccessDenied", f"{USER} because no role trust policy allows it"),
            Health.EXTERNAL_ID_WRONG,
            "compare",
        ),
        (
            answered("AccessDenied", f"{USER} because no identity-based policy allows it"),
            Health.DENIED,
            "the hub itself",
        ),
        (
            answered("AccessDenied", f"{USER} with an explicit deny in a service control policy"),
            Health.DENIED,
            "a policy denies",
        ),
        (
            answered("AccessDenied", USER.replace("AssumeRole", "TagSession")),
            Health.DENIED,
            "sts:TagSession",
        ),
        (answered("ValidationError", "1 validation error"), Health.DENIED, "ValidationError"),
        (answered("InvalidClientTokenId"), Health.NO_CREDENTIALS, "usual chain"),
        (answered("ExpiredToken"), Health.NO_CREDENTIALS, "usual chain"),
        (answered("Throttling", status=400), Health.UNREACHABLE, "Throttling"),
        (answered("InternalFailure", status=500), Health.UNREACHABLE, "InternalFailure"),
        (NoCredentialsError(), Health.NO_CREDENTIALS, "usual chain"),
        (SSOTokenLoadError(error_msg="expired"), Health.NO_CREDENTIALS, "no usable credentials"),
        (ConnectTimeoutError(endpoint_url="https://sts"), Health.UNREACHABLE, "did not answer"),
        (ReadTimeoutError(endpoint_url="https://sts"), Health.UNREACHABLE, "did not answer"),
    ],
)
def test_a_refusal_says_what_is_wrong_and_what_to_do(error, health, advice):
    refused = refusal(error, ROLE)
    assert refused.health is health
    assert advice in refused.message


@pytest.mark.parametrize(
    ("condition", "health"),
    [
        (Condition.ROLE_MISSING, Health.ROLE_MISSING),
        (Condition.EXTERNAL_ID, Health.EXTERNAL_ID_WRONG),
    ],
)
def test_accounts_that_cannot_be_entered_say_why(simulated, condition, health):
    world = simulated()
    with pytest.raises(AccessError) as refused:
        world.account(world.conditioned(condition))
    assert refused.value.health is health


def test_credentials_of_an_account_that_end_are_assumed_again(simulated):
    world = simulated()
    place = world.account().region("us-east-1")
    world.world.set_clock(datetime.now(UTC) + timedelta(hours=2))
    with place.collecting("kind"):
        assert place.client("sts").get_caller_identity()["Account"] == "100000000003"
    assert place.calls[0].retries == 1


def test_an_assumption_carries_external_id_session_name_and_tags(aws, engine):
    bodies = []
    aws.otherwise = lambda asked: bodies.append(asked) or answer("AccessDenied", 403)
    hub = Hub(credentials=Credentials("AKIDHUB", "secret"), clients=engine.clients)
    access = RoleAccess(
        partition="aws-us-gov",
        home_region="us-gov-west-1",
        external_id="external-id-of-ours",
        session_name="cairn-tests",
        session_tags={"scan": "7"},
        endpoint_url=aws.url,
    )
    with pytest.raises(AccessError):
        hub.account("111111111111", access)
    (asked,) = bodies
    assert (asked.access_key, asked.region) == ("AKIDHUB", "us-gov-west-1")
    assert asked.parameters["RoleArn"] == "arn:aws-us-gov:iam::111111111111:role/CairnScanner"
    assert asked.parameters["ExternalId"] == "external-id-of-ours"
    assert asked.parameters["RoleSessionName"] == "cairn-tests"
    assert asked.parameters["Tags.member.1.Value"] == "7"


def test_the_hub_says_when_it_has_no_credentials(engine, monkeypatch):
    hub = Hub(clients=engine.clients)
    monkeypatch.setattr("botocore.session.Session.get_credentials", lambda _session: None)
    with pytest.raises(AccessError, match="usual chain") as refused:
        hub.account("111111111111", RoleAccess())
    assert refused.value.health is Health.NO_CREDENTIALS


def test_the_hub_does_not_lend_its_credentials(simulated):
    world = simulated()
    with pytest.raises(NoCaller):
        world.engine.clients.get("sts", "us-east-1", world.url).get_caller_identity()


def test_a_profile_that_is_not_there_is_told(engine, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(AccessError, match="nobody") as refused:
        Hub(clients=engine.clients).account("111111111111", RoleAccess())
    assert refused.value.health is Health.NO_CREDENTIALS


def test_an_endpoint_that_is_no_address_is_told(engine):
    access = RoleAccess(endpoint_url="http://127.0.0.1:1")
    hub = Hub(credentials=Credentials("AKIDHUB", "secret"), clients=engine.clients)
    with pytest.raises(AccessError, match="did not answer") as refused:
        hub.account("111111111111", access)
    assert refused.value.health is Health.UNREACHABLE
