"""Words of the settings: tabs, modes of routes, health of connections, standing of messages."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from findings.models import Connection, Route, WebhookEndpoint, WebhookMessage
from portal.templatetags.portal import icon

register = template.Library()

HEALTH = {
    Connection.Health.HEALTHY: ("circle-check", "pass"),
    Connection.Health.UNTESTED: ("circle-dashed", "not_applicable"),
    Connection.Health.FAILING: ("circle-x", "fail"),
}
MODES = {
    Route.Mode.OFF: ("player-stop", "not_applicable"),
    Route.Mode.SUGGEST: ("eye", "suppressed"),
    Route.Mode.AUTO: ("player-play", "pass"),
}
MESSAGES = {
    WebhookMessage.Status.WAITING: ("clock", "not_applicable", gettext_lazy("Waiting")),
    WebhookMessage.Status.DELIVERED: ("circle-check", "pass", gettext_lazy("Delivered")),
    WebhookMessage.Status.DEAD: ("circle-x", "fail", gettext_lazy("Given up")),
    WebhookMessage.Status.WITHHELD: ("lock", "suppressed", gettext_lazy("Withheld")),
}
STEPS: Mapping[bool | None, tuple[str, str, Any]] = {
    True: ("circle-check", "pass", gettext_lazy("Passed")),
    False: ("circle-x", "fail", gettext_lazy("Failed")),
    None: ("help-circle", "unknown", gettext_lazy("Not known")),
}


def _badge(symbol: str, colour: str, words: object) -> SafeString:
    return format_html('<span class="outcome outcome-{}">{}{}</span>', colour, icon(symbol), words)


@register.simple_tag(takes_context=True)
def settings_tab(context: Mapping[str, Any], view: str, label: str) -> SafeString:
    """A link to a page of the settings, marked on it and on the pages below it."""
    address = reverse(view)
    is_here = context["request"].path.startswith(address)
    return format_html(
        '<li class="nav-item"><a class="nav-link{}" href="{}"{}>{}</a></li>',
        " active" if is_here else "",
        address,
        SafeString(' aria-current="page"') if is_here else "",
        label,
    )


@register.simple_tag
def route_mode(route: Route) -> SafeString:
    if route.held_at and route.mode == Route.Mode.AUTO:
        return _badge("alert-triangle", "unknown", _("Waits for you"))
    return _badge(*MODES[Route.Mode(route.mode)], route.get_mode_display())


@register.simple_tag
def connection_health(connection: Connection) -> SafeString:
    """How it stands: switched off, paused by its breaker, or as its last exchange told."""
    if not connection.is_active:
        return _badge("player-stop", "not_applicable", _("Switched off"))
    if connection.breaker_until and connection.breaker_until > timezone.now():
        return _badge("player-stop", "fail", _("Paused"))
    if not connection.has_adapter:
        return _badge("circle-check", "pass", _("Ready"))
    return _badge(*HEALTH[Connection.Health(connection.health)], connection.get_health_display())


@register.simple_tag
def webhook_state(endpoint: WebhookEndpoint) -> SafeString:
    if not endpoint.is_active:
        return _badge("player-stop", "not_applicable", _("Paused"))
    if endpoint.failing_since:
        return _badge("circle-x", "fail", _("Failing"))
    return _badge("circle-check", "pass", _("Active"))


@register.simple_tag
def message_status(message: WebhookMessage) -> SafeString:
    return _badge(*MESSAGES[WebhookMessage.Status(message.status)])


@register.simple_tag
def message_status_name(status: str) -> str:
    return str(MESSAGES[WebhookMessage.Status(status)][2])


@register.simple_tag
def step_result(is_ok: bool | None) -> SafeString:
    return _badge(*STEPS[is_ok])


@register.simple_tag
def within_days(days: int | None) -> str:
    if days is None:
        return _("at no date")
    return ngettext("within %(days)d day", "within %(days)d days", days) % {"days": days}
