"""AWS Systems Manager: documents, automations, managed nodes and settings of a region.

A record of `ssm.documents` is what ListDocuments answers; `_shared_with` holds the accounts (or
"all") that may use it. One with another `Owner` is shared with the account. Records of
`ssm.executions`, `ssm.nodes` and `ssm.settings` are answered as they are.
"""

from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation

DEFAULT_SETTINGS = {
    "/ssm/documents/console/public-sharing-permission": "Enable",
    "/ssm/automation/customer-script-log-destination": "",
}
Record = dict[str, Any]
_TOKENS: Record = {"bad_token": "InvalidNextToken"}


@operation("ssm", "ListDocuments")
def list_documents(call: Call) -> dict[str, Any]:
    wanted = {item["Key"]: item["Values"] for item in call.parameters.get("Filters") or []}
    found = [
        document
        for document in call.place.all("ssm.documents")
        if _is_of_owner(document, call.account.id, wanted.get("Owner"))
        and document["DocumentType"] in wanted.get("DocumentType", [document["DocumentType"]])
    ]
    return call.page(found, "DocumentIdentifiers", size=3, **_TOKENS)


def _is_of_owner(document: Record, account: str, owners: list[str] | None) -> bool:
    kind = "Self" if document["Owner"] == account else "Private"
    return not owners or kind in owners


@operation("ssm", "DescribeDocumentPermission")
def describe_document_permission(call: Call) -> dict[str, Any]:
    document = call.place.find("ssm.documents", Name=call.parameters["Name"])
    if document is None or document["Owner"] != call.account.id:
        raise AwsError("InvalidDocument", "The specified SSM document doesn't exist.")
    shared_with = document.get("_shared_with", [])
    return call.page(shared_with, "AccountIds", size=2, **_TOKENS)


@operation("ssm", "DescribeAutomationExecutions")
def describe_automation_executions(call: Call) -> dict[str, Any]:
    found = sorted(
        call.place.all("ssm.executions"), key=lambda e: e["ExecutionStartTime"], reverse=True
    )
    key = "AutomationExecutionMetadataList"
    return call.page(found, key, size=4, **_TOKENS)


@operation("ssm", "DescribeInstanceInformation")
def describe_instance_information(call: Call) -> dict[str, Any]:
    found = call.place.all("ssm.nodes")
    key = "InstanceInformationList"
    return call.page(found, key, size=5, **_TOKENS)


@operation("ssm", "GetServiceSetting")
def get_service_setting(call: Call) -> dict[str, Any]:
    wanted = call.parameters["SettingId"]
    setting = call.place.find("ssm.settings", SettingId=wanted)
    if setting is None and wanted not in DEFAULT_SETTINGS:
        raise AwsError("ServiceSettingNotFound", "The specified service setting wasn't found.")
    default = {"SettingValue": DEFAULT_SETTINGS.get(wanted), "Status": "Default"}
    arn = call.place.arn("ssm", f"servicesetting{wanted}")
    return {"ServiceSetting": {"SettingId": wanted, "ARN": arn, **default, **(setting or {})}}
