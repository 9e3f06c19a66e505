"""The first page: one sentence of truth, then where everything stands."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.models import Account
from findings.catalogue.pillar import Phase, Row
from findings.models import Finding, Scan
from findings.selectors import standing
from findings.selectors.summary import truth


def overview(request: HttpRequest) -> HttpResponse:
    accounts = Account.objects.visible_to(request.user).members()
    rows = standing.counts_by_row(accounts)
    findings = Finding.objects.visible_to(request.user)
    context = {
        "truth": truth(request.user),
        "phases": [
            (phase, [(row, rows[row]) for row in Row if row.phase is phase]) for phase in Phase
        ],
        "total": standing.total(rows.values()),
        "units": standing.standing_by_unit(accounts),
        "rows": list(Row),
        "severities": standing.open_findings_by_severity(findings),
        "accounts": accounts.count(),
        "last_scan": Scan.objects.visible_to(request.user).ended().first(),
        "running": Scan.objects.visible_to(request.user).live().first(),
    }
    return render(request, "overview/detail.html", context)
