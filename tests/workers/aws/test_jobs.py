import pytest

from simulator.days import Change
from workers.aws.errors import reason_of
from workers.aws.jobs import RESOURCE_SCAN, STACK_DRIFT, Stage, job_session, look, start
from workers.aws.operations import OperationNotAllowed

ACCOUNT, REGION = "100000000003", "eu-west-1"
CHANGES = [
    Change(day=1, facet=facet, variant="never", account=ACCOUNT, region=REGION)
    for facet in ("cloudformation.stacks.drift_cadence", "cloudformation.resource_scans")
]


@pytest.fixture
def place(simulated):
    return job_session(simulated(changes=CHANGES).account(ACCOUNT), REGION)


def stages(place, kind, aws_id, count=3):
    return [look(place, kind, aws_id).stage for _ in range(count)]


ENDS = [Stage.RUNNING, Stage.RUNNING, Stage.FINISHED]


def test_a_drift_detection_is_started_and_ends(place):
    assert stages(place, STACK_DRIFT, start(place, STACK_DRIFT, "stock", "t")) == ENDS


def test_a_resource_scan_is_started_once_for_a_token_and_ends(place):
    aws_id = start(place, RESOURCE_SCAN, "", "t-1")
    assert start(place, RESOURCE_SCAN, "", "t-1") == aws_id
    assert stages(place, RESOURCE_SCAN, aws_id) == ENDS


def test_a_session_for_jobs_reads_nothing_else(place):
    with place.collecting("x"), pytest.raises(OperationNotAllowed, match="DescribeStacks"):
        place.client("cloudformation").describe_stacks()


def test_a_session_for_collectors_starts_nothing(simulated):
    region = simulated().account(ACCOUNT).region(REGION)
    with region.collecting("x"), pytest.raises(OperationNotAllowed, match="StartResourceScan"):
        region.client("cloudformation").start_resource_scan()


@pytest.mark.parametrize("kind", [STACK_DRIFT, RESOURCE_SCAN])
def test_what_aws_does_not_know_is_raised(place, kind):
    with pytest.raises(Exception, match="does not exist") as raised:
        look(place, kind, "unknown")
    assert reason_of(raised.value) is None
