"""EC2 instances."""

from tests.workers.collectors.stubbed import StubbedSession
from workers.collectors.ec2 import instances, parse_instance

RUNNING = {
    "InstanceId": "i-1",
    "State": {"Code": 16, "Name": "running"},
    "Tags": [{"Key": "Name", "Value": "shop"}],
    "PrivateIpAddress": "10.0.0.7",
}


def test_of_an_instance_its_state_and_tags_are_kept():
    found = parse_instance(RUNNING)
    assert (found.id, found.state, found.tags) == ("i-1", "running", {"Name": "shop"})
    assert "10.0.0.7" not in repr(found)


def test_a_state_that_is_not_told_is_not_known():
    found = parse_instance({"InstanceId": "i-1"})
    assert set(found.gaps) == {"state"}
    assert found.tags == {}


def test_instances_of_all_reservations_and_pages_are_read():
    session = StubbedSession()
    other = RUNNING | {"InstanceId": "i-2"}
    first = {"Reservations": [{"Instances": [RUNNING]}, {}], "NextToken": "more"}
    session.answer("ec2", "describe_instances", first)
    second = {"Reservations": [{"Instances": [other]}]}
    session.answer("ec2", "describe_instances", second, NextToken="more")
    assert [found.id for found in instances(session)] == ["i-1", "i-2"]
