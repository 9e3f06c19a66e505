import uuid
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import Denied, Permission, can, require
from findings.checks.base import built_in
from findings.models import Finding, Suppression, SuppressionEvent
from findings.selectors import suppressions as selectors
from findings.services import suppressions as services
from portal.people import person_of
from portal.web.forms import errors_add
from portal.web.suppression_forms import SuppressionForm, initial_of, may_ask

PAGE = 50
SHOWN_EVENTS = 50
LISTS = {
    "inbox": (gettext_lazy("To decide"), selectors.suppressions_to_decide),
    "asked": (gettext_lazy("Asked"), selectors.suppressions_asked),
    "active": (gettext_lazy("Active"), selectors.suppressions_active),
    "ending": (gettext_lazy("Ending"), selectors.suppressions_ending),
    "over": (gettext_lazy("Over"), selectors.suppressions_over),
}


@require_safe
def suppression_list(request: HttpRequest) -> HttpResponse:
    user, now = person_of(request), timezone.now()
    shown = request.GET.get("show") or "inbox"
    if shown not in LISTS:
        raise BadRequest(_("There is no such list."))
    rows = LISTS[shown][1](user, now).order_by("-id")
    if after := request.GET.get("after"):
        rows = rows.filter(pk__lt=_place(user, after))
    found = list(rows[: PAGE + 1])
    context = {
        "shown": shown,
        "lists": [(name, label) for name, (label, _rows) in LISTS.items()],
        "lines": [(row, row.state(now)) for row in found[:PAGE]],
        "next_key": found[PAGE - 1].uid if len(found) > PAGE else "",
        "may_ask": may_ask(user),
    }
    return render(request, "suppressions/list.html", context)


def _place(user: User, key: str) -> int:
    try:
        return selectors.suppressions_seen(user).get(uid=uuid.UUID(key)).pk
    except (ValueError, Suppression.DoesNotExist):
        told = _("This is not a place in the list. Begin again at its first page.")
        raise BadRequest(told) from None


@require_safe
def suppression_detail(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    user, now = person_of(request), timezone.now()
    suppression = get_object_or_404(selectors.suppressions_seen(user), uid=uid)
    state = suppression.state(now)
    events = SuppressionEvent.objects.visible_to(user).filter(suppression=suppression)
    open_states = (Suppression.State.ASKED, Suppression.State.APPROVED, Suppression.State.ACTIVE)
    approves = can(user, Permission.APPROVE, on=suppression.target)
    is_asked = state is Suppression.State.ASKED
    context = {
        "suppression": suppression,
        "state": state,
        "preview": selectors.preview_of(suppression, user, days=settings.SUPPRESSION_DAYS, now=now),
        "events": events.select_related("actor", "account").order_by("-number")[:SHOWN_EVENTS],
        "may_approve": is_asked and selectors.may_decide(user, suppression, now),
        "may_refuse": is_asked and approves,
        "may_revoke": state in open_states
        and (approves or (is_asked and suppression.asked_by_id == user.pk)),
        "renewed_by": Suppression.objects.filter(renews=suppression).first(),
    }
    return render(request, "suppressions/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def suppression_ask(request: HttpRequest) -> HttpResponse:
    """The form; sent with ``preview`` it shows what would be covered and saves nothing."""
    user = person_of(request)
    if not may_ask(user):
        raise Denied(_("Suppressions are asked for by contributors."))
    finding = _finding_named(request, user)
    if finding is not None:
        require(user, Permission.CONTRIBUTE, on=finding.account)
    if request.method != "POST":
        initial = initial_of(request.GET.dict(), user)
        return _form(request, SuppressionForm(user=user, finding=finding, initial=initial))
    form = SuppressionForm(request.POST, user=user, finding=finding)
    if form.is_valid() and (asked := _asked(form, user, saves="preview" not in request.POST)):
        if asked.pk:
            messages.success(request, _("The suppression is asked for; an approver decides."))
            return redirect("suppression-detail", uid=asked.uid)
        return _form(request, form, preview=_preview(asked, user))
    return _form(request, form, status=422)


def _finding_named(request: HttpRequest, user: User) -> Finding | None:
    given = request.GET.get("finding")
    if not given:
        return None
    try:
        uid = uuid.UUID(given)
    except ValueError:
        raise BadRequest(_("This is no address of a finding.")) from None
    related = ("account__organization", "account__ou", "organization")
    return get_object_or_404(Finding.objects.visible_to(user).select_related(*related), uid=uid)


def _asked(form: SuppressionForm, user: User, *, saves: bool) -> Suppression | None:
    """What the form asks for, saved or only prepared; or have the form show why not."""
    registry, now = built_in(), timezone.now()
    try:
        if saves:
            return services.suppression_ask(
                actor=user, suppression=form.instance, registry=registry, now=now
            )
        require(user, Permission.CONTRIBUTE, on=form.instance.target)
        return services.suppression_prepare(suppression=form.instance, registry=registry, now=now)
    except Denied as denied:
        form.add_error(None, str(denied))
    except ValidationError as error:
        errors_add(form, error)
    return None


def _preview(suppression: Suppression, user: User) -> selectors.Preview:
    now = timezone.now()
    return selectors.preview_of(suppression, user, days=settings.SUPPRESSION_DAYS, now=now)


def _form(
    request: HttpRequest,
    form: SuppressionForm,
    preview: selectors.Preview | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"form": form, "finding": form.finding, "preview": preview}
    return render(request, "suppressions/ask.html", context, status=status)


@require_POST
def suppression_approve(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    def approve(user: User, suppression: Suppression, note: str) -> None:
        services.suppression_approve(
            actor=user,
            suppression=suppression,
            note=note,
            registry=built_in(),
            now=timezone.now(),
        )

    return _decide(request, uid, approve, _("The suppression is approved."))


@require_POST
def suppression_refuse(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    def refuse(user: User, suppression: Suppression, note: str) -> None:
        services.suppression_refuse(
            actor=user, suppression=suppression, note=note, now=timezone.now()
        )

    return _decide(request, uid, refuse, _("The suppression is refused."))


@require_POST
def suppression_revoke(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    def revoke(user: User, suppression: Suppression, note: str) -> None:
        services.suppression_revoke(
            actor=user, suppression=suppression, note=note, now=timezone.now()
        )

    return _decide(request, uid, revoke, _("The suppression is revoked; it covers nothing more."))


def _decide(
    request: HttpRequest,
    uid: uuid.UUID,
    act: Callable[[User, Suppression, str], None],
    told: str,
) -> HttpResponse:
    user = person_of(request)
    suppression = get_object_or_404(selectors.suppressions_seen(user), uid=uid)
    try:
        act(user, suppression, request.POST.get("note", "").replace("\0", ""))
    except services.SuppressionRefused as refused:
        messages.warning(request, str(refused))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, told)
    return redirect("suppression-detail", uid=uid)
