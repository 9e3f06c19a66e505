"""What of a pipeline deploys to production."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from findings.checks.context import Context
from findings.checks.parameters import Pattern
from findings.facts.codepipeline import Action, Pipeline

PRODUCTION_STAGE = Pattern(
    "production_stage", r"(?i)(?<!non)(?<!non[-_ ])(?<!pre)(?<!pre[-_ ])prod(?!uc(?!tion))"
)
"""Finds Prod, production and deploy-prod-eu, but not NonProd, pre-production or product."""


class Step(NamedTuple):
    """An action and when it runs: by stage, and by run order within the stage."""

    at: tuple[int, int]
    stage: str
    action: Action


def steps_of(pipeline: Pipeline) -> Iterator[Step]:
    for number, stage in enumerate(pipeline.stages):
        for action in stage.actions:
            yield Step((number, action.run_order), stage.name, action)


def production_steps(steps: list[Step], context: Context) -> list[Step]:
    """Deployments to production: those that say so, else those into a production account.

    Where no action of the category Deploy is found, what builds or is invoked in a stage of
    production deploys, as ``terraform apply`` in a build does.
    """
    search = context.production_stage.search
    deploying = [step for step in steps if deploys(step.action)]
    named = [step for step in deploying if search(step.stage) or search(step.action.name)]
    if named:
        return named
    own = [step for step in deploying if _is_own_account(step.action, context)]
    if own and context.is_production():
        return own
    return [s for s in steps if search(s.stage) and s.action.category in _MAY_DEPLOY]


_MAY_DEPLOY = {"Build", "Compute", "Invoke"}


def deploys(action: Action) -> bool:
    """Making a change set changes nothing; it is what is approved before its execution."""
    return action.category == "Deploy" and action.mode != "CHANGE_SET_REPLACE"


def _is_own_account(action: Action, context: Context) -> bool:
    return action.role_arn is None or f"::{context.account.id}:" in action.role_arn
