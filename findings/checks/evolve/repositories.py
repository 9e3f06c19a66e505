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
    unknown,
)
from findings.checks.parameters import Count, Days
from findings.facts.base import Facts, not_told
from findings.facts.codecommit import ApprovalRule, Repository
from findings.facts.codepipeline import Pipeline
from findings.facts.events import Rule
from findings.facts.tagging import TaggedResource, tags_of


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
