import pytest
from botocore.exceptions import ClientError

from simulator.days import Change

ACCOUNT, REGION = "100000000003", "eu-west-1"


def standing(simulator, **variants):
    changes = [
        Change(day=1, facet=f"ssm.{facet}", variant=variant, account=ACCOUNT, region=REGION)
        for facet, variant in variants.items()
    ]
    return simulator(changes=changes).member("ssm", ACCOUNT, REGION)


def told(client, method, key, **parameters):
    pages = client.get_paginator(method).paginate(**parameters)
    return [item for page in pages for item in page[key]]


def test_compliance_is_told_by_its_type(simulator):
    client = standing(simulator, associations="not_compliant")
    asked = ("list_resource_compliance_summaries", "ResourceComplianceSummaryItems")
    of_type = {"Key": "ComplianceType", "Values": ["Association"], "Type": "EQUAL"}
    assert len(told(client, *asked, Filters=[of_type])) == 2
    assert len(told(client, *asked)) == 3


def test_associations_come_in_pages(simulator):
    client = standing(simulator, associations="compliant")
    assert len(client.list_associations()["Associations"]) == 3
    assert len(told(client, "list_associations", "Associations")) == 4


def test_patches_are_told_of_the_nodes_that_are_asked_about(simulator):
    client = standing(simulator, nodes="patched")
    nodes = told(client, "describe_instance_information", "InstanceInformationList")
    first = nodes[0]["InstanceId"]
    states = client.describe_instance_patch_states(InstanceIds=[first])["InstancePatchStates"]
    assert [state["InstanceId"] for state in states] == [first]


def test_of_more_than_fifty_nodes_nothing_is_told(simulator):
    client = standing(simulator, nodes="patched")
    with pytest.raises(ClientError, match="50 managed nodes"):
        client.describe_instance_patch_states(InstanceIds=["mi-1"] * 51)


def test_own_baselines_are_told_apart_from_those_of_aws(simulator):
    client = standing(simulator, update_baselines="own")
    own = {"Key": "OWNER", "Values": ["Self"]}
    asked = ("describe_patch_baselines", "BaselineIdentities")
    mine = {baseline["BaselineId"] for baseline in told(client, *asked, Filters=[own])}
    assert len(mine) == 2
    assert len(told(client, *asked)) == 3
    mapped = told(client, "describe_patch_groups", "Mappings")
    assert {mapping["BaselineIdentity"]["BaselineId"] for mapping in mapped} < mine
