import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from workers.aws.policy import Role, job_policy, scanner_policy
from workers.aws.templates import documents

DEPLOY = Path(__file__).parents[2] / "deploy"
TEMPLATES = sorted(DEPLOY.glob("*.yaml"))


SCANNERS = ["member-role.yaml", "management-role.yaml"]


def template(name):
    return yaml.safe_load((DEPLOY / name).read_text())


def role_in(name):
    (role,) = (r for r in template(name)["Resources"].values() if r["Type"] == "AWS::IAM::Role")
    return role["Properties"]


def policies_in(name):
    resources = template(name)["Resources"].values()
    apart = [r["Properties"] for r in resources if r["Type"] == "AWS::IAM::RolePolicy"]
    return [policy["PolicyDocument"] for policy in [*role_in(name)["Policies"], *apart]]


@pytest.mark.parametrize("name", sorted(documents()))
def test_what_is_deployed_is_what_the_collectors_declare(name):
    written = (DEPLOY / name).read_text()
    assert written == documents()[name], "run: manage.py scanner_policy --write deploy"


def test_the_templates_pass_the_linter_of_cloudformation():
    assert len(TEMPLATES) == 3
    linter = Path(sys.executable).with_name("cfn-lint")
    lint = [linter, "--non-zero-exit-code", "informational", *TEMPLATES]
    done = subprocess.run(lint, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", SCANNERS)
def test_only_the_hub_of_the_organization_that_knows_the_external_id_is_trusted(name):
    assume, tag = role_in(name)["AssumeRolePolicyDocument"]["Statement"]
    assert assume["Action"] == "sts:AssumeRole"
    assert assume["Condition"]["StringEquals"] == {
        "sts:ExternalId": {"Ref": "ExternalId"},
        "aws:PrincipalOrgID": {"Ref": "OrganizationId"},
    }
    for statement in (assume, tag):
        assert statement["Principal"]["AWS"]["Fn::Sub"].endswith("${HubAccountId}:root")
        assert statement["Condition"]["ArnEquals"]["aws:PrincipalArn"]["Fn::Sub"].endswith(
            "${HubAccountId}:role/${HubRoleName}"
        )


@pytest.mark.parametrize("role", [Role.MEMBER, Role.MANAGEMENT])
def test_the_roles_hold_the_policy_that_is_printed(role):
    (policy,) = role_in(f"{role}-role.yaml")["Policies"]
    assert policy["PolicyDocument"] == scanner_policy(role)


@pytest.mark.parametrize("name", [path.name for path in TEMPLATES])
def test_inline_policies_fit_into_a_role(name):
    """At most 10,240 characters without white space.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    policies = policies_in(name)
    assert sum(len(json.dumps(p, separators=(",", ":"))) for p in policies) <= 10_240


@pytest.mark.parametrize("name", SCANNERS)
def test_jobs_are_allowed_by_a_policy_apart_that_is_off_unless_asked_for(name):
    whole = template(name)
    assert whole["Parameters"]["AllowJobs"]["Default"] == "false"
    assert whole["Conditions"] == {"JobsAllowed": {"Fn::Equals": [{"Ref": "AllowJobs"}, "true"]}}
    jobs = whole["Resources"]["JobsPolicy"]
    assert jobs["Condition"] == "JobsAllowed"
    assert jobs["Properties"]["PolicyDocument"] == job_policy()
    assert jobs["Properties"]["RoleName"] == {"Ref": "ScannerRole"}


def test_the_hub_becomes_the_scanner_of_its_own_organization_only():
    become = role_in("hub-role.yaml")["Policies"][0]["PolicyDocument"]["Statement"][0]
    assert become["Resource"]["Fn::Sub"].endswith("role/${RoleName}")
    assert become["Condition"] == {"StringEquals": {"aws:ResourceOrgID": {"Ref": "OrganizationId"}}}


def test_the_delegation_names_the_hub_and_reads_only():
    policy = json.loads((DEPLOY / "organizations-delegation-policy.json").read_text())
    (statement,) = policy["Statement"]
    assert "HUB_ACCOUNT_ID" in statement["Principal"]["AWS"]
    verbs = {action.partition(":")[2][:4] for action in statement["Action"]}
    assert verbs == {"List", "Desc"}
