"""Stack sets."""

import pytest
from botocore.exceptions import ClientError

from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors.cloudformation_stack_sets import parse_stack_set, stack_sets

MINIMAL = {"StackSetName": "audit", "StackSetId": "audit:1", "Status": "ACTIVE"}
ORGANIZATION = {"Id": "o-1", "MasterAccountId": "111111111111"}


def session_in(organization=ORGANIZATION):
    session = StubbedSession()
    session.answer("organizations", "describe_organization", {"Organization": organization})
    return session


def listed(session, role, *found):
    session.answer(
        "cloudformation",
        "list_stack_sets",
        {"Summaries": list(found)},
        Status="ACTIVE",
        CallAs=role,
    )
    for raw in found:
        session.answer(
            "cloudformation",
            "describe_stack_set",
            {"StackSet": raw},
            StackSetName=raw["StackSetName"],
            CallAs=role,
        )


def test_absent_is_neither_service_managed_nor_automatic():
    found = parse_stack_set(MINIMAL, {"StackSet": MINIMAL})
    assert (found.permission_model, found.deploys_automatically, found.tags) == (None, False, {})
    assert (found.drift_status, found.drifted_instances) == (None, None)


def test_tags_and_drift_come_from_the_description():
    details = {
        "DriftedStackInstancesCount": 2,
        "FailedStackInstancesCount": 0,
        "TotalStackInstancesCount": 9,
    }
    response = {
        "Tags": [{"Key": "Baseline", "Value": "true"}],
        "StackSetDriftDetectionDetails": details,
    }
    raw = MINIMAL | {
        "PermissionModel": "SERVICE_MANAGED",
        "AutoDeployment": {"Enabled": True},
        "DriftStatus": "DRIFTED",
        "LastDriftCheckTimestamp": NOW,
    }
    found = parse_stack_set(raw, {"StackSet": response})
    assert (found.permission_model, found.deploys_automatically) == ("SERVICE_MANAGED", True)
    assert (found.tags, found.drift_status) == ({"Baseline": "true"}, "DRIFTED")
    assert (found.drifted_instances, found.failed_instances, found.instances) == (2, 0, 9)


def test_no_regions_are_no_instances_and_untold_ones_are_not_known():
    told = MINIMAL | {"Regions": ["us-east-1", "eu-west-1"]}
    assert parse_stack_set(MINIMAL, {"StackSet": told}).regions == ("eu-west-1", "us-east-1")
    assert parse_stack_set(MINIMAL, {"StackSet": MINIMAL | {"Regions": []}}).regions == ()
    gap = parse_stack_set(MINIMAL, {"StackSet": MINIMAL}).gaps["regions"]
    assert gap.operation == "cloudformation:DescribeStackSet"


def test_the_management_account_sees_all_as_itself():
    session = session_in()
    listed(session, "SELF", MINIMAL)
    assert [found.name for found in stack_sets(session)] == ["audit"]
    session.assert_all_asked()


def test_a_delegated_administrator_also_asks_as_what_it_is():
    session = session_in(ORGANIZATION | {"MasterAccountId": "222222222222"})
    listed(session, "SELF")
    listed(session, "DELEGATED_ADMIN", MINIMAL)
    assert [found.name for found in stack_sets(session)] == ["audit"]
    session.assert_all_asked()


def test_without_an_organization_an_account_has_its_own():
    session = StubbedSession()
    session.refuse("organizations", "describe_organization", "AWSOrganizationsNotInUseException")
    listed(session, "SELF", MINIMAL)
    assert [found.name for found in stack_sets(session)] == ["audit"]


def test_a_refused_description_leaves_what_the_listing_tells():
    session = session_in()
    summaries = [MINIMAL | {"PermissionModel": "SELF_MANAGED"}]
    session.answer("cloudformation", "list_stack_sets", {"Summaries": summaries})
    session.refuse("cloudformation", "describe_stack_set", "AccessDeniedException")
    (found,) = stack_sets(session)
    assert found.permission_model == "SELF_MANAGED"
    told_by_it = {"tags", "drifted_instances", "failed_instances", "instances", "regions"}
    assert set(found.gaps) == told_by_it


def test_a_stack_set_that_is_gone_meanwhile_is_left_out():
    session = session_in()
    session.answer("cloudformation", "list_stack_sets", {"Summaries": [MINIMAL]})
    session.refuse("cloudformation", "describe_stack_set", "StackSetNotFoundException")
    assert list(stack_sets(session)) == []


def test_an_account_that_is_no_administrator_is_refused_and_not_told_of_nothing():
    session = session_in(ORGANIZATION | {"MasterAccountId": "222222222222"})
    listed(session, "SELF")
    message = "Account used is not a delegated administrator"
    session.refuse("cloudformation", "list_stack_sets", "ValidationError", message)
    with pytest.raises(ClientError) as refused:
        list(stack_sets(session))
    assert refused.value.response["Error"]["Code"] == "AccessDenied"


def test_any_other_error_is_not_hidden():
    session = session_in()
    session.refuse("cloudformation", "list_stack_sets", "Throttling")
    with pytest.raises(ClientError, match="Throttling"):
        list(stack_sets(session))
