"""The form of a matrix and of how a person or a team is reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.forms import BoundField
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from findings.models import Subscriber
from findings.notifying.events import EVENTS, Channel, NotificationEvent, Telling, events_for
from findings.selectors.notifications import webhooks_offered

PLACE = {"class": "form-select form-select-sm"}


class Choice(forms.Select):
    """Drawn without templates, for which the 60 of a matrix would need most of the page's time."""

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: BaseRenderer | None = None,
    ) -> SafeString:
        chosen = self.format_value(value)
        options = (
            (key, SafeString(" selected") if str(key) in chosen else "", label)
            for key, label in self.choices
        )
        return format_html(
            '<select name="{}"{}>{}</select>',
            name,
            flatatt(self.build_attrs(self.attrs, attrs)),
            format_html_join("", '<option value="{}"{}>{}</option>', options),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    telling: Telling
    cells: Sequence[tuple[Channel, BoundField]]


class SubscriberForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in its stubs
    """A select for each event and channel. The address of Slack is taken and never shown."""

    slack_url = forms.CharField(
        label=gettext_lazy("Slack: address of an incoming webhook"),
        required=False,
        max_length=2000,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "url"}),
    )
    forgets_slack = forms.BooleanField(label=gettext_lazy("Forget the address"), required=False)

    class Meta:
        model = Subscriber
        fields = ("covers", "email", "webhook", "time_zone")
        labels = {
            "covers": gettext_lazy("My accounts are"),
            "email": gettext_lazy("Mailbox of the team"),
            "webhook": gettext_lazy("Webhook"),
            "time_zone": gettext_lazy("Time zone"),
        }

    def __init__(self, *arguments: Any, user: User, **fields: Any) -> None:
        super().__init__(*arguments, **fields)
        subscriber: Subscriber = self.instance
        del self.fields["covers" if subscriber.is_team else "email"]
        webhook = self.fields["webhook"]
        assert isinstance(webhook, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        webhook.queryset = webhooks_offered(user, subscriber)
        webhook.empty_label = _("none")
        slack = self.fields["slack_url"]
        slack.help_text = (
            _("One is kept; give another to replace it.")
            if subscriber.slack
            else _("Such as https://hooks.slack.com/services/…; it is kept encrypted.")
        )
        if not subscriber.slack:
            del self.fields["forgets_slack"]
        self._add_cells(subscriber)

    def _add_cells(self, subscriber: Subscriber) -> None:
        matrix = subscriber.choices
        for event in events_for(is_team=subscriber.is_team):
            for channel in Channel:
                label = f"{EVENTS[event].label}, {channel.label}"
                self.fields[_cell(event, channel)] = forms.ChoiceField(
                    label=label,
                    choices=[(mode.value, _(mode.label)) for mode in channel.modes],
                    initial=matrix.mode(event, channel).value,
                    widget=Choice(attrs={**PLACE, "aria-label": label}),
                )

    @property
    def rows(self) -> list[Row]:
        return [
            Row(
                telling=EVENTS[event],
                cells=[(channel, self[_cell(event, channel)]) for channel in Channel],
            )
            for event in events_for(is_team=self.instance.is_team)
        ]

    @property
    def addresses(self) -> list[BoundField]:
        """All fields that are not of the matrix."""
        return [field for field in self if "-" not in field.name]

    @property
    def slack_given(self) -> str | None:
        """What the service is to do with the address of Slack."""
        if self.cleaned_data.get("forgets_slack"):
            return ""
        given: str = self.cleaned_data["slack_url"].strip()
        return given or None

    @property
    def matrix_given(self) -> Mapping[str, Mapping[str, str]]:
        """What differs from what counted before, beside what was chosen before."""
        before = self.instance.choices
        chosen: dict[str, dict[str, str]] = before.to_json()
        for event in events_for(is_team=self.instance.is_team):
            for channel in Channel:
                mode = self.cleaned_data[_cell(event, channel)]
                if mode != before.mode(event, channel):
                    chosen.setdefault(event.value, {})[channel.value] = mode
        return chosen


def _cell(event: NotificationEvent, channel: Channel) -> str:
    return f"{event.value}-{channel.value}"
