import uuid

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.roles import Permission
from findings.models import ActionItem, Connection, ContributingFactor, Incident, Learning
from findings.selectors.incidents import (
    action_items_seen,
    learnings_matching,
    learnings_seen,
    people_seeing_incident,
)
from findings.selectors.keysets import newest_page
from findings.services.action_item_changes import action_item_change
from findings.services.action_item_tickets import action_item_open_ticket
from findings.services.action_items import (
    ActionItemRefused,
    action_item_claim,
    action_item_take_back,
)
from findings.services.incident_access import require_on_incident
from findings.services.tickets import TicketRefused
from portal.people import person_of
from portal.web.forms import saved
from portal.web.incident_forms import ActionItemChangeForm

FILTERS = ("search", "practice", "service", "factor", "state")


@require_safe
def learning_list(request: HttpRequest) -> HttpResponse:
    wanted = {name: request.GET.get(name, "").replace("\0", "")[:200] for name in FILTERS}
    rows = learnings_matching(learnings_seen(person_of(request)), **wanted)
    try:
        page = newest_page(rows, request.GET.get("after", ""))
    except ValueError as error:
        raise BadRequest(str(error)) from error
    context = {
        "page": page,
        "wanted": wanted,
        "factors": ContributingFactor.Kind.choices,
        "states": Learning.State.choices,
    }
    return render(request, "learnings/list.html", context)


@require_safe
def action_item_list(request: HttpRequest) -> HttpResponse:
    """What there is to do; "my work" shows what the person answers for, alone or in a team."""
    user, everybody = person_of(request), request.GET.get("of") == "all"
    rows = action_items_seen(user)
    if not everybody:
        rows = rows.of(user)  # type: ignore[attr-defined]
    try:
        page = newest_page(rows, request.GET.get("after", ""))
    except ValueError as error:
        raise BadRequest(str(error)) from error
    context = {
        "page": page,
        "everybody": everybody,
        "now": timezone.now(),
        "changeable": Incident.objects.visible_to(user, Permission.CONTRIBUTE)
        .filter(pk__in=[item.incident_id for item in page.rows])
        .values_list("pk", flat=True),
        "connections": Connection.objects.visible_to(user).active().with_adapter(),
    }
    return render(request, "action_items/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def action_item_change_page(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Its words, who answers for it, and until when; its guard stays."""
    user = person_of(request)
    item: ActionItem = get_object_or_404(action_items_seen(user), uid=uid)
    require_on_incident(user, Permission.CONTRIBUTE, item.incident)
    people = people_seeing_incident(item.incident, timezone.now())
    form = ActionItemChangeForm(request.POST or None, instance=item, people=people)
    if form.is_valid() and saved(
        form, lambda: action_item_change(actor=user, item=form.instance, now=timezone.now())
    ):
        messages.success(request, _("It is changed."))
        return redirect("incident-detail", item.incident.uid)
    context = {"form": form, "item": item}
    status = 422 if form.errors else 200
    return render(request, "action_items/change.html", context, status=status)


@require_POST
def action_item_claim_page(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Claim that it is done, take the claim back, or follow it in a ticket."""
    user = person_of(request)
    item: ActionItem = get_object_or_404(action_items_seen(user), uid=uid)
    try:
        said = _ACTS.get(request.POST.get("act", ""), _claim)(user, item, request)
    except (ActionItemRefused, TicketRefused) as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, said)
    back = request.POST.get("back") == "incident"
    return redirect("incident-detail", item.incident.uid) if back else redirect("action-item-list")


def _claim(user: User, item: ActionItem, request: HttpRequest) -> str:
    action_item_claim(actor=user, item=item, now=timezone.now())
    if item.claim_scan:
        return _("Noted. A scan of its guard is asked for; what it sees decides.")
    return _("Noted. The next scan of all its accounts decides.")


def _take_back(user: User, item: ActionItem, request: HttpRequest) -> str:
    action_item_take_back(actor=user, item=item, now=timezone.now())
    return _("The claim is taken back.")


def _open_ticket(user: User, item: ActionItem, request: HttpRequest) -> str:
    uid, connection = request.POST.get("connection", ""), None
    if uid:
        seen = Connection.objects.visible_to(user).active()
        try:
            connection = get_object_or_404(seen, uid=uuid.UUID(uid))
        except ValueError:
            raise BadRequest("A connection is named by its uid.") from None
    ticket = action_item_open_ticket(
        actor=user,
        item=item,
        connection=connection,
        project=request.POST.get("project", "").replace("\0", "").strip()[:255],
        now=timezone.now(),
    )
    return _("It is followed in %(ticket)s.") % {"ticket": ticket}


_ACTS = {"claim": _claim, "take_back": _take_back, "ticket": _open_ticket}
