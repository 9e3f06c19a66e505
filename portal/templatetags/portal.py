"""Words of the templates: icons, statuses, severities, bars and times, each drawn in one place."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms, template
from django.forms import BoundField
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from findings.checks.base import built_in
from findings.models import Shard

register = template.Library()

STATUSES = {
    "pass": ("circle-check", gettext_lazy("Pass")),
    "fail": ("circle-x", gettext_lazy("Fail")),
    "unknown": ("help-circle", gettext_lazy("Unknown")),
    "not_applicable": ("circle-dashed", gettext_lazy("Not applicable")),
    "gone": ("ban", gettext_lazy("Gone")),
}
BAR = ("pass", "fail", "unknown")


@register.filter
def theme(chosen: str | None) -> str:
    """The theme of a cookie; anything else is light until the browser says otherwise."""
    return chosen if chosen in ("light", "dark") else "light"


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of the sprite; it says nothing that the text beside it does not say."""
    sprite = static("vendor/tabler-icons/sprite.svg")
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', sprite, name
    )


@register.simple_tag
def status(value: str) -> SafeString:
    name, label = STATUSES[value]
    return format_html('<span class="status status-{}">{}{}</span>', value, icon(name), label)


@register.simple_tag
def severity(value: str) -> SafeString:
    return format_html('<span class="severity severity-{}">{}</span>', value, _(value.title()))


@register.simple_tag
def outcomes(counts: Mapping[str, int]) -> SafeString:
    """A bar of pass, fail and unknown, with its figures as text for those who do not see it."""
    total = sum(counts.get(name, 0) for name in BAR)
    label = ", ".join(f"{counts.get(name, 0)} {STATUSES[name][1]}" for name in BAR)
    if not total:
        return format_html('<span class="text-secondary">{}</span>', _("nothing judged"))
    start, pieces = 0.0, []
    for name in BAR:
        width = 100 * counts.get(name, 0) / total
        pieces.append((name, f"{start:.3f}", f"{width:.3f}"))
        start += width
    shown = format_html_join(
        "", '<rect class="{}" x="{}" y="0" width="{}" height="10"></rect>', pieces
    )
    return format_html(
        '<svg class="outcomes" viewBox="0 0 100 10" preserveAspectRatio="none" role="img"'
        ' aria-label="{}">{}</svg>',
        label,
        shown,
    )


@register.simple_tag
def ago(instant: datetime | None, never: str = "") -> SafeString | str:
    """A relative time with the exact UTC instant on hover."""
    if instant is None:
        return never or _("never")
    exact = date_format(instant.astimezone(timezone.get_default_timezone()), "Y-m-d H:i:s")
    return format_html(
        '<time datetime="{}" title="{} UTC">{}</time>',
        instant.isoformat(),
        exact,
        _("%(time)s ago") % {"time": timesince(instant)},
    )


@register.simple_tag(takes_context=True)
def navigation_item(
    context: Mapping[str, Any], view: str, icon_name: str, label: str, count: int | None = None
) -> SafeString:
    """A link of the navigation, marked when the page belongs to it."""
    address = reverse(view)
    here = context["request"].path
    active = here.startswith(address) if view != "overview" else here == address
    badge = format_html('<span class="badge bg-secondary-lt ms-auto">{}</span>', count)
    return format_html(
        '<li class="nav-item{}"><a class="nav-link" href="{}"{}>'
        '<span class="nav-link-icon">{}</span><span class="nav-link-title">{}</span>{}</a></li>',
        " active" if active else "",
        address,
        SafeString(' aria-current="page"') if active else "",
        icon(icon_name),
        label,
        badge if count else "",
    )


@register.simple_tag(takes_context=True)
def query(context: Mapping[str, Any], **changes: object) -> str:
    """The query string of this page with some parameters changed; None takes one away."""
    parameters = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None:
            parameters.pop(name, None)
        else:
            parameters[name] = str(value)
    return f"?{parameters.urlencode()}"


@register.simple_tag(takes_context=True)
def query_without(context: Mapping[str, Any], name: str) -> str:
    """The query string of this page without one parameter."""
    return query(context, **{name: None})


@register.filter
def item(mapping: Mapping[str, str], name: str) -> str:
    return mapping.get(name, "")


@register.filter
def words(text: str) -> list[str]:
    return text.split()


@register.filter
def heat(share: int | None) -> str:
    """The class of a cell: by tens of percent, or none."""
    return "none" if share is None else str(share // 10)


@register.filter
def check_title(check: str) -> str:
    """The title of a check; its id where it is no longer known."""
    definition = built_in().get(check)
    return definition.check.title if definition else check


@register.filter
def cause(value: str) -> str:
    return value.replace("_", " ")


@register.filter
def changes(before: Mapping[str, Any], after: Mapping[str, Any] | None) -> str:
    """What changed, as "name: before -> after"."""
    new = after or {}
    return "; ".join(
        f"{name}: {old or '-'} -> {new.get(name) or '-'}" for name, old in before.items()
    )


SHARD_STATES = {
    "pending": ("clock", "not_applicable"),
    "collecting": ("refresh", "not_applicable"),
    "collected": ("check", "pass"),
    "partial": ("help-circle", "unknown"),
    "failed": ("circle-x", "fail"),
    "out_of_scope": ("minus", "not_applicable"),
    "cancelled": ("player-stop", "not_applicable"),
}


@register.simple_tag
def shard_state(shard: Shard | None) -> SafeString | str:
    """The state of a shard as a symbol with its words on hover and for screen readers."""
    if shard is None:
        return ""
    symbol, kind = SHARD_STATES[shard.state]
    told = shard.get_region_state_display() if shard.state == "out_of_scope" else ""
    label = f"{shard.get_state_display()} {told} {shard.error}".strip()
    return format_html(
        '<span class="status status-{}" title="{}">{}{}</span>',
        kind,
        label,
        icon(symbol),
        format_html('<span class="visually-hidden">{}</span>', label),
    )


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """The widget of a form field in Bootstrap's classes."""
    kind = "form-select" if isinstance(field.field.widget, forms.Select) else "form-control"
    if isinstance(field.field.widget, forms.CheckboxInput):
        kind = "form-check-input"
    return field.as_widget(attrs={"class": f"{kind} is-invalid" if field.errors else kind})
