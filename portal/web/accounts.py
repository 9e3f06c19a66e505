import uuid

import django_filters
from django.db.models import Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.models import Account, AccountEvent, OrganizationalUnit
from accounts.states import AccountState, RoleHealth
from findings.models import Finding, RegionState
from findings.selectors import standing


class AccountFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="search")
    ou = django_filters.CharFilter(method="within_unit")

    class Meta:
        model = Account
        fields = ("state", "role_health")

    def search(self, accounts: QuerySet[Account], _name: str, text: str) -> QuerySet[Account]:
        return accounts.filter(Q(name__icontains=text) | Q(account_id__startswith=text))

    def within_unit(self, accounts: QuerySet[Account], _name: str, path: str) -> QuerySet[Account]:
        return accounts.filter(Q(ou__path=path) | Q(ou__path__startswith=f"{path}/"))


def account_list(request: HttpRequest) -> HttpResponse:
    seen = Account.objects.visible_to(request.user)
    accounts = (
        AccountFilter(request.GET, queryset=seen)
        .qs.select_related("ou", "owner_team")
        .order_by("ou__path", "name")
    )
    counts = standing.counts_by_account(accounts.order_by())
    findings = standing.open_findings_by_account(accounts)
    scanned = accounts.annotate(scanned_at=Max("shards__collected_at"))
    context = {
        "lines": [(account, counts[account.pk], findings[account.pk]) for account in scanned],
        "states": AccountState,
        "role_healths": RoleHealth,
        "is_narrowed": any(request.GET.get(name) for name in AccountFilter.base_filters),
        "ous": OrganizationalUnit.objects.visible_to(request.user).present(),
    }
    return render(request, "accounts/list.html", context)


def account_detail(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    seen = Account.objects.visible_to(request.user).select_related("organization", "ou")
    account = get_object_or_404(seen, uid=uid)
    rows = standing.counts_by_row(Account.objects.filter(pk=account.pk))
    findings = Finding.objects.filter(account=account).select_related("account")
    context = {
        "account": account,
        "rows": rows.items(),
        "total": standing.total(rows.values()),
        "severities": standing.open_findings_by_severity(findings),
        "regions": RegionState.objects.filter(account=account),
        "findings": findings.open()[:10],
        "events": AccountEvent.objects.filter(account=account).order_by("-id")[:20],
    }
    return render(request, "accounts/detail.html", context)
