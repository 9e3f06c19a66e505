"""P2: accounts are assessed with conformance packs, and comply with them."""

from __future__ import annotations

from functools import partial

from findings.catalogue.pillar import Principle, Row, Severity
from findings.catalogue.tools import Tool
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    all_of,
    any_of,
    at_least,
    every,
    not_applicable,
    outcome,
    part,
)
from findings.checks.parameters import Count, Names, Percent
from findings.checks.recorders import own_recorders
from findings.facts.base import Facts, Listing, Scope
from findings.facts.config import Recorder
from findings.facts.config_compliance import ConformancePack, OrganizationConformancePack
from findings.facts.organizations import DelegatedAdministrator, Organization

MULTI_ACCOUNT_SETUP = "config-multiaccountsetup.amazonaws.com"
NAMED = 10
"""How many accounts a message names."""


@Check(
    title="Assess every account with a conformance pack",
    row=Row.CONFIGURATION,
    scope=Scope.REGION,
    needs=(Recorder, ConformancePack),
    severity=Severity.MEDIUM,
    best_practices=("OPS01-BP04", "OPS05-BP06"),
    principles=(Principle.OPERATIONS_AS_CODE, Principle.MANAGED_SERVICES_AND_OBSERVABILITY),
    parameters=(Count("min_packs", 1), Names("required_packs", ())),
    not_applicable_when="The region has no recorder of the account's own.",
    alternatives=(Tool.CONFIGURATION_AUDIT,),
    remediation="Deploy the conformance pack to the whole organization from the delegated"
    " administrator of Config, in each region.",
    cli=(
        "aws configservice put-organization-conformance-pack"
        " --organization-conformance-pack-name PACK --template-s3-uri s3://BUCKET/PACK.yaml",
        "aws configservice describe-conformance-pack-status",
    ),
)
def config_conformance_pack_deployed(facts: Facts, context: Context) -> Outcome:
    if not own_recorders(facts):
        return not_applicable("no recorder")
    packs = facts.of(ConformancePack)
    return all_of(
        part("enough packs", lambda: at_least(context.min_packs, packs, _is_deployed)),
        part(
            "required packs",
            lambda: every(context.required_packs, lambda name: _is_present(name, packs)),
        ),
    )


def _is_deployed(pack: ConformancePack) -> Outcome:
    holds = pack.state in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
    return outcome(holds, f"{pack.name} is {pack.state}")


def _is_present(name: str, packs: Listing[ConformancePack]) -> Outcome:
    return any_of(
        packs,
        lambda pack: all_of(
            part("name", lambda: pack.is_named(name)),
            part("deployed", lambda: _is_deployed(pack)),
        ),
        message=f"{name} is not deployed",
    )


@Check(
    title="Keep conformance pack scores above the target",
    row=Row.CONFIGURATION,
    resource=ConformancePack,
    severity=Severity.MEDIUM,
    best_practices=("OPS01-BP04", "OPS09-BP01"),
    principles=(Principle.ANTICIPATE_FAILURE, Principle.REFINE_PROCEDURES),
    parameters=(Percent("min_score", 90),),
    not_applicable_when="Config has no result of the pack yet.",
    remediation="Work through the rules of the pack that most resources do not comply with, and"
    " record an exception with an end date where one has to stay as it is.",
    cli=(
        "aws configservice describe-conformance-pack-compliance --conformance-pack-name PACK"
        " --filters ComplianceType=NON_COMPLIANT",
        "aws configservice get-conformance-pack-compliance-details --conformance-pack-name PACK",
    ),
)
def config_conformance_pack_score_minimum(
    pack: ConformancePack, facts: Facts, context: Context
) -> Outcome:
    if pack.score is None:
        return not_applicable("nothing was evaluated")
    return outcome(
        pack.score >= context.min_score,
        f"scores {int(pack.score)} percent, at least {context.min_score:g} expected",
    )


@Check(
    title="Roll organization conformance packs out to every account",
    row=Row.CONFIGURATION,
    scope=Scope.ORGANIZATION,
    needs=(Organization, DelegatedAdministrator, OrganizationConformancePack),
    severity=Severity.MEDIUM,
    best_practices=("OPS01-BP04", "OPS05-BP06"),
    principles=(Principle.OPERATIONS_AS_CODE,),
    not_applicable_when="There is no organization, or no conformance pack of the organization.",
    remediation="Repair the accounts that the pack failed in, which most often lack a recorder, and"
    " deploy the pack again.",
    cli=(
        "aws configservice get-organization-conformance-pack-detailed-status"
        " --organization-conformance-pack-name PACK --filters Status=CREATE_FAILED",
        "aws configservice put-organization-conformance-pack"
        " --organization-conformance-pack-name PACK --template-s3-uri s3://BUCKET/PACK.yaml",
    ),
)
def config_organization_conformance_packs_rolled_out(facts: Facts, context: Context) -> Outcome:
    organization = next(iter(facts.of(Organization)), None)
    if organization is None:
        return not_applicable("there is no organization")
    return all_of(
        part("management account", lambda: _rolled_out(facts, organization.management_account)),
        part("delegated administrators", lambda: _rolled_out_by_administrators(facts)),
    )


def _rolled_out_by_administrators(facts: Facts) -> Outcome:
    accounts = sorted(
        administrator.account
        for administrator in facts.of(DelegatedAdministrator)
        if administrator.service == MULTI_ACCOUNT_SETUP
    )
    if not accounts:
        return not_applicable("there is none")
    return all_of(*(part(account, partial(_rolled_out, facts, account)) for account in accounts))


def _rolled_out(facts: Facts, account: str) -> Outcome:
    packs = facts.of_account(OrganizationConformancePack, account)
    found = (part(pack.key, partial(_is_rolled_out, pack)) for pack in packs.known)
    return all_of(*found, part("packs", lambda: _is_complete(packs)))


def _is_complete(packs: Listing[OrganizationConformancePack]) -> Outcome:
    packs.require()
    return not_applicable(f"{len(packs)} listed")


def _is_rolled_out(pack: OrganizationConformancePack) -> Outcome:
    if pack.status in ("DELETE_IN_PROGRESS", "DELETE_SUCCESSFUL"):
        return not_applicable("it is being deleted")
    return all_of(
        part("status", lambda: _succeeded(pack.status)),
        part("accounts", lambda: _failed_nowhere(pack)),
    )


def _succeeded(status: str) -> Outcome:
    return outcome(status in ("CREATE_SUCCESSFUL", "UPDATE_SUCCESSFUL"), f"is {status}")


def _failed_nowhere(pack: OrganizationConformancePack) -> Outcome:
    accounts = sorted(one.account for one in pack.rollouts if one.status.endswith("_FAILED"))
    named = ", ".join(accounts[:NAMED])
    return outcome(not accounts, f"failed in {len(accounts)} accounts: {named}" if accounts else "")
