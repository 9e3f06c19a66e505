"""What holds for every check: its declaration, its table, and its behaviour when AWS says no."""

import itertools
import re
from collections import defaultdict
from dataclasses import fields, replace

import pytest

from findings.catalogue.best_practices import best_practices
from findings.catalogue.pillar import Row
from findings.checks.base import built_in
from findings.checks.context import Horizon
from findings.checks.outcomes import Status
from findings.facts.base import Fact, Gap, GapReason
from findings.facts.codec import decode_blob, encode_blob, encode_observation
from tests.findings.checks.cases import judged, results, tables
from workers.collectors.base import collectors

CHECKS = built_in()
CASES = list(tables())
BY_CHECK = defaultdict(list)
for _check, _case in CASES:
    BY_CHECK[_check].append(_case)

each_check = pytest.mark.parametrize("check", list(CHECKS))


def test_every_row_has_at_least_three_checks():
    counts = {row: sum(d.check.row is row for d in CHECKS.values()) for row in Row}
    assert min(counts.values()) >= 3, counts


@each_check
def test_a_check_names_existing_best_practices(check):
    assert set(CHECKS[check].check.best_practices) <= set(best_practices())


@each_check
def test_a_check_reads_only_facts_that_have_a_collector(check):
    assert {fact.kind for fact in CHECKS[check].facts} <= set(collectors())


@each_check
def test_a_check_says_what_to_do_in_a_sentence(check):
    remediation = CHECKS[check].check.remediation
    assert re.match(r"[A-Z].{20,}\.$", remediation, re.DOTALL), remediation


@each_check
def test_the_table_of_a_check_has_a_pass_and_a_fail(check):
    assert {Status.PASS, Status.FAIL} <= {case.expect for case in BY_CHECK[check]}


@each_check
def test_a_check_that_can_be_not_applicable_shows_when(check):
    shown = any(case.expect is Status.NOT_APPLICABLE for case in BY_CHECK[check])
    assert shown == bool(CHECKS[check].check.not_applicable_when)


@each_check
def test_every_parameter_changes_an_outcome_in_the_table(check):
    for parameter in CHECKS[check].check.parameters:
        deciding = [
            case
            for case in BY_CHECK[check]
            if parameter.name in case.parameters
            and judged(check, case).status
            is not judged(
                check,
                replace(
                    case,
                    parameters={k: v for k, v in case.parameters.items() if k != parameter.name},
                ),
            ).status
        ]
        assert deciding, f"{parameter.name} changes nothing in the table of {check}"


def gapped(fact: Fact, name: str) -> Fact:
    gap = Gap(kind=fact.kind, reason=GapReason.ACCESS_DENIED, operation="x:Y", code="AccessDenied")
    values = {f.name: fact.gaps.get(f.name) or getattr(fact, f.name) for f in fields(fact)}
    return type(fact)(**(values | {name: gap}))


def with_a_gap(case):
    """The case again and again, each time with one field of one fact not collected."""
    for index, fact in enumerate(case.facts):
        for field in fields(fact):
            if field.name in fact.identity or field.name in fact.gaps:
                continue
            facts = list(case.facts)
            facts[index] = gapped(fact, field.name)
            yield f"{fact.kind}.{field.name}", replace(case, facts=facts)


@each_check
def test_a_field_that_is_not_collected_never_turns_a_pass_into_a_fail_or_back(check):
    for case in BY_CHECK[check]:
        for name, partial in with_a_gap(case):
            status = judged(check, partial).status
            assert status in (case.expect, Status.UNKNOWN), f"{case.name}: without {name} {status}"


@each_check
def test_a_listing_that_is_not_collected_never_turns_a_pass_into_a_fail_or_back(check):
    for case, fact in itertools.product(BY_CHECK[check], CHECKS[check].facts):
        meant = ("", judged(check, case).resource)
        denied = Gap(kind=fact.kind, reason=GapReason.ACCESS_DENIED, operation="x:Y")
        partial = replace(
            case,
            facts=[f for f in case.facts if not isinstance(f, fact)],
            gaps=[*case.gaps, denied],
        )
        for result in [found for found in results(check, partial) if found.resource in meant]:
            assert result.status in (case.expect, Status.UNKNOWN), f"{case.name}: {fact.kind}"


@each_check
def test_the_order_of_a_listing_changes_nothing(check):
    for case in BY_CHECK[check]:
        resource = CHECKS[check].check.resource
        judged_facts = [f for f in case.facts if resource and isinstance(f, resource)][:1]
        others = [f for f in case.facts if f not in judged_facts]
        for order in itertools.islice(itertools.permutations(others), 24):
            shuffled = judged(check, replace(case, facts=[*judged_facts, *order]))
            assert shuffled.status is case.expect, case.name


def stored(fact: Fact) -> Fact:
    kind = type(fact)
    (again,) = decode_blob(kind, encode_blob(kind, [fact]), encode_observation(kind, [fact]))
    assert again == fact
    return again


@each_check
def test_facts_survive_being_stored(check):
    for case in BY_CHECK[check]:
        # What is extended by the portal's history is stored before.
        again = replace(
            case,
            facts=[fact if "_remembered" in vars(fact) else stored(fact) for fact in case.facts],
        )
        assert judged(check, again).status is case.expect, case.name


@each_check
def test_an_outcome_holds_until_its_horizon(check):
    for case in BY_CHECK[check]:
        horizon = Horizon(case.now)
        before = {(r.resource, r.region): r.status for r in results(check, case, horizon)}
        if horizon.valid_until is not None:
            later = results(check, replace(case, now=horizon.valid_until))
            assert {(r.resource, r.region): r.status for r in later} == before, case.name
