import dataclasses
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from findings.facts.base import Gap, GapReason
from workers.aws.access import AccessError, Health
from workers.aws.sessions import Hub

MANAGEMENT = "100000000001"


@pytest.fixture
def place(simulated):
    """A region of a member account in which everything may be called that tests call."""
    session = simulated().account().region("us-east-1")
    with session.collecting("tests.kind"):
        yield session


def test_a_session_knows_where_it_is(place):
    assert (place.account, place.region, place.partition) == ("100000000003", "us-east-1", "aws")
    assert place.now.tzinfo is UTC


def test_pseudo_regions_are_called_in_the_home_region(simulated):
    account = simulated().account()
    assert account.region("aws-global").client("ec2").meta.region_name == "us-east-1"
    assert account.region("eu-west-1").client("ec2").meta.region_name == "eu-west-1"


def test_a_service_with_one_endpoint_is_called_there(simulated):
    place = simulated().account().region("eu-west-1")
    assert place.client("trustedadvisor").meta.region_name == "us-east-1"


def test_items_are_those_of_all_pages(simulated):
    place = simulated(accounts=24).hub.organization(simulated().access())
    with place.collecting("kind"):
        listed = list(place.items("organizations", "list_accounts", "Accounts"))
    assert len(listed) == 24
    assert len(place.calls) > 1


def test_a_listing_is_asked_once_whatever_is_read_of_it(place):
    for _ in range(3):
        assert list(place.items("cloudtrail", "describe_trails", "trailList"))
    assert len(place.calls) == 1


def test_one_response_is_asked_once_whoever_reads_it(place):
    first, again = (place.once("cloudtrail", "describe_trails") for _ in range(2))
    assert first is again
    assert first["trailList"]
    place.once("cloudtrail", "describe_trails", includeShadowTrails=False)
    assert len(place.calls) == 2


def test_a_listing_with_other_parameters_is_another(place):
    list(place.items("cloudtrail", "describe_trails", "trailList", includeShadowTrails=False))
    list(place.items("cloudtrail", "describe_trails", "trailList", includeShadowTrails=True))
    assert len(place.calls) == 2


def test_a_refused_listing_is_refused_to_all_who_read_it_by_one_call(simulated):
    place = simulated(faults=["access_denied:cloudtrail"]).account().region("us-east-1")
    with place.collecting("kind"):
        for _ in range(2):
            with pytest.raises(ClientError, match="AccessDenied"):
                list(place.items("cloudtrail", "describe_trails", "trailList"))
    assert len(place.calls) == 1


def test_a_throttled_listing_may_be_asked_again(simulated):
    world = simulated(faults=["throttle:cloudtrail"])
    place = world.account().region("us-east-1")
    with place.collecting("kind"):
        with pytest.raises(ClientError, match="Throttling"):
            list(place.items("cloudtrail", "describe_trails", "trailList"))
        world.world.faults.set([])
        assert list(place.items("cloudtrail", "describe_trails", "trailList"))


def test_items_inside_another_key_are_found(place):
    found = place.items("sts", "get_caller_identity", "ResponseMetadata.HTTPHeaders")
    assert "content-type" in list(found)


def test_a_missing_key_is_no_items(place):
    assert list(place.items("cloudtrail", "describe_trails", "noSuchList")) == []


def test_a_refused_detail_is_a_gap_of_the_kind_that_is_collected(simulated):
    place = simulated(faults=["access_denied:cloudtrail"]).account().region("us-east-1")
    with place.collecting("cloudtrail.trail"):
        found = place.detail(place.client("cloudtrail").get_trail_status, Name="trail")
    assert found == Gap(
        kind="cloudtrail.trail",
        reason=GapReason.ACCESS_DENIED,
        operation="cloudtrail:GetTrailStatus",
        code="AccessDeniedException",
    )


def test_a_detail_that_fails_otherwise_is_raised(place):
    with pytest.raises(ClientError, match="TrailNotFound"):
        place.detail(place.client("cloudtrail").get_trail_status, Name="there-is-none-of-this")


def test_the_calls_of_two_regions_are_recorded_apart(simulated):
    account = simulated().account()
    regions = [account.region(name) for name in ("us-east-1", "eu-west-1")]
    for region in regions:
        with region.collecting("kind"):
            region.client("sts").get_caller_identity()
    assert [[call.region for call in region.calls] for region in regions] == [
        ["us-east-1"],
        ["eu-west-1"],
    ]


def test_an_account_is_entered_once(simulated):
    world = simulated()
    first, second = world.account(), world.account()
    assert first.credentials is second.credentials


def test_the_hub_tells_whose_credentials_it_has(simulated):
    world = simulated()
    assert world.hub.identity(world.access()) == MANAGEMENT


def test_the_management_account_is_read_by_its_role(simulated):
    place = simulated().account(MANAGEMENT).region("us-east-1")
    with place.collecting("kind"):
        assert "assumed-role/CairnScanner" in place.client("sts").get_caller_identity()["Arn"]


def test_the_account_of_the_hub_may_be_read_with_the_hubs_own_credentials(simulated):
    world = simulated()
    session = world.hub.account(MANAGEMENT, world.access(hub_account=MANAGEMENT))
    place = session.region("us-east-1")
    with place.collecting("kind"):
        assert ":user/" in place.client("sts").get_caller_identity()["Arn"]


def test_another_account_is_never_read_with_the_hubs_own_credentials(simulated):
    world = simulated()
    member = "100000000003"
    with pytest.raises(AccessError, match="belong to 100000000001") as refused:
        world.hub.account(member, world.access(hub_account=member))
    assert refused.value.health is Health.DENIED


def test_invalid_credentials_of_the_hub_are_told(simulated, engine):
    world = simulated()
    hub = Hub(credentials=Credentials("AKIDOFNOBODY", "secret"), clients=engine.clients)
    with pytest.raises(AccessError, match="refuses the hub's credentials") as refused:
        hub.identity(world.access())
    assert refused.value.health is Health.NO_CREDENTIALS


def test_contexts_of_two_accounts_nest(simulated):
    world = simulated()
    with ExitStack() as stack:
        for id in ("100000000003", "100000000004"):
            place = world.account(id).region("us-east-1")
            stack.enter_context(place.collecting("kind"))
        assert place.client("sts").get_caller_identity()["Account"] == "100000000004"


def test_the_time_of_a_session_is_the_clock_of_its_account(simulated):
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    account = simulated().account()
    assert dataclasses.replace(account, clock=lambda: noon).region("us-east-1").now == noon
