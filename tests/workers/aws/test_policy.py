import re

import pytest

from findings.facts.cloudtrail import Trail
from findings.facts.organizations import Organization
from workers.aws.policy import (
    ALWAYS,
    Role,
    declared_operations,
    hub_statements,
    job_policy,
    organization_actions,
    scanner_policy,
)
from workers.collectors.base import Registered, collectors

READS = re.compile(r"[\w-]+:(List|Describe|Get|BatchGet|Lookup|Search|Select|GET)\w*")


def actions(policy):
    return {action for statement in policy["Statement"] for action in statement["Action"]}


@pytest.mark.parametrize("role", [Role.MEMBER, Role.MANAGEMENT])
def test_the_scanner_only_reads(role):
    assert {
        action for action in actions(scanner_policy(role)) if not READS.fullmatch(action)
    } == set()


def test_what_only_the_management_account_tells_is_granted_only_there():
    member, management = (actions(scanner_policy(role)) for role in (Role.MEMBER, Role.MANAGEMENT))
    assert member < management
    assert "organizations:ListDelegatedAdministrators" in management - member


def test_the_way_in_is_granted_everywhere():
    granted = actions(scanner_policy(Role.MEMBER))
    assert {"sts:GetCallerIdentity", "ec2:DescribeRegions"} <= granted


@pytest.mark.parametrize("role", [Role.MEMBER, Role.MANAGEMENT])
def test_actions_are_sorted_and_stand_once(role):
    for statement in scanner_policy(role)["Statement"]:
        assert statement["Action"] == sorted(set(statement["Action"]))


def test_statements_have_different_names():
    names = [statement["Sid"] for statement in scanner_policy(Role.MANAGEMENT)["Statement"]]
    assert len(set(names)) == len(names)


def test_declarations_are_told_apart_by_the_scope_of_their_facts():
    known = {
        fact.kind: Registered(fact, (operation,), lambda _session: ())
        for fact, operation in ((Trail, "xray:GetGroups"), (Organization, "iam:ListRoles"))
    }
    assert declared_operations(known, organization=False) == {"xray:GetGroups"}
    assert declared_operations(known, organization=True) == {"iam:ListRoles"}


def test_every_operation_of_a_collector_is_granted_somewhere():
    declared = {operation for r in collectors().values() for operation in r.operations}
    assert declared | set(ALWAYS) == (
        set(ALWAYS)
        | declared_operations(collectors(), organization=True)
        | declared_operations(collectors(), organization=False)
    )


def test_the_hub_reads_the_organization_and_writes_nothing():
    granted = {action for statement in hub_statements() for action in statement["Action"]}
    assert "organizations:ListAccounts" in granted
    assert "sts:AssumeRole" not in granted
    assert set(organization_actions()) < granted


@pytest.mark.parametrize("role", [Role.MEMBER, Role.MANAGEMENT])
def test_jobs_are_granted_by_a_statement_of_their_own_only(role):
    granted = actions(job_policy())
    assert {"cloudformation:DetectStackDrift", "cloudformation:StartResourceScan"} <= granted
    assert granted & actions(scanner_policy(role)) == set()


def test_jobs_need_what_aws_asks_of_whoever_detects_drift():
    assert {
        "cloudformation:BatchDescribeTypeConfigurations",
        "cloudformation:DetectStackResourceDrift",
    } <= actions(job_policy())
