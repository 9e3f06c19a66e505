"""The first page: one sentence of truth, then where everything stands."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Account
from accounts.states import RoleHealth
from findings.catalogue.pillar import Phase, Row
from findings.models import Alert, Scan
from findings.selectors import standing
from findings.selectors.differences import difference_of
from findings.selectors.summary import summary_of
from portal.people import person_of

SHOWN_ACCOUNTS = 5


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    user, now = person_of(request), timezone.now()
    accounts = Account.objects.visible_to(user).members()
    units = standing.standing_by_unit(accounts, now)
    rows = {row: standing.total(unit.rows[row] for unit in units) for row in Row}
    summary = summary_of(user, now)
    context = {
        "summary": summary,
        "phases": [
            (phase, [(row, rows[row]) for row in Row if row.phase is phase]) for phase in Phase
        ],
        "total": standing.total(rows.values()),
        "units": units,
        "rows": list(Row),
        "open_findings": sum(summary.open_findings.values()),
        "accounts": sum(unit.accounts for unit in units),
        "not_entered": accounts.scannable().exclude(
            role_health__in=(RoleHealth.HEALTHY, RoleHealth.UNTESTED)
        )[:SHOWN_ACCOUNTS],
        "changes": difference_of(summary.last_scan, user) if summary.last_scan else [],
        "running": Scan.objects.visible_to(user).live().first(),
        "alerts": Alert.objects.visible_to(user).active()[:3],
    }
    return render(request, "overview/detail.html", context)
