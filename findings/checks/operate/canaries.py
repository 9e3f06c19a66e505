"""O3: the journeys of users are tried before users fail at them."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.catalogue.tools import Tool
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    Status,
    all_of,
    any_of,
    at_least,
    failed,
    not_applicable,
    part,
)
from findings.checks.parameters import Count, Hours
from findings.facts.base import Facts, Scope
from findings.facts.endpoints import Distribution, PublicEndpoint
from findings.facts.synthetics import Canary


@Check(
    title="Test user journeys with canaries that pass",
    row=Row.MONITORING,
    scope=Scope.ACCOUNT,
    needs=(Canary, PublicEndpoint, Distribution),
    severity=Severity.MEDIUM,
    best_practices=("OPS04-BP03", "OPS08-BP01"),
    principles=(
        Principle.ANTICIPATE_FAILURE,
        Principle.MANAGED_SERVICES_AND_OBSERVABILITY,
    ),
    parameters=(Count("min_canaries", 1), Hours("max_age_hours", 24)),
    not_applicable_when="The account has no canary, and no API, load balancer or distribution that"
    " the internet reaches.",
    alternatives=(Tool.SYNTHETIC_MONITORING,),
    remediation="Create a canary for each journey that users depend on, on a runtime that AWS"
    " maintains, and alarm on its SuccessPercent.",
    cli=("aws synthetics start-canary --name CANARY",),
)
def synthetics_canary_passing(facts: Facts, context: Context) -> Outcome:
    if facts.of(Canary):
        return at_least(
            context.min_canaries, facts.of(Canary), lambda canary: _passes(canary, context)
        )
    public = any_of(
        part("endpoint", lambda: bool(facts.of(PublicEndpoint))),
        part("distribution", lambda: _has_distribution(facts)),
    )
    if public.status is Status.PASS:
        return failed("the internet reaches the account, and no canary tries it")
    if public.status is Status.FAIL:
        return not_applicable("nothing that the internet reaches is known")
    return public


def _has_distribution(facts: Facts) -> Outcome:
    return any_of(facts.of(Distribution), lambda distribution: distribution.is_enabled)


def _passes(canary: Canary, context: Context) -> Outcome:
    return all_of(
        part("runs", lambda: canary.state == "RUNNING"),
        part("passed", lambda: canary.last_run == "PASSED"),
        part("lately", lambda: _is_recent(canary, context)),
        part("maintained runtime", lambda: _is_maintained(canary, context)),
    )


def _is_recent(canary: Canary, context: Context) -> bool:
    completed = canary.last_run_completed_at
    return completed is not None and context.within(completed, hours=context.max_age_hours)


def _is_maintained(canary: Canary, context: Context) -> bool:
    end = canary.runtime_deprecated_at
    return end is None or not context.is_due_within(end, days=0)
