from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Account
from findings.catalogue.pillar import ROWS
from findings.checks.base import built_in
from findings.selectors.standing import Counts, counts_by_check
from portal.catalogue import CheckPage, pages_by_row, practice_lines
from portal.people import person_of


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """Every check under its row, with how it came out in the accounts that the person may see."""
    counts = counts_by_check(
        Account.objects.visible_to(person_of(request)).members(), timezone.now()
    )
    rows = [
        (row, ROWS[row], [(page, counts.get(page.id, Counts())) for page in pages])
        for row, pages in pages_by_row().items()
    ]
    context = {"rows": rows, "number": len(built_in()), "practices": list(practice_lines())}
    return render(request, "catalogue/list.html", context)


@require_safe
def check_detail(request: HttpRequest, check: str) -> HttpResponse:
    definition = built_in().get(check)
    if definition is None:
        raise Http404(f"There is no check {check}.")
    accounts = Account.objects.visible_to(person_of(request)).members()
    counts = counts_by_check(accounts, timezone.now()).get(check, Counts())
    context = {"page": CheckPage(definition), "counts": counts}
    return render(request, "catalogue/detail.html", context)
