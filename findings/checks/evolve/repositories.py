"""E1: changes of code are reviewed, and repositories are in use."""

from __future__ import annotations

from fnmatch import fnmatchcase

from findings.catalogue.pillar import Principle, Row, Severity
from findings.catalogue.tools import Tool
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    all_of,
    any_of,
    failed,
    not_applicable,
    outcome,
    part,
    passed,
    unknown,
)
from findings.checks.parameters import Count, Days
from findings.facts.base import Facts, Gap, GapReason, not_supplied, not_told
from findings.facts.codecommit import ApprovalRule, BranchHistory, Repository
from findings.facts.codepipeline import Pipeline
from findings.facts.events import Rule
from findings.facts.tagging import TaggedResource, tags_of

MORE_MERGES = Gap(
    kind=BranchHistory.kind, reason=GapReason.CAPPED, operation="codecommit:GetPullRequest"
)
"""Fewer merges are read than the sample asks for."""


def _is_archived(repository: Repository, facts: Facts) -> bool:
    """A tag of the name archived that does not say no, or one with the value archived."""
    tags = tags_of(facts.of(TaggedResource), repository.arn)
    return any(_says_archived(name.lower(), value.lower()) for name, value in tags.items())


def _says_archived(name: str, value: str) -> bool:
    return value == "archived" or (name == "archived" and value not in ("false", "no"))


@Check(
    title="Require review approval on every repository",
    row=Row.DELIVERY,
    resource=Repository,
    needs=(TaggedResource,),
    severity=Severity.HIGH,
    best_practices=("OPS05-BP07", "OPS05-BP02"),
    principles=(Principle.SMALL_REVERSIBLE_CHANGES,),
    parameters=(Count("min_approvals", 1),),
    not_applicable_when="The repository is tagged as archived.",
    alternatives=(Tool.SOURCE_CONTROL,),
    remediation="Create an approval rule template that covers the default branch in CodeCommit and"
    " associate it with the repository.",
    cli=(
        "aws codecommit create-approval-rule-template --approval-rule-template-name TEMPLATE"
        " --approval-rule-template-content file://TEMPLATE.json",
        "aws codecommit associate-approval-rule-template-with-repository"
        " --approval-rule-template-name TEMPLATE --repository-name REPOSITORY",
    ),
)
def codecommit_approval_rule_required(
    repository: Repository, facts: Facts, context: Context
) -> Outcome:
    if _is_archived(repository, facts):
        return not_applicable("it is archived")
    if not repository.approval_rules:
        return failed("no approval rule template is associated")
    branch = repository.default_branch

    def holds(rule: ApprovalRule) -> Outcome:
        return all_of(
            part("approvals", lambda: rule.approvals >= context.min_approvals),
            part("default branch", lambda: _covers(rule, branch)),
        )

    return any_of(repository.approval_rules, holds)


def _covers(rule: ApprovalRule, branch: str | None) -> bool:
    """Branches may be given with wildcards; a repository without commits has no branch yet."""
    if rule.branches is None:
        return True
    reference = f"refs/heads/{branch}"
    return branch is not None and any(fnmatchcase(reference, given) for given in rule.branches)


@Check(
    title="Archive repositories nobody changes",
    row=Row.DELIVERY,
    resource=Repository,
    needs=(TaggedResource,),
    severity=Severity.INFORMATIONAL,
    best_practices=("OPS05-BP01", "OPS02-BP01"),
    principles=(Principle.REFINE_PROCEDURES,),
    parameters=(Days("max_age_days", 365),),
    not_applicable_when="The repository is tagged as archived.",
    remediation="Tag the repository with archived=true and take write access away, or delete it"
    " once it is exported.",
    cli=("aws codecommit tag-resource --resource-arn REPOSITORY_ARN --tags archived=true",),
)
def codecommit_repository_active(repository: Repository, facts: Facts, context: Context) -> Outcome:
    if _is_archived(repository, facts):
        return not_applicable("it is archived")
    changed = repository.modified_at or repository.created_at
    if changed is None:
        return unknown(not_told(Repository.kind, "codecommit:BatchGetRepositories"))
    return outcome(
        context.within(changed, days=context.max_age_days), f"last changed {changed:%Y-%m-%d}"
    )


@Check(
    title="Trigger automation on repository changes",
    row=Row.DELIVERY,
    resource=Repository,
    needs=(TaggedResource, Pipeline, Rule),
    severity=Severity.LOW,
    best_practices=("OPS05-BP10", "OPS05-BP04"),
    principles=(Principle.OPERATIONS_AS_CODE, Principle.MANAGED_SERVICES_AND_OBSERVABILITY),
    not_applicable_when="The repository is tagged as archived.",
    alternatives=(Tool.DELIVERY,),
    remediation="Make the repository the source of a pipeline, or start a build by an event rule"
    " or a trigger on changes of its default branch.",
    cli=(
        "aws codecommit put-repository-triggers --repository-name REPOSITORY --triggers"
        " name=on-push,destinationArn=FUNCTION_ARN,branches=main,events=updateReference",
    ),
)
def codecommit_repository_triggers_automation(
    repository: Repository, facts: Facts, context: Context
) -> Outcome:
    if _is_archived(repository, facts):
        return not_applicable("it is archived")
    change = {
        "source": "aws.codecommit",
        "detail-type": "CodeCommit Repository State Change",
        "resources": repository.arn,
        "detail": {"repositoryName": repository.name},
    }

    def starts_something(rule: Rule) -> Outcome:
        return all_of(
            part("its changes", lambda: rule.routes(change)),
            part("target", lambda: bool(rule.targets)),
        )

    return any_of(
        part(
            "pipeline",
            lambda: any_of(facts.of(Pipeline), lambda p: repository.name in p.repositories),
        ),
        part("trigger", lambda: bool(repository.triggers)),
        part("event rule", lambda: any_of(facts.of(Rule), starts_something)),
    )


@Check(
    title="Stop direct pushes to the default branch",
    row=Row.DELIVERY,
    resource=Repository,
    needs=(BranchHistory, TaggedResource),
    severity=Severity.MEDIUM,
    best_practices=("OPS05-BP01", "OPS05-BP07"),
    principles=(Principle.SMALL_REVERSIBLE_CHANGES,),
    parameters=(Count("sample_merges", 20), Days("grace_days", 7)),
    not_applicable_when="The repository is tagged as archived, is younger than grace_days, or has"
    " nothing but its first commit.",
    alternatives=(Tool.SOURCE_CONTROL,),
    remediation="Deny codecommit:GitPush, codecommit:PutFile and codecommit:CreateCommit on the"
    " reference of the default branch to everybody, and let changes in by merging pull requests.",
    cli=(
        "aws iam create-policy --policy-name protect-main --policy-document file://policy.json",
        "aws iam attach-group-policy --group-name GROUP --policy-arn POLICY_ARN",
    ),
)
def codecommit_default_branch_protected(
    repository: Repository, facts: Facts, context: Context
) -> Outcome:
    if _is_archived(repository, facts):
        return not_applicable("it is archived")
    if repository.default_branch is None:
        return not_applicable("it has no commit")
    if repository.created_at is None:
        return unknown(not_told(Repository.kind, "codecommit:BatchGetRepositories"))
    if context.within(repository.created_at, days=context.grace_days):
        return not_applicable(f"made on {repository.created_at:%Y-%m-%d}")
    history = facts.of(BranchHistory).get(repository.name)
    if history is None:
        return unknown(not_supplied(BranchHistory.kind))
    return _is_merged(history, context)


def _is_merged(history: BranchHistory, context: Context) -> Outcome:
    """Who made a commit is only what its author says, so a pipeline's pushes count as pushes."""
    if history.merged >= context.sample_merges:
        return passed()
    if history.pushed is None:
        return unknown(MORE_MERGES)
    if not history.is_first:
        return failed(f"commit {history.pushed} was merged by no pull request")
    return passed() if history.merged else not_applicable("nothing but its first commit")
