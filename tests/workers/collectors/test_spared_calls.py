"""What is asked for only where something stands on which it hangs."""

from typing import NamedTuple

import pytest

from tests.workers.collectors.stubbed import NOW, StubbedSession
from tests.workers.collectors.test_xray import IDLE
from workers.collectors.cloudformation import stacks
from workers.collectors.cloudformation_changes import change_sets
from workers.collectors.cloudformation_extensions import extensions
from workers.collectors.cloudformation_hooks import hooks
from workers.collectors.cloudformation_policies import stack_policies
from workers.collectors.cloudformation_templates import templates
from workers.collectors.cloudtrail_changes import stack_changes
from workers.collectors.cloudwatch import anomaly_detectors
from workers.collectors.codebuild_reports import report_groups
from workers.collectors.ssm import service_settings
from workers.collectors.ssm_patching import association_compliance
from workers.collectors.xray import sampling_rule_uses, sampling_rules, trace_encryption


class Spared(NamedTuple):
    """A collector, the listings by which it sees that nothing stands, and what it then spares."""

    collector: object
    listings: tuple
    spared: tuple


def call(operation, answer):
    service, _, method = operation.partition(":")
    return service, method, answer


STACKS = call("cloudformation:list_stacks", {"StackSummaries": []})
IN_FULL = call("cloudformation:describe_stacks", {"Stacks": []})
GRAPH = (
    call("xray:get_service_graph", {"Services": []}),
    *(call(f"{service}:{method}", answer) for service, method, answer in IDLE),
)
TYPES = call("cloudformation:list_types", {"TypeSummaries": []})
RULES = call("xray:get_sampling_rules", {"SamplingRuleRecords": []})

TABLE = [
    *(
        Spared(collector, (STACKS,), (IN_FULL,))
        for collector in (stacks, change_sets, stack_policies, templates, stack_changes)
    ),
    Spared(extensions, (STACKS,), (TYPES,) * 3),
    Spared(hooks, (STACKS,), (TYPES,)),
    Spared(
        anomaly_detectors,
        (call("cloudwatch:describe_alarms", {"MetricAlarms": []}),) * 4,
        (call("cloudwatch:describe_anomaly_detectors", {"AnomalyDetectors": []}),),
    ),
    Spared(
        report_groups,
        (call("codebuild:list_projects", {}),),
        (call("codebuild:list_report_groups", {}),),
    ),
    Spared(
        association_compliance,
        (
            call("ssm:list_associations", {"Associations": []}),
            call("ssm:describe_instance_information", {"InstanceInformationList": []}),
        ),
        (
            call(
                "ssm:list_resource_compliance_summaries",
                {"ResourceComplianceSummaryItems": []},
            ),
        ),
    ),
    Spared(sampling_rules, GRAPH, (RULES,)),
    Spared(sampling_rule_uses, GRAPH, (RULES,)),
    Spared(trace_encryption, GRAPH, (call("xray:get_encryption_config", {}),)),
]


@pytest.fixture
def session():
    session = StubbedSession()
    yield session
    session.assert_all_asked()


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case.collector.__name__)
def test_where_nothing_stands_nothing_that_hangs_on_it_is_asked_for(session, case):
    for service, method, answer in case.listings:
        session.answer(service, method, answer)
    assert list(case.collector(session)) == []


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case.collector.__name__)
def test_a_listing_that_is_refused_spares_nothing(session, case):
    """The refusal of one listing makes nothing else unknown."""
    service, method, _ = case.listings[0]
    session.refuse(service, method, "AccessDeniedException")
    for service, method, answer in case.spared:
        session.answer(service, method, answer)
    list(case.collector(session))


def test_stacks_that_were_deleted_do_not_stand(session):
    gone = {"StackName": "shop", "CreationTime": NOW, "StackStatus": "DELETE_COMPLETE"}
    session.answer("cloudformation", "list_stacks", {"StackSummaries": [gone]})
    assert list(stacks(session)) == []


@pytest.mark.parametrize("name", ["AWS-restore", "restore"])
def test_without_a_runbook_of_its_own_one_setting_is_asked_for(session, name):
    """A document of another type runs no script of Automation; a reserved name is not people's."""
    type_ = "Automation" if name == "AWS-restore" else "Command"
    listed = {"DocumentIdentifiers": [{"Name": name, "DocumentType": type_}]}
    session.answer("ssm", "list_documents", listed)
    session.answer("ssm", "get_service_setting", {"ServiceSetting": {"SettingValue": "Disable"}})
    (setting,) = service_settings(session)
    assert setting.value == "Disable"


def test_runbooks_that_are_refused_spare_no_setting(session):
    session.refuse("ssm", "list_documents", "AccessDeniedException")
    for value in ("Disable", "CloudWatch"):
        told = {"ServiceSetting": {"SettingValue": value}}
        session.answer("ssm", "get_service_setting", told)
    assert [setting.value for setting in service_settings(session)] == ["Disable", "CloudWatch"]


def test_traces_of_accounts_that_are_only_watched_need_no_key_here(session):
    watched = {"Name": "shop", "Type": "AWS::Lambda::Function", "AccountId": "222222222222"}
    for _ in range(8):
        session.answer("xray", "get_service_graph", {"Services": [watched]})
    assert list(trace_encryption(session)) == []


def test_a_node_without_any_association_is_asked_for_all_the_same(session):
    session.answer("ssm", "list_associations", {"Associations": []})
    nodes = {"InstanceInformationList": [{"InstanceId": "mi-1"}]}
    session.answer("ssm", "describe_instance_information", nodes)
    told = {"ResourceComplianceSummaryItems": [{"ResourceId": "mi-1", "Status": "COMPLIANT"}]}
    session.answer("ssm", "list_resource_compliance_summaries", told)
    assert [found.resource for found in association_compliance(session)] == ["mi-1"]
