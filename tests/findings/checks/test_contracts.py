"""What holds for every check: its declaration, its table, and its behaviour when AWS says no.

Each question is asked of all checks in one test, which names every check that answers otherwise.
"""

import itertools
import re
from collections import defaultdict
from dataclasses import fields, replace

from findings.catalogue.best_practices import best_practices
from findings.catalogue.pillar import Row
from findings.checks.base import built_in
from findings.checks.context import Horizon
from findings.checks.outcomes import Status
from findings.facts.base import Fact
from findings.facts.codec import decode_blob, encode_blob, encode_observation
from tests.findings.checks.cases import judged, misjudged, results, tables
from tests.findings.checks.gaps import denied
from workers.collectors.base import collectors

CHECKS = built_in()
CASES = list(tables())
BY_CHECK = defaultdict(list)
for _check, _case in CASES:
    BY_CHECK[_check].append(_case)


def test_every_row_has_at_least_three_checks():
    counts = {row: sum(d.check.row is row for d in CHECKS.values()) for row in Row}
    assert min(counts.values()) >= 3, counts


def test_checks_name_existing_best_practices():
    existing = set(best_practices())
    named = {check: set(d.check.best_practices) for check, d in CHECKS.items()}
    wrong = [f"{check}: {names - existing}" for check, names in named.items() if names - existing]
    assert not wrong, "\n".join(wrong)


def test_checks_read_only_facts_that_have_a_collector():
    collected = set(collectors())
    read = {check: {fact.kind for fact in d.facts} for check, d in CHECKS.items()}
    wrong = [f"{check}: {kinds - collected}" for check, kinds in read.items() if kinds - collected]
    assert not wrong, "\n".join(wrong)


def test_checks_say_what_to_do_in_a_sentence():
    said = {check: d.check.remediation for check, d in CHECKS.items()}
    sentence = re.compile(r"[A-Z].{20,}\.$", re.DOTALL)
    wrong = [f"{check}: {text!r}" for check, text in said.items() if not sentence.match(text)]
    assert not wrong, "\n".join(wrong)


def test_the_table_of_a_check_has_a_pass_and_a_fail():
    shown = {check: {str(case.expect) for case in BY_CHECK[check]} for check in CHECKS}
    wrong = [f"{check}: {found}" for check, found in shown.items() if not {"pass", "fail"} <= found]
    assert not wrong, "\n".join(wrong)


def test_a_check_that_can_be_not_applicable_shows_when():
    shown = {check for check, case in CASES if case.expect is Status.NOT_APPLICABLE}
    declared = {check for check, d in CHECKS.items() if d.check.not_applicable_when}
    assert not shown ^ declared, f"shown only: {shown - declared}, told only: {declared - shown}"


def test_every_parameter_changes_an_outcome_in_the_table():
    wrong = [
        f"{check}: {parameter.name}"
        for check, definition in CHECKS.items()
        for parameter in definition.check.parameters
        if not any(decides(check, case, parameter.name) for case in BY_CHECK[check])
    ]
    assert not wrong, "\n".join(wrong)


def decides(check, case, name):
    """Whether the outcome is another without the value that a case gives to a parameter."""
    if name not in case.parameters:
        return False
    others = {k: v for k, v in case.parameters.items() if k != name}
    without = judged(check, replace(case, parameters=others))
    return without.status is not judged(check, case).status


def with_a_gap(case):
    """The case again and again, each time with one field of one fact not collected."""
    for index, fact in enumerate(case.facts):
        kind = type(fact)
        gap = denied(fact)
        names = [field.name for field in fields(fact)]
        values = {name: fact.gaps.get(name) or getattr(fact, name) for name in names}
        for name in values.keys() - {*fact.identity, *fact.gaps}:
            facts = list(case.facts)
            facts[index] = kind(**(values | {name: gap}))
            yield f"{fact.kind}.{name}", replace(case, facts=facts)


def test_a_field_that_is_not_collected_never_turns_a_pass_into_a_fail_or_back():
    wrong = [
        f"{check}: {case.name}: without {name}: {told}"
        for check, case in CASES
        for name, partial in with_a_gap(case)
        if (told := misjudged(check, partial, case.expect, Status.UNKNOWN))
    ]
    assert not wrong, "\n".join(wrong)


def without_a_listing(case, fact: type[Fact]):
    facts = [f for f in case.facts if not isinstance(f, fact)]
    return replace(case, facts=facts, gaps=[*case.gaps, denied(fact)])


def test_a_listing_that_is_not_collected_never_turns_a_pass_into_a_fail_or_back():
    wrong = []
    for check, case in CASES:
        meant = ("", judged(check, case).resource)
        wrong += [
            f"{check}: {case.name}: without {fact.kind}: {result.status}"
            for fact in CHECKS[check].facts
            for result in results(check, without_a_listing(case, fact))
            if result.resource in meant and result.status not in (case.expect, Status.UNKNOWN)
        ]
    assert not wrong, "\n".join(wrong)


def in_other_orders(check, case):
    """The case with its facts in other orders; of a check of resources the judged one leads."""
    resource = CHECKS[check].check.resource
    first = [f for f in case.facts if resource and isinstance(f, resource)][:1]
    others = [f for f in case.facts if f not in first]
    orders = itertools.islice(itertools.permutations(range(len(others))), 24)
    # Each kind is a listing of its own: only the order within it can be seen.
    listings = {tuple(sorted(order, key=lambda i: others[i].kind)) for order in orders}
    for order in listings - {tuple(sorted(range(len(others)), key=lambda i: others[i].kind))}:
        yield replace(case, facts=[*first, *(others[i] for i in order)])


def test_the_order_of_a_listing_changes_nothing():
    wrong = [
        f"{check}: {case.name}: {told}: {shuffled.facts}"
        for check, case in CASES
        for shuffled in in_other_orders(check, case)
        if (told := misjudged(check, shuffled, case.expect))
    ]
    assert not wrong, "\n".join(wrong)


def stored(fact: Fact) -> Fact:
    """The fact as it is read again; what is extended by the portal's history is stored before."""
    if "_remembered" in vars(fact):
        return fact
    kind = type(fact)
    (again,) = decode_blob(kind, encode_blob(kind, [fact]), encode_observation(kind, [fact]))
    return again


def test_facts_survive_being_stored():
    wrong = []
    for check, case in CASES:
        again = replace(case, facts=[stored(fact) for fact in case.facts])
        changed = [fact for fact, read in zip(case.facts, again.facts, strict=True) if fact != read]
        if told := changed or misjudged(check, again, case.expect):
            wrong.append(f"{check}: {case.name}: {told}")
    assert not wrong, "\n".join(wrong)


def statuses(check, case, horizon=None):
    return {(r.resource, r.region): r.status for r in results(check, case, horizon)}


def test_an_outcome_holds_until_its_horizon():
    wrong = []
    for check, case in CASES:
        horizon = Horizon(case.now)
        before = statuses(check, case, horizon)
        if horizon.valid_until is None:
            continue
        after = statuses(check, replace(case, now=horizon.valid_until))
        if after != before:
            wrong.append(f"{check}: {case.name}: {before} until {horizon.valid_until}, not {after}")
    assert not wrong, "\n".join(wrong)
