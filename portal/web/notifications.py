import uuid

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Team
from findings.models import Subscriber
from findings.notifying.events import Channel
from findings.selectors.notifications import (
    channels_open,
    messages_seen,
    organization_for,
    teams_administered,
)
from findings.services.notification_messages import (
    NotificationRefused,
    notification_replay,
    notification_test,
)
from findings.services.subscribers import (
    require_choice,
    subscriber_change,
    subscriber_of_person,
    subscriber_of_team,
)
from portal.people import person_of
from portal.web.forms import saved
from portal.web.notification_form import SubscriberForm

SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
def notification_settings(request: HttpRequest) -> HttpResponse:
    return _settings(request, subscriber_of_person(person_of(request)))


@require_http_methods(["GET", "HEAD", "POST"])
def team_notification_settings(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """For who administers the organization; others may see the team and yet not this."""
    team = get_object_or_404(Team.objects.visible_to(person_of(request)), uid=uid)
    subscriber = subscriber_of_team(team)
    require_choice(person_of(request), subscriber)
    return _settings(request, subscriber)


def _settings(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    user = person_of(request)
    form = SubscriberForm(request.POST or None, instance=subscriber, user=user)
    if request.method == "POST" and form.is_valid() and _save(form, user):
        messages.success(request, _("Your choice is saved."))
        return _back(subscriber)
    is_open = channels_open(subscriber)
    context = {
        "form": form,
        "subscriber": subscriber,
        "channels": [(channel, channel in is_open) for channel in Channel],
        "teams": teams_administered(user).order_by("organization", "name")[:SHOWN],
        "sent": messages_seen(user).filter(subscriber=subscriber)[:SHOWN],
        "has_mail": bool(settings.EMAIL_HOST),
        "has_links": bool(settings.PUBLIC_URL),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "notifications/settings.html", context, status=status)


def _save(form: SubscriberForm, user: User) -> bool:
    subscriber = form.instance
    subscriber.matrix = form.matrix_given
    return saved(
        form,
        lambda: subscriber_change(
            actor=user, subscriber=subscriber, slack_url=form.slack_given, now=timezone.now()
        ),
    )


@require_POST
def notification_test_page(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Have a message sent that tells of nothing."""
    user = person_of(request)
    subscriber = get_object_or_404(Subscriber.objects.visible_to(user), uid=uid)
    try:
        channel = Channel(request.POST.get("channel", ""))
        notification_test(
            actor=user,
            subscriber=subscriber,
            organization=organization_for(subscriber, channel),
            channel=channel,
            now=timezone.now(),
        )
    except (NotificationRefused, ValueError) as refusal:
        messages.warning(request, str(refusal))
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    else:
        messages.success(request, _("A test is on its way; below is how it went."))
    return _back(subscriber)


@require_POST
def notification_replay_page(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Send again what was given up."""
    user = person_of(request)
    message = get_object_or_404(messages_seen(user), uid=uid)
    try:
        notification_replay(actor=user, message=message, now=timezone.now())
    except NotificationRefused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("It is sent again."))
    return _back(message.subscriber)


def _back(subscriber: Subscriber) -> HttpResponse:
    if subscriber.team:
        return redirect("team-notification-settings", subscriber.team.uid)
    return redirect("notification-settings")
