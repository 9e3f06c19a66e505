import uuid

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from findings.models import ActionItem, ContributingFactor, Learning
from findings.selectors.incidents import (
    action_items_seen,
    learnings_matching,
    learnings_seen,
    newest_page,
)
from findings.services.action_items import (
    ActionItemRefused,
    action_item_claim,
    action_item_take_back,
)
from portal.people import person_of

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
    context = {"page": page, "everybody": everybody, "now": timezone.now()}
    return render(request, "action_items/list.html", context)


@require_POST
def action_item_claim_page(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Claim that it is done, or take the claim back."""
    item: ActionItem = get_object_or_404(action_items_seen(person_of(request)), uid=uid)
    act = action_item_take_back if request.POST.get("act") == "take_back" else action_item_claim
    try:
        act(actor=person_of(request), item=item, now=timezone.now())
    except ActionItemRefused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("Noted. A scan that begins from now on decides."))
    return redirect("action-item-list")
