import pytest
from botocore.exceptions import ClientError

MEMBER = "100000000003"
SECURITY = "100000000002"


@pytest.fixture
def organization(default):
    return default.client("organizations")


def code(function, **parameters):
    with pytest.raises(ClientError) as caught:
        function(**parameters)
    return caught.value.response["Error"]["Code"]


def listed(client, operation, key, **parameters):
    pages = list(client.get_paginator(operation).paginate(**parameters))
    return [item for page in pages for item in page[key]], len(pages)


def root(client):
    return client.list_roots()["Roots"][0]["Id"]


def units(client, parent_id):
    found, _ = listed(
        client, "list_organizational_units_for_parent", "OrganizationalUnits", ParentId=parent_id
    )
    return {unit["Name"]: unit["Id"] for unit in found}


def test_accounts_come_in_several_pages_each_once(organization):
    accounts, pages = listed(organization, "list_accounts", "Accounts")
    assert pages > 2
    assert len({account["Id"] for account in accounts}) == len(accounts) == 24
    assert all(account["State"] == account["Status"] for account in accounts)


def test_the_tree_holds_every_account_once(organization):
    found = []
    parents = [root(organization)]
    while parents:
        parent = parents.pop()
        found += listed(organization, "list_accounts_for_parent", "Accounts", ParentId=parent)[0]
        parents += units(organization, parent).values()
    assert len(found) == len({account["Id"] for account in found}) == 24


def test_there_are_five_units_at_the_top_and_two_below_workloads(organization):
    top = units(organization, root(organization))
    assert set(top) == {"Security", "Infrastructure", "Workloads", "Sandbox", "Suspended"}
    assert set(units(organization, top["Workloads"])) == {"Prod", "NonProd"}


def test_an_accounts_parent_is_its_unit_and_a_units_the_root(organization):
    top = units(organization, root(organization))
    prod = units(organization, top["Workloads"])["Prod"]
    assert organization.list_parents(ChildId=MEMBER)["Parents"] == [
        {"Id": prod, "Type": "ORGANIZATIONAL_UNIT"}
    ]
    assert organization.list_parents(ChildId=top["Sandbox"])["Parents"] == [
        {"Id": root(organization), "Type": "ROOT"}
    ]


def test_the_management_account_is_told_by_the_organization(organization):
    described = organization.describe_organization()["Organization"]
    assert described["MasterAccountId"] == "100000000001"
    assert organization.describe_account(AccountId=MEMBER)["Account"]["Name"] == "payments-prod"


def test_tags_say_team_environment_and_application(organization):
    tags = listed(organization, "list_tags_for_resource", "Tags", ResourceId=MEMBER)[0]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {
        "Owner": "payments@example.com",
        "Team": "payments",
        "Environment": "production",
        "Application": "payments",
    }


def test_the_delegated_administrator_may_list_too(default):
    client = default.member("organizations", SECURITY)
    assert client.list_delegated_administrators()["DelegatedAdministrators"][0]["Id"] == SECURITY
    assert len(listed(client, "list_accounts", "Accounts")[0]) == 24


def test_other_members_may_only_describe_the_organization(default):
    client = default.member("organizations", MEMBER)
    assert client.describe_organization()["Organization"]["FeatureSet"] == "ALL"
    assert code(client.list_accounts) == "AccessDeniedException"
    assert code(client.list_roots) == "AccessDeniedException"


def test_the_region_deny_policy_is_attached_to_the_sandbox(organization):
    sandbox = units(organization, root(organization))["Sandbox"]
    policies = organization.list_policies_for_target(
        TargetId=sandbox, Filter="SERVICE_CONTROL_POLICY"
    )["Policies"]
    assert {policy["Name"] for policy in policies} == {"FullAWSAccess", "DenyLastRegion"}


def test_trusted_services_are_listed(organization):
    services = organization.list_aws_service_access_for_organization()
    assert "cloudtrail.amazonaws.com" in {
        entry["ServicePrincipal"] for entry in services["EnabledServicePrincipals"]
    }


@pytest.mark.parametrize(
    ("operation", "parameters", "expected"),
    [
        ("describe_account", {"AccountId": "999999999999"}, "AccountNotFoundException"),
        ("list_accounts_for_parent", {"ParentId": "ou-aaaa-aaaaaaaa"}, "ParentNotFoundException"),
        ("list_parents", {"ChildId": "999999999999"}, "ChildNotFoundException"),
        ("list_tags_for_resource", {"ResourceId": "999999999999"}, "TargetNotFoundException"),
        (
            "describe_organizational_unit",
            {"OrganizationalUnitId": "ou-aaaa-aaaaaaaa"},
            "OrganizationalUnitNotFoundException",
        ),
        ("list_accounts", {"NextToken": "nonsense"}, "InvalidInputException"),
    ],
)
def test_what_is_not_there_is_an_error_of_its_own(organization, operation, parameters, expected):
    assert code(getattr(organization, operation), **parameters) == expected
