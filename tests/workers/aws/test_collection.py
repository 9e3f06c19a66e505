import dataclasses
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from findings.facts.base import Gap, GapReason
from workers.aws.collection import (
    CollectionFailed,
    RegionState,
    collect,
)
from workers.aws.engine.stalls import Stalled
from workers.aws.operations import OperationNotAllowed
from workers.collectors.base import Registered

SANDBOX_REGION = "ap-southeast-2"


@dataclasses.dataclass(frozen=True)
class Thing:
    """Stands for a fact: collection knows of facts only that they have a key."""

    key: str
    value: object = None


def collector(kind, function, *operations):
    fact = SimpleNamespace(kind=kind)
    return {kind: Registered(fact, operations or ("sts:GetCallerIdentity",), function)}


def calling(kind, service, method, **parameters):
    """A collector that makes one call and finds one thing."""

    def function(session):
        yield Thing(kind, getattr(session.client(service), method)(**parameters) and None)

    return collector(kind, function, f"{service}:{method}")


TRAILS = calling("trails", "cloudtrail", "describe_trails")
IDENTITY = calling("identity", "sts", "get_caller_identity")
TAGS = calling("tags", "resourcegroupstaggingapi", "get_resources")
GROUPS = calling("groups", "xray", "get_groups")
ALARMS = calling("alarms", "cloudwatch", "describe_alarms")


@pytest.fixture
def region(simulated):
    """A region of a member account: ``region(faults=["throttle%30"])``."""

    def start(name="us-east-1", account="100000000003", **parts):
        return simulated(**parts).account(account).region(name)

    return start


def reasons(collection):
    return {
        kind: found.reason if isinstance(found, Gap) else "collected"
        for kind, found in collection.facts.items()
    }


def test_facts_come_sorted_by_key(region):
    things = collector("things", lambda _session: map(Thing, "cab"))
    found = collect(region(), ["things"], things).facts["things"]
    assert [thing.key for thing in found] == ["a", "b", "c"]


def test_an_empty_listing_is_no_gap(region):
    found = collect(region(), ["things"], collector("things", lambda _session: ()))
    assert found.facts == {"things": ()}
    assert found.region_state is RegionState.ENABLED


def test_the_calls_of_a_shard_are_recorded(region):
    found = collect(region(), ["trails", "identity"], TRAILS | IDENTITY)
    assert [call.operation for call in found.calls] == [
        "sts:GetCallerIdentity",
        "cloudtrail:DescribeTrails",
    ]


def test_one_refused_operation_costs_only_its_kind(region):
    session = region(faults=["access_denied:cloudtrail"])
    found = collect(session, ["trails", "identity"], TRAILS | IDENTITY)
    assert reasons(found) == {"trails": GapReason.ACCESS_DENIED, "identity": "collected"}
    assert found.facts["trails"].operation == "cloudtrail:DescribeTrails"
    assert found.facts["trails"].kind == "trails"


def test_throttling_of_30_percent_costs_nothing(region):
    def many(session):
        for number in range(30):
            session.client("cloudtrail").describe_trails()
            yield Thing(f"{number:02}")

    found = collect(region(faults=["throttle%30"]), ["many"], collector("many", many))
    assert len(found.facts["many"]) == 30
    assert sum(call.retries for call in found.calls) > 5


def test_what_stays_throttled_is_tried_again_at_the_end(region):
    order = []

    def moody(session):
        order.append("moody")
        if order.count("moody") == 1:
            session.client("cloudtrail").describe_trails()
        yield Thing("at last")

    def calm(_session):
        order.append("calm")
        yield Thing("always")

    session = region(faults=["throttle:cloudtrail"])
    known = collector("calm", calm) | collector("a-moody", moody)
    found = collect(session, ["calm", "a-moody"], known)
    assert order == ["moody", "calm", "moody"]
    assert set(reasons(found).values()) == {"collected"}


def test_what_is_throttled_to_the_end_is_a_gap(region):
    session = region(faults=["throttle:cloudtrail"])
    found = collect(session, ["trails", "identity"], TRAILS | IDENTITY)
    assert reasons(found) == {"trails": GapReason.THROTTLED, "identity": "collected"}
    assert [call.code for call in found.calls if call.code] == ["ThrottlingException"] * 2


def test_a_throttled_detail_is_tried_again_and_then_costs_its_field(region):
    def things(session):
        client = session.client("cloudtrail")
        yield Thing("a", session.detail(client.get_trail_status, Name="trail-of-the-test"))

    session = region(faults=["throttle:cloudtrail:GetTrailStatus"])
    (thing,) = collect(session, ["things"], collector("things", things)).facts["things"]
    assert thing.value.reason is GapReason.THROTTLED
    assert len(session.calls) == 2


def test_a_region_that_an_organization_policy_denies_is_left_after_a_few_calls(region):
    session = region(faults=["scp_denied"])
    known = TRAILS | TAGS | GROUPS | ALARMS | IDENTITY
    found = collect(session, ["groups", "tags", "trails", "zz"], known | collector("zz", fail))
    assert found.region_state is RegionState.DENIED_BY_POLICY
    assert set(reasons(found).values()) == {GapReason.DENIED_BY_POLICY}
    assert [call.operation for call in found.calls][-1] == "cloudwatch:DescribeAlarms"
    assert len(found.calls) == 4


def fail(_session):
    raise AssertionError("this is not to be collected")


def test_a_denied_region_is_left_as_soon_when_kinds_are_collected_side_by_side(region):
    session = region(faults=["scp_denied"])
    known = TRAILS | TAGS | GROUPS | collector("zz", fail, "xray:GetGroups", "xray:Get")
    with ThreadPoolExecutor(8) as pool:
        found = collect(session, list(known), known, pool=pool)
    assert found.region_state is RegionState.DENIED_BY_POLICY
    assert len(found.calls) == 4


def test_a_probe_that_is_throttled_tells_nothing_and_is_asked_again(simulated):
    world = simulated(faults=["throttle:cloudwatch", "scp_denied"])

    def calmer(session):
        world.world.faults.set(["scp_denied"])
        yield Thing("a", session.client("cloudformation").describe_stacks())

    known = TRAILS | TAGS | GROUPS | collector("u", calmer, "cloudformation:DescribeStacks")
    known |= collector("zz", fail, "xray:GetGroups", "xray:Get")
    found = collect(world.account().region("us-east-1"), list(known), known)
    assert found.region_state is RegionState.DENIED_BY_POLICY
    assert [call.code for call in found.calls][-3:] == [
        "Throttling",
        "AccessDenied",
        "AccessDenied",
    ]


def test_services_that_are_denied_in_a_working_region_are_gaps(region):
    session = region(faults=["scp_denied:cloudtrail", "scp_denied:xray", "scp_denied:tag*"])
    found = collect(session, ["groups", "trails", "identity"], TRAILS | GROUPS | IDENTITY)
    assert found.region_state is RegionState.ENABLED
    assert reasons(found)["trails"] is GapReason.DENIED_BY_POLICY
    assert reasons(found)["identity"] == "collected"


def test_a_denied_region_costs_one_call_until_the_denial_ends(simulated):
    world = simulated(faults=["scp_denied"])
    still = world.account().region("us-east-1")
    found = collect(still, ["trails", "tags"], TRAILS | TAGS, denied_before=True)
    assert found.region_state is RegionState.DENIED_BY_POLICY
    assert len(found.calls) == 1
    world.world.faults.set([])
    ended = world.account().region("us-east-1")
    assert collect(ended, ["trails"], TRAILS, denied_before=True).region_state == "enabled"


def test_a_region_that_is_off_is_left_after_two_services(simulated):
    account = simulated(faults=["disabled_region@*/eu-west-1"]).account()
    known = TRAILS | TAGS | collector("zz", fail)
    found = collect(account.region("eu-west-1"), ["tags", "trails", "zz"], known)
    assert found.region_state is RegionState.OPTED_OUT
    assert set(reasons(found).values()) == {GapReason.REGION_DISABLED}


def test_a_region_that_does_not_answer_is_left_and_unreachable(region):
    asked = []

    def silent(service):
        def function(session):
            asked.append(service)
            session.caller.stalls.refuse(service)
            session.caller.stalls.timed_out(service)
            raise Stalled(service=service, region=session.region)
            yield

        return collector(service, function)

    known = silent("a") | silent("b") | calling("c", "sts", "get_caller_identity")
    found = collect(region(), ["a", "b", "c"], known)
    assert found.region_state is RegionState.UNREACHABLE
    assert set(reasons(found).values()) == {GapReason.TIMED_OUT}
    assert found.calls == ()


def test_a_bug_fails_the_shard_and_names_the_kind(region):
    def broken(_session):
        yield {}["trailList"]

    with pytest.raises(CollectionFailed, match="things could not be collected: KeyError"):
        collect(region(), ["things"], collector("things", broken))


def test_an_unexpected_answer_names_its_operation(region):
    known = calling("things", "cloudtrail", "get_trail_status", Name="there-is-no-such-trail")
    with pytest.raises(CollectionFailed, match="by cloudtrail:GetTrailStatus"):
        collect(region(), ["things"], known)


def test_an_operation_that_is_not_allowed_is_a_bug(region):
    known = calling("things", "iam", "list_users")
    with pytest.raises(CollectionFailed) as failed:
        collect(region(), ["things"], known)
    assert isinstance(failed.value.__cause__, OperationNotAllowed)


def test_whoever_keeps_going_gets_a_gap_for_a_bug(region):
    def broken(_session):
        yield {}["trailList"]

    known = collector("things", broken) | IDENTITY
    found = collect(region(), ["things", "identity"], known, keep_going=True)
    assert reasons(found) == {"things": GapReason.FAILED, "identity": "collected"}
    assert found.facts["things"].code == "KeyError"


@pytest.mark.parametrize(("halves", "outcome"), [(2, "collected"), (3, GapReason.FAILED)])
def test_a_module_that_another_thread_has_half_imported_is_imported_again(region, halves, outcome):
    half_made = iter([ImportError("partially initialized module")] * halves)

    def importing(_session):
        if error := next(half_made, None):
            raise error
        yield Thing("a", 1)

    found = collect(region(), ["things"], collector("things", importing), keep_going=True)
    assert reasons(found) == {"things": outcome}


def test_two_different_things_of_one_key_are_a_bug(region):
    things = collector("things", lambda _session: [Thing("a", 1), Thing("a", 2)])
    with pytest.raises(CollectionFailed, match="two different facts of kind things"):
        collect(region(), ["things"], things)


def test_a_thing_that_aws_lists_twice_counts_once(region):
    things = collector("things", lambda _session: [Thing("a", 1), Thing("a", 1)])
    assert len(collect(region(), ["things"], things).facts["things"]) == 1


def test_kinds_may_be_collected_side_by_side(region):
    known = TRAILS | IDENTITY | TAGS
    with ThreadPoolExecutor(3) as pool:
        found = collect(region(), list(known), known, pool=pool)
    assert set(reasons(found).values()) == {"collected"}
    assert len(found.calls) == 3


def test_a_kind_that_nobody_collects_is_refused(region):
    with pytest.raises(LookupError, match="no collector collects dreams"):
        collect(region(), ["dreams"], TRAILS)


def test_the_sandbox_of_the_demo_is_denied_its_last_region(simulated):
    world = simulated()
    account = next(a.id for a in world.world.accounts if a.unit == "Sandbox")
    known = TRAILS | TAGS | GROUPS
    found = collect(world.account(account).region(SANDBOX_REGION), list(known), known)
    assert found.region_state is RegionState.DENIED_BY_POLICY
