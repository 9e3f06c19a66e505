import pytest
from botocore.exceptions import ClientError

from simulator.days import Change

ACCOUNT, REGION = "100000000003", "eu-west-1"


@pytest.fixture
def caller(simulator):
    facet = "cloudformation.stacks.drift_cadence"
    return simulator(
        changes=[
            Change(day=1, facet=facet, variant="never", account=ACCOUNT, region=REGION),
            Change(
                day=1,
                facet="cloudformation.stacks.changes",
                variant="in_review",
                account=ACCOUNT,
                region=REGION,
            ),
        ]
    )


@pytest.fixture
def client(caller):
    return caller.member("cloudformation", ACCOUNT, REGION)


def looked_at(client, detection):
    return client.describe_stack_drift_detection_status(StackDriftDetectionId=detection)


def test_a_detection_is_in_progress_for_two_looks_and_then_complete(client):
    detection = client.detect_stack_drift(StackName="stock")["StackDriftDetectionId"]
    assert len(detection) <= 36
    states = [looked_at(client, detection)["DetectionStatus"] for _ in range(4)]
    assert states == ["DETECTION_IN_PROGRESS"] * 2 + ["DETECTION_COMPLETE"] * 2
    assert looked_at(client, detection)["StackDriftStatus"] == "IN_SYNC"


def test_a_stack_tells_when_a_detection_of_it_ended_on_every_day(caller, client):
    before = client.describe_stacks(StackName="stock")["Stacks"][0]["DriftInformation"]
    assert before["StackDriftStatus"] == "NOT_CHECKED"
    detection = client.detect_stack_drift(StackName="stock")["StackDriftDetectionId"]
    ended = [looked_at(client, detection) for _ in range(3)][-1]["Timestamp"]
    caller.post("day", day=2)
    caller.post("day", day=1)
    after = client.describe_stacks(StackName="stock")["Stacks"][0]["DriftInformation"]
    assert after == {"StackDriftStatus": "IN_SYNC", "LastCheckTimestamp": ended}


def test_a_stack_has_one_detection_at_a_time(client):
    detection = client.detect_stack_drift(StackName="stock")["StackDriftDetectionId"]
    with pytest.raises(ClientError, match="already in progress"):
        client.detect_stack_drift(StackName="stock")
    for _ in range(3):
        looked_at(client, detection)
    assert client.detect_stack_drift(StackName="stock")["StackDriftDetectionId"] != detection


def test_a_stack_that_is_not_deployed_has_none(client):
    with pytest.raises(ClientError, match="cannot be performed"):
        client.detect_stack_drift(StackName="basket")


def test_a_detection_is_known_in_its_own_place_only(caller, client):
    detection = client.detect_stack_drift(StackName="stock")["StackDriftDetectionId"]
    elsewhere = caller.member("cloudformation", ACCOUNT, "us-east-1")
    with pytest.raises(ClientError, match="does not exist"):
        looked_at(elsewhere, detection)


def test_it_is_denied_by_a_fault(caller, client):
    caller.post("faults", faults=["access_denied:cloudformation:DetectStackDrift"])
    with pytest.raises(ClientError, match="not authorized"):
        client.detect_stack_drift(StackName="stock")
