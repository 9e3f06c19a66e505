from collections.abc import Mapping

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from findings.catalogue.pillar import Phase, Principle, Row
from findings.checks.base import built_in
from findings.selectors.scopes_of_scorecards import (
    Choices,
    Scope,
    scope_named,
    scopes_offered,
    trend_of,
)
from findings.selectors.scorecards import (
    Line,
    Scorecard,
    Scoring,
    questions,
    statements_of,
    weights_in,
)
from findings.selectors.standing import counts_by_check
from portal.people import person_of

Named = list[tuple[str, Line]]


@require_safe
def scorecard(request: HttpRequest) -> HttpResponse:
    """The scorecard of one scope, by default of the first organization that the person sees."""
    user, now = person_of(request), timezone.now()
    offered = scopes_offered(user)
    key = request.GET.get("scope") or _first(offered)
    if key is None:
        return render(request, "scorecards/detail.html", {})
    scope = scope_named(user, key)
    if scope is None:
        raise Http404(_("There is no such scope, or you may not see it."))
    accounts = list(scope.accounts.select_related("ou"))
    weights = weights_in(accounts, statements_of([scope.organization.pk], now), now)
    card = Scoring(built_in()).card(counts_by_check(scope.accounts, now), weights)
    context = {
        "scope": scope,
        "choices": _choices(offered, scope),
        "accounts": len(accounts),
        "card": card,
        "phases": _phases(card),
        "cuts": [
            (_("Questions"), _questions(card), False),
            (_("Design principles"), _principles(card), True),
        ],
        "trend": trend_of(user, scope, now),
    }
    return render(request, "scorecards/detail.html", context)


def _first(offered: Choices) -> str | None:
    return next((key for choices in offered.values() for key, _name in choices), None)


def _choices(offered: Choices, scope: Scope) -> Mapping[str, list[tuple[str, str]]]:
    """What can be chosen, by the label of its kind; with the account that is shown."""
    found = {kind.label: choices for kind, choices in offered.items() if choices}
    if all(scope.key != key for choices in found.values() for key, _name in choices):
        found[scope.kind.label] = [*found.get(scope.kind.label, []), (scope.key, scope.name)]
    return found


def _phases(card: Scorecard) -> list[tuple[Phase, Line, list[tuple[Row, Line]]]]:
    return [
        (phase, line, [(row, of) for row, of in card.rows.items() if row.phase is phase])
        for phase, line in card.phases.items()
    ]


def _questions(card: Scorecard) -> Named:
    texts = questions()
    return [(f"{id_} {texts[id_]}", line) for id_, line in card.questions.items()]


def _principles(card: Scorecard) -> Named:
    return [(_label(principle), line) for principle, line in card.principles.items()]


def _label(principle: Principle) -> str:
    return f"{principle.value} {principle.name.replace('_', ' ').capitalize()}"
