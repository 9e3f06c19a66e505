"""Conformance packs and the compliance of rules for the tables of the checks."""

from findings.facts.config_compliance import (
    ConformancePack,
    OrganizationConformancePack,
    Rollout,
    RuleCompliance,
)
from tests.findings.checks.cases import REGION


def pack(name="baseline", state="CREATE_COMPLETE", score=95.0):
    arn = f"arn:aws:config:{REGION}:111111111111:conformance-pack/{name}"
    return ConformancePack(name=name, arn=arn, state=state, score=score)


def organization_pack(
    status="CREATE_SUCCESSFUL", *statuses, name="baseline", region=REGION, **fields
):
    rollouts = tuple(
        Rollout(account=f"{number:012}", status=told) for number, told in enumerate(statuses)
    )
    given = {"status": status, "rollouts": rollouts} | fields
    return OrganizationConformancePack(name=name, region=region, **given)


def compliance(rule="versioned", compliance="COMPLIANT", oldest=None, **fields):
    given = {"oldest_result_at": oldest, "is_read_whole": True} | fields
    return RuleCompliance(rule=rule, compliance=compliance, **given)


def compliant(count):
    return [compliance(f"rule-{number}") for number in range(count)]
