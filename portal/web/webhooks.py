import json
import uuid

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import Denied, Permission
from findings.models import WebhookEndpoint, WebhookMessage
from findings.selectors.scopes import organizations_permitted
from findings.selectors.webhooks import messages_of, webhooks_seen
from findings.services import webhook_deliveries, webhooks
from portal.people import person_of
from portal.web.forms import errors_add, organization_chosen
from portal.web.selector_form import SelectorForm
from portal.web.webhook_forms import ReplayForm, WebhookForm

PAGE = 50
REPLAY_DAYS = 7


@require_safe
def webhook_list(request: HttpRequest) -> HttpResponse:
    user = person_of(request)
    organizations = organizations_permitted(user, Permission.CONTRIBUTE).order_by("name", "pk")
    context = {"endpoints": webhooks_seen(user), "organizations": organizations}
    return render(request, "webhooks/list.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def webhook_create(request: HttpRequest) -> HttpResponse:
    """Answers with the page of the new one: its secret is shown this one time."""
    user = person_of(request)
    offered = organizations_permitted(user, Permission.CONTRIBUTE)
    endpoint = WebhookEndpoint(organization=organization_chosen(request, offered))
    return _edit(request, endpoint)


@require_http_methods(["GET", "HEAD", "POST"])
def webhook_edit(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    endpoint = _endpoint(request, uid)
    if not webhooks.may_manage(person_of(request), endpoint):
        raise Denied(_("You may not change this webhook."))
    return _edit(request, endpoint)


def _edit(request: HttpRequest, endpoint: WebhookEndpoint) -> HttpResponse:
    user, name = person_of(request), endpoint.name
    posted = request.POST if request.method == "POST" else None
    form = WebhookForm(posted, instance=endpoint)
    part = SelectorForm(
        posted, selector=endpoint.selector, user=user, organization=endpoint.organization
    )
    is_new = endpoint.pk is None
    if posted is not None and form.is_valid() & part.is_valid():
        endpoint.selector = part.cleaned_data["selector"]
        secret = _save(form, user)
        if not form.errors and is_new:
            return _detail(request, endpoint, secret=secret)
        if not form.errors:
            messages.success(request, _("The webhook is saved."))
            return redirect("webhook-detail", uid=endpoint.uid)
    context = {"form": form, "part": part, "name": name, "endpoint": endpoint, "is_new": is_new}
    is_refused = bool(form.errors or part.errors)
    return render(request, "webhooks/edit.html", context, status=422 if is_refused else 200)


def _save(form: WebhookForm, user: User) -> str:
    """Save what the form says, or have it show why not; the secret of a new one."""
    endpoint, now = form.instance, timezone.now()
    try:
        if endpoint.pk is None:
            return webhooks.webhook_make(actor=user, endpoint=endpoint, now=now)
        webhooks.webhook_change(actor=user, endpoint=endpoint, now=now)
    except ValidationError as error:
        errors_add(form, error)
    return ""


@require_safe
def webhook_detail(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    return _detail(request, _endpoint(request, uid))


def _detail(request: HttpRequest, endpoint: WebhookEndpoint, secret: str = "") -> HttpResponse:
    status = request.GET.get("status", "")
    if status and status not in WebhookMessage.Status.values:
        raise BadRequest(_("There is no such list."))
    rows = messages_of(endpoint, status=status)
    if after := request.GET.get("after"):
        rows = rows.filter(pk__lt=_place(endpoint, after))
    found = list(rows[: PAGE + 1])
    context = {
        "endpoint": endpoint,
        "secret": secret,
        "may_manage": webhooks.may_manage(person_of(request), endpoint),
        "statuses": WebhookMessage.Status.values,
        "status": status,
        "found": found[:PAGE],
        "next_key": found[PAGE - 1].uid if len(found) > PAGE else "",
        "is_narrowed": bool(status or after),
        "now": timezone.now(),
        "days": settings.RETENTION_DAYS["webhook"],
        "replay_days": REPLAY_DAYS,
    }
    return render(request, "webhooks/detail.html", context)


def _place(endpoint: WebhookEndpoint, key: str) -> int:
    try:
        return endpoint.messages.get(uid=uuid.UUID(key)).pk
    except (ValueError, WebhookMessage.DoesNotExist):
        told = _("This is not a place in the list. Begin again at its first page.")
        raise BadRequest(told) from None


@require_POST
def webhook_switch(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Pause it, or have it go on."""
    endpoint = _endpoint(request, uid)
    endpoint.is_active = not endpoint.is_active
    told = _("The webhook goes on.") if endpoint.is_active else _("The webhook is paused.")
    try:
        webhooks.webhook_change(actor=person_of(request), endpoint=endpoint, now=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, told)
    return redirect("webhook-detail", uid=uid)


@never_cache
@require_POST
def webhook_rotate(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Answers with the page itself: the new secret is shown this one time."""
    endpoint = _endpoint(request, uid)
    try:
        secret = webhooks.webhook_rotate(
            actor=person_of(request), endpoint=endpoint, now=timezone.now()
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("webhook-detail", uid=uid)
    return _detail(request, endpoint, secret=secret)


@require_POST
def webhook_test(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    endpoint = _endpoint(request, uid)
    made = webhook_deliveries.webhook_ping(
        actor=person_of(request), endpoint=endpoint, now=timezone.now()
    )
    messages.success(request, _("A test message is on its way; its log tells how it went."))
    return redirect("webhook-message", uid=made.uid)


@require_POST
def webhook_replay(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Send again what was given up in the last days."""
    form, now, endpoint = ReplayForm(request.POST), timezone.now(), _endpoint(request, uid)
    if not webhooks.may_manage(person_of(request), endpoint):
        raise Denied(_("You may not send by this webhook."))
    if form.is_valid():
        number = webhook_deliveries.messages_replay(
            actor=person_of(request), endpoint=endpoint, since=now - form.since, now=now
        )
        told = _("%(number)d messages that were given up are sent again.")
        messages.success(request, told % {"number": number})
    else:
        messages.error(request, _("Give a number of days from 1 to 3650."))
    return redirect("webhook-detail", uid=uid)


@require_POST
def webhook_delete(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    webhooks.webhook_delete(
        actor=person_of(request), endpoint=_endpoint(request, uid), now=timezone.now()
    )
    messages.success(request, _("The webhook is deleted, with its log."))
    return redirect("webhook-list")


@require_safe
def webhook_message(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """What was told, the same bytes at each attempt, and how the attempts went."""
    message = _message(request, uid)
    context = {
        "message": message,
        "told": json.dumps(json.loads(message.body), indent=2, ensure_ascii=False),
        "deliveries": message.deliveries.order_by("-id")[:PAGE],
        "may_manage": webhooks.may_manage(person_of(request), message.endpoint),
    }
    return render(request, "webhooks/message.html", context)


@require_POST
def webhook_message_replay(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    message = webhook_deliveries.message_replay(
        actor=person_of(request), message=_message(request, uid), now=timezone.now()
    )
    messages.success(request, _("The message is sent again, under the same id."))
    return redirect("webhook-message", uid=message.uid)


def _endpoint(request: HttpRequest, uid: uuid.UUID) -> WebhookEndpoint:
    return get_object_or_404(webhooks_seen(person_of(request)), uid=uid)


def _message(request: HttpRequest, uid: uuid.UUID) -> WebhookMessage:
    seen = WebhookMessage.objects.visible_to(person_of(request))
    related = ("endpoint__organization", "endpoint__owner")
    return get_object_or_404(seen.select_related(*related), uid=uid)
