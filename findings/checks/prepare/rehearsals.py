"""P3: what production gets was deployed outside production before."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import At, Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, failed, not_applicable, passed, unknown
from findings.checks.parameters import PRODUCTION, Days, DaysOfMonth, Names, Text
from findings.checks.stack_changes import why_nobody_deploys
from findings.facts.base import (
    Facts,
    Gap,
    GapReason,
    Listing,
    NotCollected,
    Place,
    Scope,
    not_supplied,
)
from findings.facts.cloudformation import Stack, StackHistory
from findings.facts.organizations import Organization

DEPLOYED = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE")
ENVIRONMENT_WORDS = (
    "dev",
    "development",
    "int",
    "live",
    "mock",
    "non",
    "nonprod",
    "nonproduction",
    "pre",
    "prd",
    "preprod",
    "preproduction",
    "prod",
    "production",
    "qa",
    "sandbox",
    "stage",
    "staging",
    "stg",
    "test",
    "testing",
    "uat",
)
FORGOTTEN = Gap(
    kind=StackHistory.kind,
    reason=GapReason.NO_LONGER_KEPT,
    operation="cloudformation:DescribeStackEvents",
)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


@Check(
    title="Deploy the same template outside production first",
    row=Row.RUNBOOKS,
    resource=Stack,
    needs=(At(Scope.ORGANIZATION, Stack), At(Scope.ORGANIZATION, StackHistory), Organization),
    severity=Severity.HIGH,
    best_practices=("OPS05-BP08", "OPS06-BP02"),
    principles=(Principle.ANTICIPATE_FAILURE, Principle.SMALL_REVERSIBLE_CHANGES),
    parameters=(
        DaysOfMonth("window_days", 30),
        Days("max_lead_days", 14),
        Names("environment_words", ENVIRONMENT_WORDS),
        Text("application_tag", "Application"),
        Text("exempt_tag", "no_rehearsal"),
        PRODUCTION,
    ),
    not_applicable_when="The stack is nested, belongs to a stack set, holds nothing yet, is not in"
    " production, was last changed before the window, or is tagged no_rehearsal with a reason.",
    remediation="Give the pipeline a stage before production that deploys the same template, with"
    " parameters of its own, to a test account under the same name, and let production wait for"
    " it.",
    cli=(
        "aws cloudformation create-change-set --stack-name STACK --change-set-name rehearsal"
        " --template-body file://TEMPLATE --parameters file://TEST_PARAMETERS.json",
        "aws cloudformation execute-change-set --stack-name STACK --change-set-name rehearsal",
        "aws cloudformation describe-stack-events --stack-name STACK",
    ),
)
def cloudformation_mock_deployment_before_production(
    stack: Stack, facts: Facts, context: Context
) -> Outcome:
    if why := why_nobody_deploys(stack, context):
        return not_applicable(why)
    if reason := stack.tags.get(context.exempt_tag, "").strip():
        return not_applicable(f"tagged {context.exempt_tag}: {reason}")
    changed = f"changed on {stack.changed_at:%Y-%m-%d %H:%M} UTC"
    if not context.within(stack.changed_at, days=context.window_days):
        return not_applicable(f"last {changed}")
    since = stack.changed_at - timedelta(days=context.max_lead_days)
    deployments = _deployments(facts, context)
    twins = _times_of_twins(stack, deployments, context)
    found = [at for at in twins if since <= at <= stack.changed_at]
    if found:
        return passed(f"{changed}, a twin was deployed on {max(found):%Y-%m-%d}")
    _require_all(deployments, since, stack.changed_at)
    if context.is_alone and facts.of(Organization):
        return unknown(not_supplied(StackHistory.kind))
    return failed(f"{changed}, no twin was deployed in the {context.max_lead_days:g} days before")


@dataclass(frozen=True, kw_only=True)
class _Deployment:
    """One that succeeded; ``application`` is None where the stack has no such tag, or is gone."""

    ended_at: datetime
    application: str | None


@dataclass
class _Deployments:
    """Those of all accounts outside production, and what is not known of them.

    They stand by what is left of the stack's name without the environment, and by the application
    with the description of the template.
    """

    by_name: dict[str, list[_Deployment]] = field(default_factory=lambda: defaultdict(list))
    by_template: dict[tuple[str | None, str | None], list[_Deployment]] = field(
        default_factory=lambda: defaultdict(list)
    )
    histories: list[StackHistory] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)


def _deployments(facts: Facts, context: Context) -> _Deployments:
    """Built once for all stacks that are judged with the same parameters."""
    key = (
        _Deployments,
        tuple(context.accounts_outside_production()),
        context.environment_words,
        context.application_tag,
        context.production_selector,
    )
    return facts.index(key, lambda: _collected(facts, context))


def _collected(facts: Facts, context: Context) -> _Deployments:
    found = _Deployments()
    outside = context.accounts_outside_production()
    if not outside:
        found.gaps.append(not_supplied(StackHistory.kind))
    for account in outside:
        histories = facts.of_account(StackHistory, account)
        found.gaps += histories.gaps
        for history in histories.known:
            stacks = facts.at(Stack, Place(account, history.region))
            try:
                _add(found, history, stacks, context)
            except NotCollected as missing:
                found.gaps += missing.gaps
    return found


def _add(
    found: _Deployments, history: StackHistory, stacks: Listing[Stack], context: Context
) -> None:
    """Raises NotCollected where tags are missing, which may say that a stack is in production.

    A stack that was deleted since is known by its name only.
    """
    stacks.require()
    found.histories.append(history)
    for operation in history.operations:
        stack = stacks.get(operation.stack)
        tags = stack.tags if stack else {}
        if operation.status not in DEPLOYED or context.production_selector.matches_tags(tags):
            continue
        application = _application_of(tags, context)
        description = stack.description if stack else None
        made = _Deployment(ended_at=operation.ended_at, application=application)
        found.by_name[_stem_of(operation.stack, context)].append(made)
        if application and description:
            found.by_template[application, description].append(made)


def _times_of_twins(stack: Stack, deployments: _Deployments, context: Context) -> list[datetime]:
    """When twins of a stack of production were deployed."""
    application = _application_of(stack.tags, context)
    by_name = [
        made
        for made in deployments.by_name.get(_stem_of(stack.name, context), ())
        if application is None or made.application in (None, application)
    ]
    by_template = deployments.by_template.get((application, stack.description), ())
    return [made.ended_at for made in (*by_name, *by_template)]


def _require_all(deployments: _Deployments, since: datetime, until: datetime) -> None:
    """Raise NotCollected unless all deployments between two instants are known."""
    if deployments.gaps:
        raise NotCollected(*deployments.gaps)
    if any(h.known_from > since or h.known_until < until for h in deployments.histories):
        raise NotCollected(FORGOTTEN)


def _application_of(tags: Mapping[str, str], context: Context) -> str | None:
    return tags.get(context.application_tag) or None


def _stem_of(name: str, context: Context) -> str:
    """A stack's name without the words that name an environment, unless nothing else is in it."""
    words = [word.lower() for word in _WORDS.findall(name)]
    return "-".join([word for word in words if word not in context.environment_words] or words)
