import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.parsers import ResponseParserError

from simulator.faults import BadFault, FaultKind, Faults, parse_fault

MEMBER = "100000000003"
OTHER = "100000000004"


def code(function, **parameters):
    with pytest.raises(ClientError) as caught:
        function(**parameters)
    return caught.value.response["Error"]["Code"]


def test_a_full_specification_is_read():
    fault = parse_fault("throttle:ec2:DescribeRegions@100000000003/eu-west-1%30")
    assert fault.kind is FaultKind.THROTTLE
    assert (fault.service, fault.operation) == ("ec2", "DescribeRegions")
    assert (fault.account, fault.region, fault.rate) == (MEMBER, "eu-west-1", 30)


def test_what_is_left_out_matches_all():
    assert parse_fault("error500").matches("ssm", "GetX", MEMBER, "us-east-1")
    assert parse_fault("error500@*/eu-west-1").matches("ssm", "GetX", MEMBER, "eu-west-1")
    assert not parse_fault("error500@*/eu-west-1").matches("ssm", "GetX", MEMBER, "us-east-1")


def test_a_star_stands_for_any_text():
    fault = parse_fault("error500:cloud*:Describe*@*/eu-*")
    assert fault.matches("cloudtrail", "DescribeTrails", MEMBER, "eu-west-1")
    assert not fault.matches("cloudtrail", "GetTrailStatus", MEMBER, "eu-west-1")
    assert not fault.matches("cloudtrail", "DescribeTrails", MEMBER, "us-east-1")


@pytest.mark.parametrize(
    "spec",
    [
        *("", "nothing", "throttle@12", "throttle%0", "throttle%101", "slow=x", "throttle:"),
        *("throttle=5", "slow=600001"),
    ],
)
def test_a_bad_specification_says_so(spec):
    with pytest.raises(BadFault, match="fault"):
        parse_fault(spec)


def test_a_rate_holds_and_is_the_same_each_time():
    def drawn():
        faults = Faults(["throttle%30"], seed=1)
        return [bool(faults.met("ssm", "X", MEMBER, "eu-west-1")) for _ in range(400)]

    assert drawn() == drawn()
    assert 90 < sum(drawn()) < 150


def test_throttling_meets_every_service_with_its_own_code(simulator):
    world = simulator(faults=["throttle"])
    assert code(world.client("sts").get_caller_identity) == "Throttling"
    assert code(world.client("organizations").list_accounts) == "TooManyRequestsException"
    assert code(world.client("ec2").describe_regions) == "RequestLimitExceeded"


def test_retries_get_through_throttling(simulator):
    world = simulator(faults=["throttle%30"])
    patient = Config(retries={"mode": "standard", "total_max_attempts": 10})
    pages = world.client("organizations", config=patient).get_paginator("list_accounts")
    assert sum(len(page["Accounts"]) for page in pages.paginate()) == 24


def test_access_denied_leaves_the_way_in_open(simulator):
    world = simulator(faults=[f"access_denied@{MEMBER}"])
    client = world.client("cloudtrail", credentials=world.assumed(MEMBER))
    assert code(client.describe_trails) == "AccessDeniedException"


def test_access_denied_of_a_service_of_the_account_must_name_it(simulator):
    world = simulator(faults=["access_denied:organizations"])
    assert code(world.client("organizations").list_accounts) == "AccessDeniedException"


def test_a_policy_denies_in_its_own_words(simulator):
    world = simulator(faults=["scp_denied:ec2@*/eu-west-1"])
    with pytest.raises(ClientError, match="explicit deny in a service control policy"):
        world.member("ec2", MEMBER, "eu-west-1").describe_regions()
    assert world.member("ec2", MEMBER).describe_regions()["Regions"]


def test_a_disabled_region_knows_no_key(simulator):
    world = simulator(faults=["disabled_region@*/eu-west-1"])
    client = world.member("cloudtrail", MEMBER, "eu-west-1")
    assert code(client.describe_trails) == "UnrecognizedClientException"


def test_an_expired_token_is_said_so(simulator):
    world = simulator(faults=[f"expired_token@{MEMBER}"])
    client = world.client("cloudtrail", credentials=world.assumed(MEMBER))
    assert code(client.describe_trails) == "ExpiredTokenException"


@pytest.mark.parametrize("kind", ["role_missing", "external_id"])
def test_a_role_can_be_closed_in_one_account(simulator, kind):
    world = simulator(faults=[f"{kind}@{MEMBER}"])
    with pytest.raises(ClientError, match="AccessDenied"):
        world.assumed(MEMBER)
    assert world.assumed(OTHER)


def test_a_listing_breaks_off_after_its_first_page(simulator):
    pages = (
        simulator(faults=["listing_breaks:organizations:ListAccounts"])
        .client("organizations")
        .get_paginator("list_accounts")
        .paginate()
    )
    pages = iter(pages)
    assert next(pages)["Accounts"]
    assert code(lambda: next(pages)) == "ServiceException"


def test_a_truncated_body_cannot_be_parsed(simulator):
    client = simulator(faults=["truncated:sts"]).client("sts")
    with pytest.raises(ResponseParserError):
        client.get_caller_identity()


def test_botocore_takes_truncated_json_for_an_empty_answer(simulator):
    """It switches the check of Content-Length off; who reads JSON must make it."""
    client = simulator(faults=["truncated:organizations"]).client("organizations")
    bodies = []
    client.meta.events.register(
        "before-parse", lambda response_dict, **_: bodies.append(response_dict)
    )
    assert "Accounts" not in client.list_accounts()
    (raw,) = bodies
    assert len(raw["body"]) < int(raw["headers"]["Content-Length"])


def test_a_call_may_never_be_answered(simulator):
    world = simulator(faults=["timeout:sts"])
    hasty = Config(retries={"total_max_attempts": 1}, read_timeout=0.2)
    with pytest.raises(ReadTimeoutError):
        world.client("sts", config=hasty).get_caller_identity()


def test_a_slow_answer_is_an_answer(simulator):
    world = simulator(faults=["slow=30:sts"])
    assert world.client("sts").get_caller_identity()["Account"] == "100000000001"


def test_internal_errors_are_those_of_the_protocol(simulator):
    world = simulator(faults=["error500"])
    assert code(world.client("ec2").describe_regions) == "InternalError"


def test_faults_may_be_changed_at_run_time(simulator):
    world = simulator()
    assert world.post("faults", faults=["error500:sts"])["faults"] == ["error500:sts"]
    assert code(world.client("sts").get_caller_identity) == "InternalFailure"
