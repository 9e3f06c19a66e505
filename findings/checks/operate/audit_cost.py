"""O2: the record is kept once, not several times."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import At, Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    Status,
    all_of,
    any_of,
    at_least,
    every,
    failed,
    outcome,
    part,
    passed,
)
from findings.checks.parameters import Count
from findings.facts.base import Facts, Listing, Place, Scope
from findings.facts.cloudtrail import READ, WRITE, Trail


@Check(
    title="Avoid paying twice for the same management events",
    row=Row.AUDIT,
    scope=Scope.ACCOUNT,
    needs=(At(Scope.ORGANIZATION, Trail),),
    severity=Severity.INFORMATIONAL,
    best_practices=("OPS01-BP06",),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    parameters=(Count("max_copies", 1),),
    remediation="Stop the extra trail, or take management events out of its selectors, once it is"
    " certain that nobody reads its bucket; the organization's trail is usually the one to keep.",
    cli=(
        "aws cloudtrail get-event-selectors --trail-name TRAIL",
        "aws cloudtrail stop-logging --name TRAIL",
    ),
)
def cloudtrail_no_redundant_trails(facts: Facts, context: Context) -> Outcome:
    seen = facts.of(Trail, Scope.ACCOUNT)
    trails = Listing({trail.arn: trail for trail in seen.known}.values(), seen.gaps)
    regions = sorted({trail.home_region for trail in trails.known})
    if not regions:
        trails.require()
    taken = [(region, kind) for region in regions for kind in (READ, WRITE)]
    return every(taken, lambda each: _is_kept_once(*each, trails, facts, context))


def _is_kept_once(
    region: str, kind: str, trails: Listing[Trail], facts: Facts, context: Context
) -> Outcome:
    """Whether few enough trails take the events of a kind in a region."""
    more = at_least(
        context.max_copies + 1, trails, lambda trail: _takes(trail, region, kind, facts)
    )
    if more.status is Status.PASS:
        return failed(f"{kind} events in {region}: {more.message}, {context.max_copies:g} expected")
    return passed() if more.status is Status.FAIL else more


def _takes(trail: Trail, region: str, kind: str, facts: Facts) -> Outcome:
    """Selectors are told at the home of a trail, in its owner's account."""
    home = Place(trail.owner, trail.home_region)
    return all_of(
        part("logging", lambda: trail.is_logging),
        part("the region", lambda: trail.is_multi_region or trail.home_region == region),
        part(
            f"{kind} events",
            lambda: any_of(
                facts.at(Trail, home),
                lambda seen: outcome(
                    seen.arn == trail.arn and kind in seen.management_events.kinds
                ),
            ),
        ),
    )
