from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from simulator.organization import Condition

MEMBER = "100000000003"


def error(function, *args, **parameters):
    with pytest.raises(ClientError) as caught:
        function(*args, **parameters)
    return caught.value.response["Error"]


def conditioned(world, condition):
    return next(account.id for account in world.accounts if account.condition is condition)


def test_the_management_account_knows_itself(default):
    identity = default.client("sts").get_caller_identity()
    assert identity["Account"] == "100000000001"
    assert identity["Arn"] == "arn:aws:iam::100000000001:user/cairn"


def test_an_assumed_role_is_of_the_account_it_was_assumed_in(default):
    identity = default.client("sts", credentials=default.assumed(MEMBER)).get_caller_identity()
    assert identity["Account"] == MEMBER
    assert identity["Arn"] == f"arn:aws:sts::{MEMBER}:assumed-role/CairnScanner/cairn"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"ExternalId": "wrong"}, "because no role trust policy allows the sts:AssumeRole action"),
        ({"ExternalId": None}, "because no role trust policy allows the sts:AssumeRole action"),
        ({"RoleArn": f"arn:aws:iam::{MEMBER}:role/Other"}, "on resource: arn:aws:iam::"),
        ({"RoleArn": "arn:aws:iam::999999999999:role/CairnScanner"}, "on resource: arn:aws:iam::"),
    ],
)
def test_a_role_that_does_not_trust_the_call_is_denied(default, changed, words):
    denied = error(default.assumed, MEMBER, **changed)
    assert denied["Code"] == "AccessDenied"
    assert f"not authorized to perform: sts:AssumeRole {words}" in denied["Message"]


def test_what_is_no_role_arn_is_invalid(default):
    wrong = error(default.assumed, MEMBER, RoleArn="arn:aws:s3:::a-bucket-of-mine")
    assert wrong["Code"] == "ValidationError"


@pytest.mark.parametrize("condition", [Condition.ROLE_MISSING, Condition.EXTERNAL_ID])
def test_accounts_whose_role_is_closed_deny(default, condition):
    assert error(default.assumed, conditioned(default.world, condition))["Code"] == "AccessDenied"


def test_a_suspended_account_denies(default):
    suspended = next(a.id for a in default.world.accounts if a.state == "SUSPENDED")
    assert error(default.assumed, suspended)["Code"] == "AccessDenied"


def test_only_the_management_account_is_trusted(default):
    role = f"arn:aws:iam::{MEMBER}:role/CairnScanner"
    client = default.member("sts", "100000000004")
    denied = error(
        client.assume_role,
        RoleArn=role,
        RoleSessionName="cairn",
        ExternalId=default.world.external_id,
    )
    assert denied["Code"] == "AccessDenied"


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("sts", "get_caller_identity", "ExpiredToken"),
        ("cloudtrail", "describe_trails", "ExpiredTokenException"),
        ("ec2", "describe_regions", "RequestExpired"),
    ],
)
def test_a_session_expires_in_the_words_of_the_service(default, service, operation, code):
    keys = default.assumed(MEMBER, DurationSeconds=900)
    later = datetime.now(UTC) + timedelta(minutes=16)
    default.post("now", now=later.isoformat())
    client = default.client(service, credentials=keys)
    assert error(getattr(client, operation))["Code"] == code


def test_a_session_assumed_later_expires_later(default):
    default.post("now", now=(datetime.now(UTC) + timedelta(days=30)).isoformat())
    assert default.client("sts", credentials=default.assumed(MEMBER)).get_caller_identity()
