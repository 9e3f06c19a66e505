"""E1: code reaches production by reviewed, tested, reversible steps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from fnmatch import fnmatchcase
from typing import NamedTuple

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    all_of,
    any_of,
    every,
    failed,
    not_applicable,
    outcome,
    part,
    passed,
    unknown,
)
from findings.checks.parameters import (
    PRODUCTION,
    Count,
    Days,
    Hours,
    Pattern,
    SelectorParameter,
)
from findings.facts.base import Facts, Gap, GapReason
from findings.facts.codebuild import BuildProject
from findings.facts.codecommit import ApprovalRule, Repository
from findings.facts.codedeploy import DeploymentGroup
from findings.facts.codepipeline import (
    Action,
    DisabledTransition,
    Execution,
    Pipeline,
    PipelineActivity,
)
from findings.facts.secrets import SecretHit
from findings.facts.tagging import TaggedResource, tags_of

IDLE_DAYS = 90
"""A pipeline that did not run for so long is no longer in use."""

PRODUCTION_STAGE = r"(?i)(?<!non)(?<!non[-_ ])(?<!pre)(?<!pre[-_ ])prod(?!uc(?!tion))"
"""Finds Prod, production and deploy-prod-eu, but not NonProd, pre-production or product."""

ENDED = {"Succeeded", "Superseded", "Stopped", "Cancelled"}
RUNNING = {"InProgress", "Stopping"}


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
    remediation="Create an approval rule template that covers the default branch in CodeCommit and"
    " associate it with the repository.",
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
)
def codecommit_repository_active(repository: Repository, facts: Facts, context: Context) -> Outcome:
    if _is_archived(repository, facts):
        return not_applicable("it is archived")
    changed = repository.modified_at or repository.created_at
    if changed is None:
        return unknown(_untold(Repository.kind, "codecommit:BatchGetRepositories"))
    return outcome(
        context.within(changed, days=context.max_age_days), f"last changed {changed:%Y-%m-%d}"
    )


def _untold(kind: str, operation: str, code: str = "") -> Gap:
    """The gap of what AWS answered without telling, or told in words that are not documented."""
    return Gap(kind=kind, reason=GapReason.NOT_IN_SCHEMA, operation=operation, code=code)


@Check(
    title="Read build secrets from a secret store",
    row=Row.DELIVERY,
    resource=BuildProject,
    severity=Severity.CRITICAL,
    best_practices=("OPS05-BP07", "OPS05-BP04"),
    principles=(Principle.OPERATIONS_AS_CODE,),
    remediation="Give the variable the type SECRETS_MANAGER or PARAMETER_STORE, connect the source"
    " through CodeConnections instead of its URL, and rotate what was exposed.",
)
def codebuild_no_plaintext_secrets(
    project: BuildProject, facts: Facts, context: Context
) -> Outcome:
    return all_of(
        part("variables", lambda: _no_hits(project.variable_secrets)),
        part("sources", lambda: _no_hits(project.source_secrets)),
    )


def _no_hits(hits: tuple[SecretHit, ...]) -> Outcome:
    return outcome(not hits, ", ".join(f"{hit.location} ({hit.pattern})" for hit in hits))


@Check(
    title="Run builds without privileged mode unless images are built",
    row=Row.DELIVERY,
    resource=BuildProject,
    severity=Severity.HIGH,
    best_practices=("OPS05-BP04",),
    principles=(Principle.OPERATIONS_AS_CODE,),
    parameters=(
        SelectorParameter("image_builders", {"tag": "BuildsImages", "tag_values": ["true"]}),
    ),
    remediation="Turn privileged mode off in the project's environment, or tag the project that"
    " builds images with BuildsImages=true; set the project's visibility to private.",
)
def codebuild_project_not_privileged(
    project: BuildProject, facts: Facts, context: Context
) -> Outcome:
    return all_of(
        part("unprivileged", lambda: _is_unprivileged(project, context)),
        part(
            "private",
            lambda: outcome(project.visibility == "PRIVATE", f"it is {project.visibility}"),
        ),
    )


def _is_unprivileged(project: BuildProject, context: Context) -> bool:
    return not project.is_privileged or context.image_builders.matches_tags(project.tags)


@Check(
    title="Roll deployments back automatically on failure and alarm",
    row=Row.DELIVERY,
    resource=DeploymentGroup,
    severity=Severity.HIGH,
    best_practices=("OPS06-BP04", "OPS06-BP01"),
    principles=(Principle.SMALL_REVERSIBLE_CHANGES, Principle.ANTICIPATE_FAILURE),
    parameters=(Days("max_idle_days", 180),),
    not_applicable_when="The group had no deployment for max_idle_days.",
    remediation="Turn on automatic rollback of the deployment group for failed deployments and for"
    " alarms, and name the alarms of the service in its alarm configuration.",
)
def codedeploy_auto_rollback_and_alarms(
    group: DeploymentGroup, facts: Facts, context: Context
) -> Outcome:
    deployed = _last_deployed(group)
    if deployed is None or not context.within(deployed, days=context.max_idle_days):
        return not_applicable("it is not deployed to")
    return all_of(
        part("rollback on", lambda: group.is_rollback_enabled),
        part("after failure", lambda: "DEPLOYMENT_FAILURE" in group.rollback_events),
        part("after alarm", lambda: "DEPLOYMENT_STOP_ON_ALARM" in group.rollback_events),
        part("alarms on", lambda: group.are_alarms_enabled),
        part("alarms named", lambda: bool(group.alarms)),
        part("alarms must be readable", lambda: not group.ignores_alarm_poll_failure),
    )


def _last_deployed(group: DeploymentGroup) -> datetime | None:
    found = (group.last_attempted, group.last_successful)
    instants = [d.created_at or d.ended_at for d in found if d is not None]
    return max((at for at in instants if at is not None), default=None)


@Check(
    title="Put tests and an approval or rule before production",
    row=Row.DELIVERY,
    resource=Pipeline,
    severity=Severity.HIGH,
    best_practices=("OPS05-BP02", "OPS06-BP02", "OPS07-BP05"),
    principles=(Principle.SMALL_REVERSIBLE_CHANGES, Principle.ANTICIPATE_FAILURE),
    parameters=(Pattern("production_stage", PRODUCTION_STAGE), PRODUCTION),
    not_applicable_when="No stage of the pipeline deploys to production.",
    remediation="Add a test action before the production stage, and a manual approval or a"
    " beforeEntry condition with rules (alarms, deployment windows) in front of it.",
)
def codepipeline_production_gate(pipeline: Pipeline, facts: Facts, context: Context) -> Outcome:
    steps = list(_steps(pipeline))
    first = min((step.at for step in _production_steps(steps, context)), default=None)
    if first is None:
        return not_applicable("no stage deploys to production")
    before = [step for step in steps if step.at < first]
    entered = pipeline.stages[: first[0] + 1]
    has_approval = any(step.action.category == "Approval" for step in before)
    return all_of(
        part("tests", lambda: any(_is_test(step) for step in before)),
        part("approval or rule", lambda: has_approval or any(s.entry_rules for s in entered)),
    )


class Step(NamedTuple):
    """An action and when it runs: by stage, and by run order within the stage."""

    at: tuple[int, int]
    stage: str
    action: Action


def _steps(pipeline: Pipeline) -> Iterator[Step]:
    for number, stage in enumerate(pipeline.stages):
        for action in stage.actions:
            yield Step((number, action.run_order), stage.name, action)


def _production_steps(steps: list[Step], context: Context) -> list[Step]:
    """Deployments to production: those that say so, else those into a production account.

    Where no action of the category Deploy is found, what builds or is invoked in a stage of
    production deploys, as ``terraform apply`` in a build does.
    """
    search = context.production_stage.search
    deploys = [step for step in steps if _deploys(step.action)]
    named = [step for step in deploys if search(step.stage) or search(step.action.name)]
    if named:
        return named
    own = [step for step in deploys if _is_own_account(step.action, context)]
    if own and context.is_production():
        return own
    return [s for s in steps if search(s.stage) and s.action.category in _MAY_DEPLOY]


_MAY_DEPLOY = {"Build", "Compute", "Invoke"}


def _deploys(action: Action) -> bool:
    """Making a change set changes nothing; it is what is approved before its execution."""
    return action.category == "Deploy" and action.mode != "CHANGE_SET_REPLACE"


def _is_own_account(action: Action, context: Context) -> bool:
    return action.role_arn is None or f"::{context.account.id}:" in action.role_arn


_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_TESTING = {"test", "tests", "testing", "unittest", "unittests", "spec", "specs", "verify", "qa"}


def _is_test(step: Step) -> bool:
    """A test action, or a build whose name, project or stage says that it tests."""
    if step.action.category == "Test":
        return True
    names = f"{step.action.name} {step.action.project} {step.stage}"
    words = {word.lower() for word in _WORD.findall(names)}
    return step.action.category in ("Build", "Compute") and not _TESTING.isdisjoint(words)


@Check(
    title="Keep pipelines running: no stalled, failed or disabled stage",
    row=Row.DELIVERY,
    resource=PipelineActivity,
    severity=Severity.MEDIUM,
    best_practices=("OPS05-BP04", "OPS08-BP04"),
    principles=(Principle.ANTICIPATE_FAILURE,),
    parameters=(
        Hours("max_hours", 72),
        Days("max_failed_days", 2),
        Days("max_disabled_days", 14),
    ),
    not_applicable_when="The pipeline has no execution in 90 days.",
    remediation="Retry or roll back the stage that failed or stalled, and enable the transition"
    " again or write down why it stays disabled.",
)
def codepipeline_execution_healthy(
    activity: PipelineActivity, facts: Facts, context: Context
) -> Outcome:
    newest = activity.newest
    is_recent = newest is not None and context.within(newest.updated_at, days=IDLE_DAYS)
    if not is_recent and not activity.in_progress:
        return not_applicable(f"it has no execution in {IDLE_DAYS} days")
    return all_of(
        part("nothing stalled", lambda: every(activity.in_progress, lambda e: _moves(e, context))),
        part("newest not failed", lambda: _has_not_failed(newest, context)),
        part(
            "transitions enabled",
            lambda: every(activity.disabled_transitions, lambda t: _is_excused(t, context)),
        ),
    )


def _moves(execution: Execution, context: Context) -> Outcome:
    return outcome(
        context.within(execution.started_at, hours=context.max_hours),
        f"{execution.id} is in progress since {execution.started_at:%Y-%m-%d %H:%M} UTC",
    )


def _has_not_failed(newest: Execution | None, context: Context) -> Outcome:
    if newest is None or newest.status in ENDED | RUNNING:
        return passed()
    if newest.status != "Failed":
        operation = "codepipeline:ListPipelineExecutions"
        return unknown(_untold(PipelineActivity.kind, operation, f"status {newest.status}"))
    return outcome(
        context.within(newest.updated_at, days=context.max_failed_days),
        f"the newest execution failed {newest.updated_at:%Y-%m-%d}",
    )


def _is_excused(transition: DisabledTransition, context: Context) -> Outcome:
    since = transition.since
    if since is None or not transition.reason:
        return failed(f"the way into {transition.stage} is closed, and nobody said why")
    return outcome(
        context.within(since, days=context.max_disabled_days),
        f"the way into {transition.stage} is closed since {since:%Y-%m-%d}",
    )
