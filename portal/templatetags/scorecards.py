"""Words of scorecards: scores with their coverage, levels, and how a score went."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from findings.scoring import Level, Score, rounded
from findings.selectors.scopes_of_scorecards import Day

register = template.Library()

NOTHING = "\N{EN DASH}"
LEVELS = {
    Level.FOUNDATION: gettext_lazy("Foundation"),
    Level.MANAGED: gettext_lazy("Managed"),
    Level.OPTIMIZED: gettext_lazy("Optimized"),
}
STEP, HEIGHT, MARGIN = 10, 40, 4


@register.filter
def tenths(percent: Fraction | None) -> str:
    """A percentage with one decimal, rounded down; a dash where there is none."""
    return _percent(rounded(percent))


@register.filter
def of_known(score: Score) -> str:
    """How much is known beside a score: "of 91.0 % known"."""
    if score.coverage is None:
        return _("nothing judged")
    return _("of %(coverage)s known") % {"coverage": tenths(score.coverage)}


@register.filter
def level(reached: Level | None) -> str:
    return str(LEVELS[reached]) if reached else _("none yet")


def _percent(number: Decimal | None) -> str:
    return NOTHING if number is None else _("%(number)s %%") % {"number": number}


@register.simple_tag
def trend(days: Sequence[Day]) -> SafeString:
    """A line from 0 to 100 percent over days, broken where nothing was scanned."""
    known = [day for day in days if day.score is not None]
    if not known:
        return format_html('<span class="text-secondary">{}</span>', _("no day is recorded yet"))
    label = _("%(number)d of %(days)d days; %(first)s: %(from)s, %(last)s: %(to)s") % {
        "number": len(known),
        "days": len(days),
        "first": known[0].day.isoformat(),
        "from": _percent(known[0].score),
        "last": known[-1].day.isoformat(),
        "to": _percent(known[-1].score),
    }
    lines = format_html_join("", '<path d="{}"></path>', ((path,) for path in _paths(days)))
    return format_html(
        '<svg class="trend" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img"'
        ' aria-label="{}"><title>{}</title>{}</svg>',
        STEP * (len(days) + 1),
        HEIGHT + 2 * MARGIN,
        label,
        label,
        lines,
    )


def _paths(days: Sequence[Day]) -> Iterator[str]:
    """One path for each run of days with a score; a day alone is a dot."""
    run: list[str] = []
    for number, day in enumerate(days, start=1):
        if day.score is not None:
            height = MARGIN + HEIGHT * (100 - float(day.score)) / 100
            run.append(f"{STEP * number} {height:.2f}")
        elif run:
            yield _path(run)
            run = []
    if run:
        yield _path(run)


def _path(run: list[str]) -> str:
    return "M" + " L".join(run if len(run) > 1 else run * 2)
