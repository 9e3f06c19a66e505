"""E1: pipelines lead to production by reviewed, tested, reversible steps."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    all_of,
    every,
    failed,
    not_applicable,
    outcome,
    part,
    passed,
)
from findings.checks.parameters import PRODUCTION, Count
from findings.checks.production_steps import (
    PRODUCTION_STAGE,
    Step,
    deploys,
    production_steps,
    steps_of,
)
from findings.facts.base import Facts
from findings.facts.codepipeline import Action, Pipeline, Stage


@Check(
    title="Put tests and an approval or rule before production",
    row=Row.DELIVERY,
    resource=Pipeline,
    severity=Severity.HIGH,
    best_practices=("OPS05-BP02", "OPS06-BP02", "OPS07-BP05"),
    principles=(Principle.SMALL_REVERSIBLE_CHANGES, Principle.ANTICIPATE_FAILURE),
    parameters=(PRODUCTION_STAGE, PRODUCTION),
    not_applicable_when="No stage of the pipeline deploys to production.",
    remediation="Add a test action before the production stage, and a manual approval or a"
    " beforeEntry condition with rules (alarms, deployment windows) in front of it.",
    cli=(
        "aws codepipeline get-pipeline --name PIPELINE",
        "aws codepipeline update-pipeline --pipeline file://PIPELINE.json",
    ),
)
def codepipeline_production_gate(pipeline: Pipeline, facts: Facts, context: Context) -> Outcome:
    steps = list(steps_of(pipeline))
    first = min((step.at for step in production_steps(steps, context)), default=None)
    if first is None:
        return not_applicable("no stage deploys to production")
    before = [step for step in steps if step.at < first]
    entered = pipeline.stages[: first[0] + 1]
    has_approval = any(step.action.category == "Approval" for step in before)
    return all_of(
        part("tests", lambda: any(_is_test(step) for step in before)),
        part("approval or rule", lambda: has_approval or any(s.entry_rules for s in entered)),
    )


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
    title="Start pipelines from change events",
    row=Row.DELIVERY,
    resource=Pipeline,
    severity=Severity.LOW,
    best_practices=("OPS05-BP10",),
    principles=(
        Principle.OPERATIONS_AS_CODE,
        Principle.MANAGED_SERVICES_AND_OBSERVABILITY,
    ),
    not_applicable_when="No source of the pipeline can be polled: it uses connections or images.",
    remediation="Set PollForSourceChanges to false in each CodeCommit and S3 source and start the"
    " pipeline by an EventBridge rule; replace sources of GitHub version 1 by a connection.",
    cli=(
        "aws codepipeline get-pipeline --name PIPELINE",
        "aws codepipeline update-pipeline --pipeline file://PIPELINE.json",
        "aws events put-rule --name RULE --event-pattern file://PATTERN.json",
        "aws events put-targets --rule RULE"
        " --targets Id=pipeline,Arn=PIPELINE_ARN,RoleArn=ROLE_ARN",
    ),
)
def codepipeline_source_event_driven(pipeline: Pipeline, facts: Facts, context: Context) -> Outcome:
    actions = [a for stage in pipeline.stages for a in stage.actions if a.category == "Source"]
    own = [a for a in actions if a.owner == "AWS" and a.provider in _POLLED]
    old = [a for a in actions if a.owner == "ThirdParty" and a.provider == "GitHub"]
    if not own and not old:
        return not_applicable("no source of it can be polled")
    ended = pipeline.polling_disabled_at
    return all_of(
        part("no polling", lambda: _none_of(a.name for a in own if a.polls_source is not False)),
        part("no GitHub version 1", lambda: _none_of(a.name for a in old)),
        part(
            "not given up", lambda: ended is None or failed(f"AWS ended polling {ended:%Y-%m-%d}")
        ),
    )


_POLLED = {"CodeCommit", "S3"}
"""Sources that are polled unless told otherwise.

https://docs.aws.amazon.com/codepipeline/latest/userguide/PollForSourceChanges-defaults.html
"""


def _none_of(names: Iterable[str]) -> Outcome:
    found = sorted(names)
    return outcome(not found, ", ".join(found))


@Check(
    title="Use V2 pipelines with rollback or retry on failure",
    row=Row.DELIVERY,
    resource=Pipeline,
    severity=Severity.MEDIUM,
    best_practices=("OPS06-BP04", "OPS05-BP09"),
    principles=(Principle.SMALL_REVERSIBLE_CHANGES, Principle.ANTICIPATE_FAILURE),
    not_applicable_when="The pipeline deploys nothing.",
    remediation="Convert the pipeline to type V2 and set onFailure of every stage that deploys to"
    " ROLLBACK, or to RETRY where CodeDeploy or CloudFormation take a failure back themselves.",
    cli=(
        "aws codepipeline get-pipeline --name PIPELINE",
        "aws codepipeline update-pipeline --pipeline file://PIPELINE.json",
    ),
)
def codepipeline_rollback_on_failure(pipeline: Pipeline, facts: Facts, context: Context) -> Outcome:
    deploying = [s for s in pipeline.stages if any(deploys(a) for a in s.actions)]
    if not deploying:
        return not_applicable("it deploys nothing")
    return all_of(
        # Where no type is told, what a stage does on failure tells it: only V2 has that.
        part("type V2", lambda: outcome(pipeline.type in (None, "V2"), f"it is {pipeline.type}")),
        part("failures", lambda: every(deploying, _is_taken_back)),
    )


def _is_taken_back(stage: Stage) -> Outcome:
    if stage.on_failure == "ROLLBACK":
        return passed()
    takes_back = all(a.provider in _TAKING_BACK for a in stage.actions if deploys(a))
    told = stage.on_failure or "nothing"
    return outcome(stage.on_failure == "RETRY" and takes_back, f"{stage.name} does {told}")


_TAKING_BACK = {
    "CodeDeploy",
    "CodeDeployToECS",
    "CloudFormation",
    "CloudFormationStackSet",
    "CloudFormationStackInstances",
}
"""Providers that can undo a failed deployment by themselves."""


@Check(
    title="Deploy to one region and one wave at a time",
    row=Row.DELIVERY,
    resource=Pipeline,
    severity=Severity.LOW,
    best_practices=("OPS06-BP03",),
    principles=(Principle.SMALL_REVERSIBLE_CHANGES,),
    parameters=(Count("max_parallel", 1), Count("max_regions", 1)),
    not_applicable_when="The pipeline deploys to fewer than two regions.",
    remediation="Split the fan-out into waves: a stage for each region, actions of different run"
    " order within it, and time to watch between the stages.",
    cli=(
        "aws codepipeline get-pipeline --name PIPELINE",
        "aws codepipeline update-pipeline --pipeline file://PIPELINE.json",
    ),
)
def codepipeline_deploys_one_target_at_a_time(
    pipeline: Pipeline, facts: Facts, context: Context
) -> Outcome:
    home = facts.place.region
    waves = {s.name: [a for a in s.actions if deploys(a)] for s in pipeline.stages}
    if len({_region(a, home) for actions in waves.values() for a in actions}) < 2:
        return not_applicable("it deploys to fewer than two regions")

    def is_narrow(stage: str) -> Outcome:
        regions = sorted({_region(a, home) for a in waves[stage]})
        told = f"{stage} deploys to {', '.join(regions)}"
        return outcome(len(regions) <= context.max_regions, told)

    def is_serial(stage: str) -> Outcome:
        orders = Counter(a.run_order for a in waves[stage])
        most = max(orders.values(), default=0)
        return outcome(most <= context.max_parallel, f"{stage} runs {most} deployments at once")

    return all_of(
        part("one region a stage", lambda: every(waves, is_narrow)),
        part("one deployment at once", lambda: every(waves, is_serial)),
    )


def _region(action: Action, home: str) -> str:
    return action.region or home
