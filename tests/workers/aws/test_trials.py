import pytest
from botocore.credentials import Credentials

from simulator.organization import Condition
from workers.aws.sessions import Hub
from workers.aws.trials import sample_operations, try_account, try_hub

MEMBER, MANAGEMENT = "100000000003", "100000000001"


def tried(world, account=MEMBER, **options):
    access = options.pop("access", None) or world.access()
    return {t.step: t for t in try_account(world.hub, account, access, **options)}


def test_a_hub_that_reads_the_organization_is_well(simulated):
    world = simulated()
    trials = list(try_hub(world.hub, world.access()))
    assert [(t.step, t.passed) for t in trials] == [("credentials", True), ("organization", True)]
    assert trials[0].told == "of account 100000000001"


def test_a_hub_without_credentials_is_told_where_they_come_from(simulated, engine):
    world = simulated()
    hub = Hub(credentials=Credentials("AKIDOFNOBODY", "secret"), clients=engine.clients)
    (trial,) = try_hub(hub, world.access())
    assert not trial.passed
    assert trial.told == "no_credentials"
    assert "usual chain" in trial.advice


def test_a_hub_that_may_not_read_the_organization_is_told_to_be_delegated(simulated):
    world = simulated(faults=["access_denied:organizations:ListRoots"])
    trial = list(try_hub(world.hub, world.access()))[-1]
    assert not trial.passed
    assert "access denied" in trial.told
    assert "delegation-policy" in trial.advice


def test_an_account_that_is_well_passes_every_step(simulated):
    world = simulated()
    trials = tried(world)
    assert [step for step in trials if ":" not in step] == [
        "role",
        "external ID",
        "regions",
        "services",
    ]
    assert trials["role"].passed
    assert trials["external ID"].told == "required"
    assert trials["regions"].told == "3 enabled, 2 off"


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        (Condition.ROLE_MISSING, "role_missing"),
        (Condition.EXTERNAL_ID, "external_id_wrong"),
    ],
)
def test_an_account_that_cannot_be_entered_stops_at_the_role(simulated, condition, told):
    world = simulated()
    trials = tried(world, world.conditioned(condition))
    assert list(trials) == ["role"]
    assert trials["role"].told == told
    assert trials["role"].advice


def test_a_role_that_does_not_ask_for_the_external_id_is_found(simulated, monkeypatch):
    world = simulated()
    monkeypatch.setattr("simulator.operations.sts._trusts", lambda _call, _account: True)
    trial = tried(world)["external ID"]
    assert not trial.passed
    assert "assumed without it" in trial.told
    assert "sts:ExternalId" in trial.advice


def test_an_organization_without_external_id_is_told_to_set_one(simulated, monkeypatch):
    world = simulated()
    monkeypatch.setattr("simulator.operations.sts._trusts", lambda _call, _account: True)
    trial = tried(world, access=world.access(external_id=""))["external ID"]
    assert (trial.passed, trial.told) == (False, "not set")


def test_refused_regions_and_services_are_named_with_what_to_do(simulated):
    world = simulated(
        faults=["access_denied:ec2:DescribeRegions", "scp_denied:cloudtrail:DescribeTrails"]
    )
    trials = tried(world)
    assert not trials["regions"].passed
    denied = trials["cloudtrail:DescribeTrails"]
    assert "denied by policy" in denied.told
    assert "service control policy" in denied.advice
    assert not trials["services"].passed


def test_the_management_account_may_do_without_the_role_where_the_hub_stands(simulated):
    world = simulated()
    access = world.access(role_name="NotThere")
    trials = tried(world, MANAGEMENT, access=access, is_management=True)
    assert trials["role"].passed
    assert "own credentials" in trials["role"].told
    assert "external ID" not in trials


def test_each_service_is_tried_by_one_call_that_asks_for_nothing(simulated):
    place = simulated().account().region("us-east-1")
    member = sample_operations(place, is_management=False)
    services = [name.partition(":")[0] for name in member]
    assert len(set(services)) == len(services)
    assert {"cloudtrail", "sts", "ec2", "cloudwatch"} <= set(services)
    assert "organizations" not in services
    management = sample_operations(place, is_management=True)
    assert "organizations:DescribeOrganization" in management
