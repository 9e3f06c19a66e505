import datetime as dt
import re
from decimal import Decimal
from fractions import Fraction

import pytest

from findings.scoring import Level, Score
from findings.selectors.scopes_of_scorecards import Day
from portal.templatetags import scorecards as words

FIRST = dt.date(2026, 3, 1)


def days(*scores):
    return [
        Day(FIRST + dt.timedelta(days=n), None if score is None else Decimal(score), None)
        for n, score in enumerate(scores)
    ]


def paths(*scores):
    return re.findall(r'd="([^"]+)"', words.trend(days(*scores)))


def test_a_score_has_one_decimal_and_none_is_a_dash():
    assert words.tenths(Fraction(200, 3)) == "66.6 %"
    assert words.tenths(Fraction(0)) == "0.0 %"
    assert words.tenths(None) == words.NOTHING


def test_beside_a_score_stands_how_much_is_known():
    assert words.of_known(Score(value=None, coverage=Fraction(91))) == "of 91.0 % known"
    assert words.of_known(Score(value=None, coverage=None)) == "nothing judged"


@pytest.mark.parametrize("reached", list(Level))
def test_every_level_has_a_word(reached):
    assert words.level(reached) == reached.value.capitalize()
    assert words.level(None) == "none yet"


def test_a_trend_is_a_line_that_breaks_at_a_gap():
    assert paths("0", "100", None, "50", None) == ["M10 44.00 L20 4.00", "M40 24.00 L40 24.00"]


def test_a_trend_is_told_in_words_too():
    shown = words.trend(days(None, "10.5", None, "82.4"))
    assert 'role="img"' in shown
    assert "2 of 4 days; 2026-03-02: 10.5 %, 2026-03-04: 82.4 %" in shown


@pytest.mark.parametrize("scores", [(), (None, None)])
def test_a_trend_of_nothing_says_so(scores):
    assert "no day is recorded yet" in words.trend(days(*scores))
