import uuid

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import Permission, can
from accounts.models import Account, AccountEvent, OrganizationalUnit
from accounts.states import AccountState, RoleHealth
from findings.models import AwsJob, Finding, RegionState
from findings.selectors import standing
from findings.selectors.account_list import AccountFilter, account_page
from portal.people import person_of

SHOWN_FINDINGS = 10
SHOWN_EVENTS = 20
SHOWN_JOBS = 5


@require_safe
def account_list(request: HttpRequest) -> HttpResponse:
    user, wanted = person_of(request), AccountFilter.of(request.GET)
    try:
        page = account_page(user, wanted, request.GET.get("after", ""), now=timezone.now())
    except ValueError as error:
        raise BadRequest(str(error)) from error
    units = OrganizationalUnit.objects.visible_to(user).present()
    context = {
        "wanted": wanted,
        "lines": page.lines,
        "next_key": page.next_key,
        "states": AccountState,
        "role_healths": RoleHealth,
        "ous": dict.fromkeys(units.order_by("path").values_list("path", flat=True)),
    }
    return render(request, "accounts/list.html", context)


@require_safe
def account_detail(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    user = person_of(request)
    seen = Account.objects.visible_to(user).select_related("organization", "ou", "owner_team")
    account = get_object_or_404(seen, uid=uid)
    findings = Finding.objects.open().filter(account=account).select_related("account")
    events = AccountEvent.objects.filter(account=account).select_related("actor")
    regions = RegionState.objects.filter(account=account).order_by("region")
    context = {
        "account": account,
        "shows_personal": can(user, Permission.VIEW_PERSONAL, on=account),
        "rows": standing.counts_by_row(Account.objects.filter(pk=account.pk), timezone.now()),
        "regions": regions.exclude(region__startswith="aws-", checked_at=None),
        "findings": findings[:SHOWN_FINDINGS],
        "jobs": AwsJob.objects.filter(account=account)[:SHOWN_JOBS],
        "events": events.order_by("-id")[:SHOWN_EVENTS],
    }
    return render(request, "accounts/detail.html", context)
