"""Words of the templates: icons, outcomes, severities, bars and times, each drawn in one place."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache, lru_cache
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
from findings.models import Shard, SuppressedFinding, Suppression
from findings.selectors.standing import Counts
from portal.markdown import markdown_html

register = template.Library()

OUTCOMES = {
    "pass": ("circle-check", gettext_lazy("Pass")),
    "fail": ("circle-x", gettext_lazy("Fail")),
    "suppressed": ("eye-off", gettext_lazy("Suppressed")),
    "unknown": ("help-circle", gettext_lazy("Unknown")),
    "not_applicable": ("circle-dashed", gettext_lazy("Not applicable")),
    "gone": ("ban", gettext_lazy("Gone")),
}
BAR = ("pass", "fail", "suppressed", "unknown")
NOTHING = "\N{EN DASH}"


@register.filter
def theme(chosen: str | None) -> str:
    """The theme of a cookie; anything else is light until the browser says otherwise."""
    return chosen if chosen in ("light", "dark") else "light"


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of the sprite; it says nothing that the text beside it does not say."""
    return _icon(static("vendor/tabler-icons/sprite.svg"), name)


@cache
def _icon(sprite: str, name: str) -> SafeString:
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', sprite, name
    )


@register.simple_tag
def outcome(value: str) -> SafeString:
    name, label = OUTCOMES[value]
    return format_html('<span class="outcome outcome-{}">{}{}</span>', value, icon(name), label)


@register.simple_tag
def suppressed(row: SuppressedFinding) -> SafeString:
    """That a finding is suppressed, until when; a link where its decision may be seen."""
    badge = outcome("suppressed")
    until = _("until %(day)s") % {"day": date_format(row.until_at, "Y-m-d H:i")}
    if not getattr(row, "is_seen", False):
        return format_html("{} {}", badge, until)
    address = reverse("suppression-detail", args=[row.suppression.uid])
    return format_html('<a href="{}">{} {}</a>', address, badge, until)


@register.filter
def state_now(suppression: Suppression) -> str:
    return str(suppression.state(timezone.now()).label)


@register.simple_tag
def severity(value: str, number: int | None = None) -> SafeString:
    label = _(value.title()) if number is None else f"{number} {_(value)}"
    return format_html('<span class="severity severity-{}">{}</span>', value, label)


@register.simple_tag
def outcomes(counts: Counts) -> SafeString:
    """A bar of what was judged, with its figures as text for those who do not see it."""
    numbers = counts.by_status
    told = [name for name in BAR if name != "suppressed" or numbers[name]]
    total = sum(numbers[name] for name in told)
    if not total:
        return format_html('<span class="text-secondary">{}</span>', _("nothing judged"))
    label = ", ".join(f"{numbers[name]} {OUTCOMES[name][1]}" for name in told)
    start, pieces = 0.0, []
    for name in told:
        width = 100 * numbers[name] / total
        pieces.append((name, f"{start:.3f}", f"{width:.3f}"))
        start += width
    shown = format_html_join(
        "", '<rect class="{}" x="{}" y="0" width="{}" height="10"></rect>', pieces
    )
    return format_html(
        '<svg class="outcomes" viewBox="0 0 100 10" preserveAspectRatio="none" role="img"'
        ' aria-label="{}"><title>{}</title>{}</svg>',
        label,
        label,
        shown,
    )


@register.filter
def markdown(text: str) -> SafeString:
    """Words of people as HTML that does nothing."""
    return markdown_html(text)


@register.filter
def percent(number: int | None) -> str:
    """With a blank at which no line is broken."""
    return NOTHING if number is None else _("%(number)d\u00a0%%") % {"number": number}


@register.filter
def known(counts: Counts) -> str:
    """How much of what was looked at is known."""
    if counts.coverage is None:
        return _("nothing judged")
    return _("%(number)d %% known") % {"number": counts.coverage}


@register.simple_tag
def ago(instant: datetime | None, never: str = "") -> SafeString | str:
    """A relative time with the exact UTC instant on hover."""
    if instant is None:
        return never or _("never")
    exact = date_format(instant.astimezone(timezone.get_default_timezone()), "Y-m-d H:i:s")
    is_recent = timezone.now() - instant < timedelta(minutes=1)
    told = timesince(instant, depth=1)
    return format_html(
        '<time datetime="{}" title="{} UTC">{}</time>',
        instant.isoformat(),
        exact,
        _("just now") if is_recent else _("%(time)s ago") % {"time": told},
    )


@register.simple_tag
def lasted(start: datetime | None, end: datetime | None) -> str:
    """How long it took, to the second below an hour; empty until it has ended."""
    if start is None or end is None:
        return ""
    minutes, seconds = divmod(max(0, int((end - start).total_seconds())), 60)
    if minutes >= 60:
        return _("%(h)d h %(m)d min") % {"h": minutes // 60, "m": minutes % 60}
    if minutes:
        return _("%(m)d min %(s)d s") % {"m": minutes, "s": seconds}
    return _("%(s)d s") % {"s": seconds}


@register.simple_tag(takes_context=True)
def navigation_item(
    context: Mapping[str, Any],
    view: str,
    icon_name: str,
    label: str,
    count: int | None = None,
    but: str = "",
) -> SafeString:
    """A link of the navigation, marked when the page belongs to it, and not to the view ``but``."""
    address = reverse(view)
    here = context["request"].path
    active = here.startswith(address) if view != "overview" else here == address
    if but and here.startswith(reverse(but)):
        active = False
    return _navigation_link(address, icon(icon_name), label, count or 0, active)


@lru_cache(maxsize=1024, typed=True)  # what is safe and what is not are equal, not the same
def _navigation_link(
    address: str, drawn: SafeString, label: str, count: int, active: bool
) -> SafeString:
    badge = format_html('<span class="badge ms-auto">{}</span>', count)
    return format_html(
        '<li class="nav-item{}"><a class="nav-link" href="{}"{}>'
        '<span class="nav-link-icon">{}</span><span class="nav-link-title">{}</span>{}</a></li>',
        " active" if active else "",
        address,
        SafeString(' aria-current="page"') if active else "",
        drawn,
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
    """The query string of this page without one parameter, from the first page on."""
    return query(context, **{name: None, "after": None})


@register.filter
def item(mapping: Mapping[Any, Any] | None, name: object) -> Any:
    return (mapping or {}).get(name, "")


@register.filter
def words(text: str) -> list[str]:
    return text.split()


@register.filter
def heat(share: int | None) -> str:
    """The class of a cell: by tens of percent, or none."""
    return "none" if share is None else str(share // 10)


@cache
def _titles() -> Mapping[str, str]:
    return {name: definition.check.title for name, definition in built_in().items()}


@register.filter
def check_title(check: str) -> str:
    """The title of a check; its id where it is no longer known."""
    return _titles().get(check, check)


@register.simple_tag
def check_link(check: str, css: str = "") -> SafeString | str:
    """The title of a check as a link to its page; its id alone where it is no longer known."""
    if check not in _titles():
        return check
    address = reverse("check-detail", args=[check])
    return format_html('<a class="{}" href="{}">{}</a>', css, address, check_title(check))


@register.filter
def spaced(value: str) -> str:
    """A value of ours as words: access_denied becomes "access denied"."""
    return value.replace("_", " ")


CHANGES = {
    "new": gettext_lazy("New"),
    "regressed": gettext_lazy("Failed again after a verified fix"),
    "returned": gettext_lazy("Back in scope"),
    "resolved": gettext_lazy("Resolved, verified by evidence"),
    "closed": gettext_lazy("Closed for another reason"),
    "claim_rejected": gettext_lazy("Claimed as fixed, and still failing"),
}


@register.filter
def change_label(name: str) -> str:
    """What a scan did to findings, see ``findings.selectors.differences``."""
    return str(CHANGES[name])


@register.simple_tag
def changed(before: object, after: object) -> str:
    """What changed, as "name: before → after"; the two may be any JSON."""
    if isinstance(before, dict) and isinstance(after, dict):
        names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        return "; ".join(f"{name}: {_pair(before.get(name), after.get(name))}" for name in names)
    return _pair(before, after)


def _pair(before: object, after: object) -> str:
    if before in _EMPTY and isinstance(after, dict):
        return _plain(after)
    return "" if before in _EMPTY and after in _EMPTY else f"{_plain(before)} → {_plain(after)}"


_EMPTY: tuple[object, ...] = (None, "", {}, [])


def _plain(value: object) -> str:
    if value in _EMPTY:
        return NOTHING
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        filled = {name: inner for name, inner in value.items() if inner not in _EMPTY}
        return ", ".join(f"{name}={_plain(inner)}" for name, inner in filled.items())
    return json.dumps(value, ensure_ascii=False)


@register.filter
def limits(selection: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    """What a selection is limited to, as pairs of a name and its values."""
    for name, values in selection.items():
        label = _("OUs") if name == "ous" else _(name.title())
        yield label, ", ".join(values)


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
    why = shard.get_region_state_display().lower() if shard.state == "out_of_scope" else shard.error
    state = shard.get_state_display().capitalize()
    label = ": ".join(text for text in (state, why) if text)
    return format_html(
        '<span class="outcome outcome-{}" title="{}">{}{}</span>',
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


@register.filter
def has_choices(field: BoundField) -> bool:
    """It is drawn as a group of checkboxes."""
    return isinstance(field.field.widget, forms.CheckboxSelectMultiple)


@register.filter
def is_checkbox(field: BoundField) -> bool:
    return isinstance(field.field.widget, forms.CheckboxInput)
