"""Channels that are open to a subscriber, matrices as pages show them, and what was sent."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import QuerySet

from accounts.models import Organization, Team
from accounts.models.reach import reach_of
from accounts.roles import Permission
from findings.models import NotificationMessage, Subscriber, WebhookEndpoint
from findings.notifying.events import Channel, Mode


def channels_open(
    subscriber: Subscriber, organization: Organization | None = None
) -> tuple[Channel, ...]:
    """By which channels it can be reached; a webhook is told of its own organization alone."""
    endpoint = subscriber.webhook
    fits = endpoint is not None and endpoint.is_active
    if endpoint is not None and organization is not None:
        fits = fits and endpoint.organization_id == organization.pk
    is_open = {
        Channel.EMAIL: bool(settings.EMAIL_HOST and subscriber.address),
        Channel.SLACK: bool(subscriber.slack),
        Channel.WEBHOOK: fits,
    }
    return tuple(channel for channel in Channel if is_open[channel])


def messages_seen(user: User | AnonymousUser) -> QuerySet[NotificationMessage]:
    """Those to oneself and to teams that one administers, the newest first."""
    seen = NotificationMessage.objects.visible_to(user)
    return seen.select_related("subscriber__user", "subscriber__team", "organization")


def teams_administered(user: User | AnonymousUser) -> QuerySet[Team]:
    """Teams whose notifications the person may choose; none by a limited token."""
    reach = reach_of(user, Permission.ADMINISTER)
    if reach.limit:
        return Team.objects.none()
    administered = reach.on_whole_organizations("organization")
    return Team.objects.filter(administered).select_related("organization")


def told_when(mode: Mode, *, is_calm: bool) -> Mode:
    """What a change of checks or settings brought about is told in a digest."""
    return Mode.DAILY if is_calm and mode is Mode.INSTANT else mode


def organization_for(subscriber: Subscriber, channel: Channel) -> Organization | None:
    """One in whose name a test may be sent; None where the subscriber sees none."""
    if subscriber.team:
        return subscriber.team.organization
    if channel is Channel.WEBHOOK and subscriber.webhook:
        return subscriber.webhook.organization
    user = subscriber.user
    return Organization.objects.visible_to(user).order_by("name").first() if user else None


def webhooks_offered(
    user: User | AnonymousUser, subscriber: Subscriber
) -> QuerySet[WebhookEndpoint]:
    """Endpoints that a subscriber may use: one's own, or those of the team's organization."""
    seen = WebhookEndpoint.objects.visible_to(user)
    if subscriber.team:
        return seen.filter(organization=subscriber.team.organization_id)
    return seen.filter(owner=subscriber.user_id)
