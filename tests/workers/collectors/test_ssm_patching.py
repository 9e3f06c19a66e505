"""Associations, patches of nodes, patch baselines."""

import pytest

from findings.facts.base import GapReason
from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors.ssm_patching import (
    association_compliance,
    node_platforms,
    parse_association,
    parse_node_platform,
    parse_patch_state,
    patch_baselines,
    patch_states,
)

BASELINE = {"BaselineId": "pb-0123456789abcdef0", "DefaultBaseline": False}


def patch_state(node="mi-1", **fields):
    return {
        "InstanceId": node,
        "PatchGroup": "web",
        "BaselineId": BASELINE["BaselineId"],
        "OperationStartTime": NOW,
        "OperationEndTime": NOW,
        "Operation": "Scan",
        "OwnerInformation": "jane",
        **fields,
    }


def nodes(*ids):
    session = StubbedSession()
    told = {"InstanceInformationList": [{"InstanceId": id} for id in ids]}
    session.answer("ssm", "describe_instance_information", told)
    return session


def baselines(*found):
    session = nodes("mi-1")
    own = [{"Key": "OWNER", "Values": ["Self"]}]
    told = {"BaselineIdentities": list(found)}
    session.answer("ssm", "describe_patch_baselines", told, Filters=own)
    return session


def test_nothing_is_invented_for_what_an_association_does_not_say():
    found = parse_association({"AssociationId": "1"})
    assert (found.name, found.document, found.schedule) == (None, None, None)
    assert (found.status, found.last_run_at, found.schedule_offset_days) == (None, None, 0)


def test_what_an_association_says_is_kept():
    found = parse_association(
        {
            "AssociationId": "1",
            "AssociationName": "inventory",
            "Name": "AWS-GatherSoftwareInventory",
            "ScheduleExpression": "cron(0 2 ? * SUN#1 *)",
            "ScheduleOffset": 2,
            "Overview": {"Status": "Failed"},
            "LastExecutionDate": NOW,
        }
    )
    assert (found.name, found.document) == ("inventory", "AWS-GatherSoftwareInventory")
    assert (found.schedule, found.schedule_offset_days) == ("cron(0 2 ? * SUN#1 *)", 2)
    assert (found.status, found.last_run_at) == ("Failed", NOW)


def test_compliance_with_associations_is_asked_for_and_no_other():
    session = StubbedSession()
    wanted = [{"Key": "ComplianceType", "Values": ["Association"], "Type": "EQUAL"}]
    told = {"ResourceComplianceSummaryItems": [{"ResourceId": "mi-1"}]}
    told["ResourceComplianceSummaryItems"].append({"ResourceId": "mi-2", "Status": "COMPLIANT"})
    session.answer("ssm", "list_associations", {"Associations": [{"AssociationId": "a"}]})
    session.answer("ssm", "list_resource_compliance_summaries", told, Filters=wanted)
    untold, found = association_compliance(session)
    assert untold.gaps["status"].reason is GapReason.NOT_SUPPLIED
    assert (found.resource, found.status) == ("mi-2", "COMPLIANT")


def test_without_nodes_no_baselines_are_asked_for():
    session = nodes()
    assert list(patch_baselines(session)) == []
    session.assert_all_asked()


def test_patches_are_asked_for_fifty_nodes_at_once():
    ids = [f"mi-{number}" for number in range(51)]
    session = nodes(*ids)
    asked = "describe_instance_patch_states"
    first = {"InstancePatchStates": [patch_state(CriticalNonCompliantCount=2)]}
    session.answer("ssm", asked, first, InstanceIds=ids[:50])
    session.answer("ssm", asked, {"InstancePatchStates": []}, InstanceIds=ids[50:])
    (found,) = patch_states(session)
    assert (found.node, found.critical, found.ended_at) == ("mi-1", 2, NOW)
    assert "jane" not in repr(found)
    session.assert_all_asked()


def test_without_nodes_no_patches_are_asked_for():
    assert list(patch_states(nodes())) == []


def test_a_count_that_is_not_told_is_not_known():
    found = parse_patch_state(patch_state(FailedCount=0))
    assert set(found.gaps) == {"critical", "security", "pending_reboot"}


PLATFORMS = [
    ("Amazon Linux", "2", "AMAZON_LINUX_2"),
    ("Amazon Linux", "2022", "AMAZON_LINUX_2022"),
    ("Amazon Linux", "2023", "AMAZON_LINUX_2023"),
    ("Amazon Linux", "2018.03", "AMAZON_LINUX"),
    ("Amazon Linux AMI", "2018.03", "AMAZON_LINUX"),
    ("Microsoft Windows Server 2022 Datacenter", "10.0.20348", "WINDOWS"),
    ("Ubuntu", "24.04", "UBUNTU"),
    ("Red Hat Enterprise Linux Server", "7.9", "REDHAT_ENTERPRISE_LINUX"),
    ("SLES", "15.4", "SUSE"),
    ("CentOS Linux", "7", "CENTOS"),
    ("Oracle Linux Server", "8.7", "ORACLE_LINUX"),
    ("Debian GNU/Linux", "12", "DEBIAN"),
    ("macOS", "14.1", "MACOS"),
    ("Mac OS X", "10.15", "MACOS"),
    ("Raspbian GNU/Linux", "10", "RASPBIAN"),
    ("Rocky Linux", "9.2", "ROCKY_LINUX"),
    ("AlmaLinux", "9.2", "ALMA_LINUX"),
]


def operating_system(name, version):
    raw = {"InstanceId": "mi-1", "PlatformName": name, "PlatformVersion": version}
    return parse_node_platform(raw).operating_system


def test_platforms_are_called_as_patch_manager_calls_them():
    found = [(name, version, operating_system(name, version)) for name, version, _ in PLATFORMS]
    wrong = [told for told, platform in zip(found, PLATFORMS, strict=True) if told != platform]
    assert not wrong, str(wrong)


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"PlatformName": "Bottlerocket OS", "PlatformVersion": "1.19"},
        {"PlatformName": "Amazon Linux"},
        {"PlatformName": "Amazon Linux", "PlatformVersion": "2031"},
    ],
)
def test_other_platforms_are_not_known(told):
    found = parse_node_platform({"InstanceId": "mi-1", **told})
    assert found.gaps["operating_system"].reason is GapReason.NOT_IN_SCHEMA


def test_each_node_has_a_platform():
    assert [found.node for found in node_platforms(nodes("mi-1", "mi-2"))] == ["mi-1", "mi-2"]


def test_groups_are_those_of_the_baseline():
    session = baselines(BASELINE)
    mapped = [
        {"PatchGroup": "web", "BaselineIdentity": {"BaselineId": BASELINE["BaselineId"]}},
        {"PatchGroup": "edge", "BaselineIdentity": {"BaselineId": "pb-1123456789abcdef0"}},
        {"BaselineIdentity": {"BaselineId": BASELINE["BaselineId"]}},
        {"PatchGroup": "lost"},
    ]
    session.answer("ssm", "describe_patch_groups", {"Mappings": mapped})
    (found,) = patch_baselines(session)
    assert (found.operating_system, found.is_default) == ("WINDOWS", False)
    assert found.patch_groups == ("web",)


def test_without_baselines_no_groups_are_asked_for():
    assert list(patch_baselines(baselines())) == []


def test_refused_groups_leave_the_baselines_known():
    session = baselines(BASELINE | {"OperatingSystem": "UBUNTU"})
    session.refuse("ssm", "describe_patch_groups", "AccessDeniedException")
    (found,) = patch_baselines(session)
    assert (found.operating_system, set(found.gaps)) == ("UBUNTU", {"patch_groups"})
