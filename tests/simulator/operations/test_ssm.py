import pytest

from simulator.days import Change

ACCOUNT, REGION = "100000000003", "eu-west-1"
PUBLIC_SHARING = "/ssm/documents/console/public-sharing-permission"


def standing(simulator, **variants):
    changes = [
        Change(day=1, facet=f"ssm.{facet}", variant=variant, account=ACCOUNT, region=region)
        for facet, variant in variants.items()
        for region in [REGION if facet != "public_sharing" else ""]
    ]
    return simulator(changes=changes).member("ssm", ACCOUNT, REGION)


def owned_by(client, owner):
    pages = client.get_paginator("list_documents").paginate(
        Filters=[{"Key": "Owner", "Values": [owner]}]
    )
    return [document["Name"] for page in pages for document in page["DocumentIdentifiers"]]


def test_documents_are_told_apart_by_owner(simulator):
    none = {"documents_versioned": "none", "documents_written": "none"}
    client = standing(simulator, runbooks="rehearsed", sharing="of_another_account", **none)
    assert len(owned_by(client, "Self")) == 3
    (foreign,) = owned_by(client, "Private")
    assert foreign.endswith(":document/collect-logs")
    with pytest.raises(client.exceptions.InvalidDocument):
        client.describe_document_permission(Name=foreign, PermissionType="Share")


def test_permissions_come_in_pages(simulator):
    client = standing(simulator, sharing="public")
    asked = {"Name": "collect-logs", "PermissionType": "Share"}
    first = client.describe_document_permission(**asked)
    last = client.describe_document_permission(**asked, NextToken=first["NextToken"])
    assert "all" not in first["AccountIds"]
    assert last["AccountIds"] == ["all"]


def test_the_newest_execution_is_told_first(simulator):
    client = standing(simulator, runbooks="rehearsed")
    told = client.describe_automation_executions()["AutomationExecutionMetadataList"]
    started = [execution["ExecutionStartTime"] for execution in told]
    assert started == sorted(started, reverse=True)


@pytest.mark.parametrize(
    ("variant", "value", "status"),
    [("nowhere", "Enable", "Default"), ("everywhere", "Disable", "Customized")],
)
def test_a_setting_has_a_default(simulator, variant, value, status):
    client = standing(simulator, public_sharing=variant)
    setting = client.get_service_setting(SettingId=PUBLIC_SHARING)["ServiceSetting"]
    assert (setting["SettingValue"], setting["Status"]) == (value, status)


def test_an_unknown_setting_is_not_found(default):
    client = default.member("ssm", ACCOUNT, REGION)
    with pytest.raises(client.exceptions.ServiceSettingNotFound):
        client.get_service_setting(SettingId="/ssm/none")
