"""Documents, automations, managed nodes and service settings."""

from datetime import timedelta

import pytest

from findings.facts.base import GapReason
from findings.facts.ssm import PUBLIC_SHARING, SCRIPT_LOGS
from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors.ssm import (
    automation_histories,
    documents,
    managed_nodes,
    parse_automation_history,
    parse_document,
    parse_managed_node,
    parse_service_setting,
    service_settings,
)

OWN = {"Name": "restore", "Owner": "111111111111", "DocumentType": "Automation"}
FOREIGN = "arn:aws:ssm:eu-west-1:222222222222:document/restart"


def execution(number=1, days=1, status="Success", **fields):
    started = NOW - timedelta(days=days)
    over = {} if status == "InProgress" else {"ExecutionEndTime": started + timedelta(minutes=5)}
    return {
        "AutomationExecutionId": f"{number:036d}",
        "DocumentName": "restore",
        "AutomationExecutionStatus": status,
        "ExecutionStartTime": started,
        **over,
        **fields,
    }


def test_nothing_is_invented_for_what_a_document_does_not_say():
    document = parse_document({"Name": "restore"}, ())
    assert (document.type, document.created_at, document.version_name) == (None, None, None)
    assert (document.tags, document.shared_with, document.is_own) == ({}, (), True)


def test_own_documents_say_with_whom_they_are_shared():
    session = StubbedSession()
    own, asked = [{"Key": "Owner", "Values": ["Self"]}], {"Name": "restore"}
    session.answer("ssm", "list_documents", {"DocumentIdentifiers": [OWN]}, Filters=own)
    sharing = asked | {"PermissionType": "Share"}
    first = {"AccountIds": ["222222222222"], "NextToken": "more"}
    session.answer("ssm", "describe_document_permission", first, **sharing)
    session.answer(
        "ssm", "describe_document_permission", {"AccountIds": ["all"]}, **sharing, NextToken="more"
    )
    private = [{"Key": "Owner", "Values": ["Private"]}]
    session.answer("ssm", "list_documents", {"DocumentIdentifiers": []}, Filters=private)
    (document,) = documents(session)
    assert document.shared_with == ("222222222222", "all")
    session.assert_all_asked()


def test_documents_of_others_are_told_apart_from_own_ones():
    shared = {"Name": FOREIGN, "Owner": "222222222222", "DocumentType": "Automation"}
    session = StubbedSession()
    session.answer("ssm", "list_documents", {"DocumentIdentifiers": []})
    session.answer("ssm", "list_documents", {"DocumentIdentifiers": [shared, OWN]})
    (document,) = documents(session)
    assert (document.key, document.is_own, document.shared_with) == (FOREIGN, False, ())


def test_refused_permissions_leave_the_document_known():
    session = StubbedSession()
    session.answer("ssm", "list_documents", {"DocumentIdentifiers": [OWN]})
    session.refuse("ssm", "describe_document_permission", "AccessDeniedException")
    session.answer("ssm", "list_documents", {"DocumentIdentifiers": []})
    (document,) = documents(session)
    assert list(document.gaps) == ["shared_with"]


def test_a_document_that_is_gone_meanwhile_is_left_out():
    session = StubbedSession()
    session.answer("ssm", "list_documents", {"DocumentIdentifiers": [OWN]})
    session.refuse("ssm", "describe_document_permission", "InvalidDocument")
    session.answer("ssm", "list_documents", {"DocumentIdentifiers": []})
    assert list(documents(session)) == []


def test_executions_are_told_oldest_first():
    listed = (execution(2, days=1), execution(1, days=2, ParentAutomationExecutionId="0" * 36))
    history = parse_automation_history("eu-west-1", listed, NOW)
    assert [e.started_at for e in history.executions] == [
        NOW - timedelta(days=2),
        NOW - timedelta(days=1),
    ]
    assert [e.is_child for e in history.executions] == [True, False]


@pytest.mark.parametrize(
    ("listed", "days"),
    [
        ((), 30),
        ((execution(days=9),), 30),
        ((execution(days=40),), 40),
        ((execution(days=40, status="InProgress"),), 30),
    ],
)
def test_all_is_known_since_the_oldest_finished_execution_that_is_still_told(listed, days):
    history = parse_automation_history("eu-west-1", listed, NOW)
    assert history.known_for == timedelta(days=days)


def test_a_region_without_automations_has_an_empty_history():
    session = StubbedSession()
    empty = {"AutomationExecutionMetadataList": []}
    session.answer("ssm", "describe_automation_executions", empty)
    (history,) = automation_histories(session)
    assert (history.region, history.executions) == ("eu-west-1", ())


def test_an_execution_that_has_not_started_is_left_out():
    scheduled = execution(status="Scheduled", ExecutionStartTime=None)
    assert parse_automation_history("eu-west-1", (scheduled,), NOW).executions == ()


def test_nodes_are_told_without_names_or_addresses():
    session = StubbedSession()
    node = {"InstanceId": "mi-1", "PingStatus": "Online", "ComputerName": "till", "Name": "till"}
    session.answer("ssm", "describe_instance_information", {"InstanceInformationList": [node]})
    (found,) = managed_nodes(session)
    assert (found.id, found.ping_status, found.platform) == ("mi-1", "Online", None)
    assert "till" not in repr(found)


def test_a_node_that_does_not_say_so_is_not_taken_as_silent():
    assert set(parse_managed_node({"InstanceId": "mi-1"}).gaps) == {"ping_status"}


def settings_session():
    session = StubbedSession()
    session.answer("ssm", "list_documents", {"DocumentIdentifiers": [OWN]})
    return session


def test_settings_say_their_values():
    session = settings_session()
    for setting, value in {PUBLIC_SHARING: "Disable", SCRIPT_LOGS: "CloudWatch"}.items():
        told = {"ServiceSetting": {"SettingId": setting, "SettingValue": value}}
        session.answer("ssm", "get_service_setting", told, SettingId=setting)
    found = [(setting.id, setting.value) for setting in service_settings(session)]
    assert found == [(PUBLIC_SHARING, "Disable"), (SCRIPT_LOGS, "CloudWatch")]


def test_a_setting_without_a_value_is_not_known():
    found = parse_service_setting(SCRIPT_LOGS, {"ServiceSetting": {}})
    assert found.gaps["value"].reason is GapReason.NOT_SUPPLIED


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("AccessDeniedException", GapReason.ACCESS_DENIED),
        ("ServiceSettingNotFound", GapReason.SERVICE_NOT_AVAILABLE),
    ],
)
def test_a_setting_that_is_refused_or_that_a_region_does_not_have_is_not_known(code, reason):
    session = settings_session()
    session.refuse("ssm", "get_service_setting", code)
    session.answer("ssm", "get_service_setting", {"ServiceSetting": {"SettingValue": "CloudWatch"}})
    refused, told = service_settings(session)
    assert refused.gaps["value"].reason is reason
    assert told.value == "CloudWatch"
