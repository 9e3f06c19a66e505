import pytest
from botocore.exceptions import ClientError

from simulator.days import Change
from simulator.organization import MANAGEMENT_ID

ACCOUNT, REGION = "100000000003", "eu-west-1"


def standing(simulator, variant, facet="cloudformation.stacks"):
    change = Change(day=1, facet=facet, variant=variant, account=ACCOUNT, region=REGION)
    return simulator(changes=[change])


def stacks(client):
    pages = client.get_paginator("describe_stacks").paginate()
    return {stack["StackName"]: stack for page in pages for stack in page["Stacks"]}


def test_an_abridged_listing_tells_less_than_a_look_up_by_id(simulator):
    client = standing(simulator, "listed_abridged").member("cloudformation", ACCOUNT, REGION)
    listed = stacks(client)["ledger-network"]
    (told,) = client.describe_stacks(StackName=listed["StackId"])["Stacks"]
    assert not {"EnableTerminationProtection", "ParentId", "DriftInformation"} & set(listed)
    assert {"EnableTerminationProtection", "ParentId", "DriftInformation"} <= set(told)


def test_a_deleted_stack_is_known_by_its_id_only(simulator):
    client = standing(simulator, "settled").member("cloudformation", ACCOUNT, REGION)
    pages = client.get_paginator("list_stacks").paginate(StackStatusFilter=["DELETE_COMPLETE"])
    (gone,) = [
        s for page in pages for s in page["StackSummaries"] if s["StackName"] == "orders-gone"
    ]
    assert "orders-gone" not in stacks(client)
    assert client.describe_stacks(StackName=gone["StackId"])["Stacks"][0]["DeletionTime"]
    with pytest.raises(ClientError, match="does not exist"):
        client.describe_stacks(StackName="orders-gone")


def test_drifts_can_be_asked_for_by_status(simulator):
    world = standing(simulator, "drifted", "cloudformation.stacks.contents")
    client = world.member("cloudformation", ACCOUNT, REGION)
    asked = {"StackResourceDriftStatusFilters": ["DELETED"]}
    told = client.describe_stack_resource_drifts(StackName="queue", **asked)["StackResourceDrifts"]
    assert [drift["LogicalResourceId"] for drift in told] == ["Topic"]


def test_a_stack_in_review_has_no_template(simulator):
    world = standing(simulator, "in_review", "cloudformation.stacks.changes")
    client = world.member("cloudformation", ACCOUNT, REGION)
    with pytest.raises(ClientError, match="does not exist"):
        client.get_template(StackName="basket")


def test_a_change_set_tells_its_changes_page_by_page(simulator):
    world = standing(simulator, "fresh", "cloudformation.stacks.changes")
    client = world.member("cloudformation", ACCOUNT, REGION)
    (summary,) = client.list_change_sets(StackName="checkout")["Summaries"]
    pages = client.get_paginator("describe_change_set").paginate(
        ChangeSetName=summary["ChangeSetId"]
    )
    actions = [change["ResourceChange"]["Action"] for p in pages for change in p["Changes"]]
    assert actions == ["Add", "Modify", "Remove", "Import"]
    with pytest.raises(ClientError, match="ChangeSetNotFound"):
        client.describe_change_set(ChangeSetName="arn:aws:cloudformation:none")


def names(client, **asked):
    pages = client.get_paginator("list_stack_sets").paginate(Status="ACTIVE", **asked)
    return {found["StackSetName"] for page in pages for found in page["Summaries"]}


def test_stack_sets_are_told_to_the_management_account_and_its_administrator(default):
    management = names(default.member("cloudformation", MANAGEMENT_ID))
    administrator = default.world.organization.delegated_administrator
    member = default.member("cloudformation", administrator)
    assert names(member) == set()
    delegated = names(member, CallAs="DELEGATED_ADMIN")
    assert management - delegated == {"baseline-legacy", "shop"}
    assert names(default.member("cloudformation", MANAGEMENT_ID, REGION)) == set()


def test_an_account_that_administers_nothing_may_not_say_it_does(default):
    with pytest.raises(ClientError, match="not a delegated administrator"):
        names(default.member("cloudformation", ACCOUNT), CallAs="DELEGATED_ADMIN")


def test_an_unknown_stack_set_is_not_found(default):
    with pytest.raises(ClientError, match="StackSetNotFound"):
        default.member("cloudformation", MANAGEMENT_ID).describe_stack_set(StackSetName="none")
