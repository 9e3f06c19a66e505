"""The worked example of docs/scoring.md, computed."""

import datetime as dt
import re
from fractions import Fraction
from pathlib import Path

from findings.catalogue.pillar import Severity
from findings.half_life import weight_at
from findings.scoring import MUST, WEIGHTS, Attested, Judged, reached_by, rounded, score_of

TEXT = (Path(__file__).parents[2] / "docs" / "scoring.md").read_text(encoding="utf-8")
START, DAY = dt.datetime(2026, 3, 2, tzinfo=dt.UTC), dt.timedelta(days=1)


def table(first):
    """The lines below the head of the table whose first column is called so."""
    lines = TEXT.split(f"\n| {first} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def checks():
    return [
        Judged(
            check=name,
            severity=Severity(severity),
            passed=int(passed),
            failed=int(failed),
            suppressed=int(suppressed),
            unknown=int(unknown),
        )
        for name, severity, passed, failed, suppressed, unknown in table("check")
    ]


def statements():
    for practice, risk, covering, age, half_life in table("practice"):
        weight = weight_at(
            START + int(age.split()[0]) * DAY,
            starts_at=START,
            ends_at=START + 365 * DAY,
            half_life=int(half_life.split()[0]) * DAY,
        )
        yield Attested(
            practice=practice,
            risk=Severity(risk),
            weight=Fraction(weight),
            is_covered=covering != "none",
        )


def test_the_example_comes_out_as_it_says():
    found = score_of([*checks(), *statements()])
    *_, together = table("item")
    gained, known, covered, asked = (Fraction(cell) for cell in together[1:])
    assert found.value == 100 * gained / known
    assert found.coverage == 100 * covered / asked
    told = re.findall(r"\*\*([0-9.]+) %\*\*", TEXT)
    assert told == [str(rounded(found.value)), str(rounded(found.coverage))]
    assert f'"{told[0]} % of {told[1]} % known"' in TEXT


def test_each_line_of_the_example_is_its_own_score():
    lines = {name: cells for name, *cells in table("item")}
    for item in (*checks(), *statements()):
        name = item.check if isinstance(item, Judged) else item.practice
        found = score_of([item])
        if name not in lines:
            assert (found.value, found.coverage) == (None, None)
            continue
        gained, known, covered, asked = (cell.split("=")[-1].strip() for cell in lines[name])
        assert found.coverage == 100 * Fraction(covered) / Fraction(asked)
        assert found.value == (None if known == "-" else 100 * Fraction(gained) / Fraction(known))


def test_the_level_of_the_example_and_what_it_lacks():
    found = reached_by(checks())
    (missing,) = found.missing
    assert (found.level, found.next) == (None, "foundation")
    told = f'"{missing.check}" has {missing.failed} results that fail and {missing.unknown}'
    assert told in TEXT.replace("\n", " ")


def test_the_tables_of_weights_and_levels_are_those_of_the_code():
    assert {name: int(weight) for name, weight in table("severity")} == WEIGHTS
    assert {name: tuple(asked.split(", ")) for name, asked in table("level")} == MUST
