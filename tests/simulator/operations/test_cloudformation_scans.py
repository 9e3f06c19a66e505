import pytest
from botocore.exceptions import ClientError

from simulator.days import Change

ACCOUNT, REGION = "100000000003", "eu-west-1"


def client_where(simulator, facet, variant):
    change = Change(day=1, facet=facet, variant=variant, account=ACCOUNT, region=REGION)
    return simulator(changes=[change]).member("cloudformation", ACCOUNT, REGION)


def scans(client, **asked):
    pages = client.get_paginator("list_resource_scans").paginate(**asked)
    return [scan for page in pages for scan in page["ResourceScanSummaries"]]


def test_scans_of_everything_are_listed_newest_first(simulator):
    client = client_where(simulator, "cloudformation.resource_scans", "covered")
    assert [scan["Status"] for scan in scans(client)] == ["FAILED", "COMPLETE", "EXPIRED"]


def test_scans_of_some_types_are_listed_when_asked_for(simulator):
    client = client_where(simulator, "cloudformation.resource_scans", "of_some_types")
    assert scans(client) == []
    assert len(scans(client, ScanTypeFilter="PARTIAL")) == 1


def test_resources_of_a_complete_scan_come_page_by_page(simulator):
    client = client_where(simulator, "cloudformation.resource_scans", "mostly_outside")
    (scan,) = scans(client)
    pages = client.get_paginator("list_resource_scan_resources")
    found = pages.paginate(ResourceScanId=scan["ResourceScanId"]).build_full_result()["Resources"]
    assert sum(resource["ManagedByStack"] for resource in found) == 7
    assert len(found) == 9


def test_scans_that_expired_or_are_not_complete_tell_no_resources(simulator):
    client = client_where(simulator, "cloudformation.resource_scans", "expired")
    running, expired = scans(client)
    with pytest.raises(ClientError, match="ResourceScanInProgress"):
        client.list_resource_scan_resources(ResourceScanId=running["ResourceScanId"])
    with pytest.raises(ClientError, match="ResourceScanNotFound"):
        client.list_resource_scan_resources(ResourceScanId=expired["ResourceScanId"])


def test_results_of_hooks_can_be_asked_for_by_hook_and_status(simulator):
    client = client_where(simulator, "cloudformation.hooks", "judging")
    types = client.get_paginator("list_types").paginate(Type="HOOK", Visibility="PRIVATE")
    hooks = types.build_full_result()["TypeSummaries"]
    tags = next(hook for hook in hooks if hook["TypeName"] == "Example::Tags::Hook")
    first = client.list_hook_results(TypeArn=tags["TypeArn"])
    assert {result["Status"] for result in first["HookResults"]} == {"HOOK_FAILED"}
    refused = client.list_hook_results(TypeArn=tags["TypeArn"], Status="HOOK_COMPLETE_FAILED")
    assert len(refused["HookResults"]) == 1
    assert len(client.list_hook_results(NextToken=first["NextToken"])["HookResults"]) == 2


def test_a_stack_tells_its_policy_or_none(simulator):
    client = client_where(simulator, "cloudformation.stacks.policies", "open")
    assert "StackPolicyBody" not in client.get_stack_policy(StackName="vault-logs")
    assert "Update:Delete" in client.get_stack_policy(StackName="vault")["StackPolicyBody"]


def test_a_scan_that_is_started_ends_after_two_looks_and_finds_what_the_last_one_found(simulator):
    client = client_where(simulator, "cloudformation.resource_scans", "mostly_outside")
    started = client.start_resource_scan(ClientRequestToken="a-1")["ResourceScanId"]
    assert client.start_resource_scan(ClientRequestToken="a-1")["ResourceScanId"] == started
    with pytest.raises(ClientError, match="ResourceScanInProgress"):
        client.start_resource_scan(ClientRequestToken="a-2")
    told = [client.describe_resource_scan(ResourceScanId=started) for _ in range(3)]
    assert [scan["Status"] for scan in told] == ["IN_PROGRESS"] * 2 + ["COMPLETE"]
    assert scans(client)[0]["ResourceScanId"] == started
    found = client.list_resource_scan_resources(ResourceScanId=started)["Resources"]
    assert len(found) == 8
    again = client.start_resource_scan(ClientRequestToken="a-2")["ResourceScanId"]
    assert again != started


def test_no_scan_is_started_while_one_that_stands_there_is_running(simulator):
    client = client_where(simulator, "cloudformation.resource_scans", "expired")
    with pytest.raises(ClientError, match="ResourceScanInProgress"):
        client.start_resource_scan()
    with pytest.raises(ClientError, match="ResourceScanNotFound"):
        client.describe_resource_scan(ResourceScanId="arn:aws:cloudformation:x:1:resourceScan/no")
