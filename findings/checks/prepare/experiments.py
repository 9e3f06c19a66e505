"""P3: faults are tried out before they happen."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, all_of, any_of, not_applicable, outcome, part
from findings.checks.parameters import PRODUCTION, DaysOfExperiments
from findings.facts.base import Facts, Scope
from findings.facts.fis import Experiment


@Check(
    title="Run a fault experiment or game day each quarter",
    row=Row.RUNBOOKS,
    scope=Scope.ACCOUNT,
    needs=(Experiment,),
    severity=Severity.LOW,
    best_practices=("OPS07-BP03", "OPS06-BP02"),
    principles=(Principle.ANTICIPATE_FAILURE,),
    parameters=(DaysOfExperiments("max_age_days", 120), PRODUCTION),
    not_applicable_when="The account is not in production.",
    remediation="Write one experiment template per dependency that matters, with an alarm as its"
    " stop condition, and run it on a schedule.",
    cli=(
        "aws fis start-experiment --experiment-template-id TEMPLATE --client-token $(uuidgen)",
        "aws fis list-experiments",
    ),
)
def fis_experiment_run_recently(facts: Facts, context: Context) -> Outcome:
    if not context.is_production():
        return not_applicable("the account is not in production")
    none = "there is no experiment"
    return any_of(facts.of(Experiment), lambda one: _counts(one, context), none=none)


def _counts(experiment: Experiment, context: Context) -> Outcome:
    return all_of(
        part("completed", lambda: outcome(experiment.status == "completed", experiment.status)),
        part("actions", lambda: experiment.runs_actions),
        part("recent", lambda: _is_recent(experiment, context)),
    )


def _is_recent(experiment: Experiment, context: Context) -> Outcome:
    told = f"{experiment.id} began on {experiment.created_at:%Y-%m-%d}"
    return outcome(context.within(experiment.created_at, days=context.max_age_days), told)
