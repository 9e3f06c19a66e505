"""What people fill in about connections. What is secret goes in and never comes out again."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from findings.models import Connection, ConnectionKind, Finding, Route
from findings.selectors.scopes import open_findings_of
from portal.templatetags.portal import check_title

OFFERED = (
    (ConnectionKind.JIRA_CLOUD, _("A site at atlassian.net.")),
    (ConnectionKind.JIRA_DATA_CENTER, _("A Jira of your own.")),
    (ConnectionKind.GITHUB, _("GitHub.com or Enterprise Server, by a token or as an App.")),
    (ConnectionKind.API, _("Its client asks the API for tickets and reports back.")),
    (ConnectionKind.BUILTIN, _("Tickets in Cairn itself, without a tracker.")),
)
"""Kinds that can be set up, each with what it is."""


class SecretText(forms.Textarea):
    """Several lines that are not shown again."""

    def format_value(self, value: Any) -> str:
        return ""


def _secret(label: Any, told: Any = "", *, lines: int = 0) -> forms.CharField:
    attrs = {"autocomplete": "off", "spellcheck": "false"}
    widget = SecretText({**attrs, "rows": lines}) if lines else forms.PasswordInput(attrs)
    return forms.CharField(
        label=label, required=False, max_length=16_000, widget=widget, help_text=told
    )


def _plain(label: Any, told: Any = "") -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=500, help_text=told)


_WEBHOOKS = _("The secret that its webhooks are signed with; two, with a space, while it changes.")
CREDENTIALS: Mapping[str, Mapping[str, forms.CharField]] = {
    ConnectionKind.JIRA_CLOUD: {
        "user": _plain(
            _("E-mail address"), _("Of the token's account; none for a service account.")
        ),
        "token": _secret(_("API token")),
        "site_url": _plain(_("Site"), _("Where people look, if the address is that of a gateway.")),
        "webhook_secret": _secret(_("Webhook secret"), _WEBHOOKS),
    },
    ConnectionKind.JIRA_DATA_CENTER: {
        "token": _secret(_("Personal access token")),
        "webhook_secret": _secret(_("Webhook secret"), _WEBHOOKS),
    },
    ConnectionKind.GITHUB: {
        "token": _secret(_("Token"), _("Fine-grained, with issues read and write; or an App:")),
        "app_id": _plain(_("App id")),
        "private_key": _secret(_("Private key of the App"), _("In PEM form."), lines=4),
        "installation_id": _plain(_("Installation id"), _("Empty: found by the project's owner.")),
        "webhook_secret": _secret(_("Webhook secret"), _WEBHOOKS),
    },
}
"""The credentials of each kind, under the names that its adapter knows."""
OF_APP = ("app_id", "private_key", "installation_id")


class ConnectionForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in its stubs
    """``credentials`` of the cleaned values are those to be replaced; None: all stay."""

    class Meta:
        model = Connection
        fields = ("name", "base_url", "bot_account", "allows_private")

    def __init__(
        self, posted: Any = None, *, connection: Connection, stored: frozenset[str]
    ) -> None:
        super().__init__(posted, instance=connection)
        self.stored, self.address = stored, connection.base_url
        if not connection.has_adapter:
            for name in ("base_url", "bot_account", "allows_private"):
                del self.fields[name]
        for name, field in CREDENTIALS.get(connection.kind, {}).items():
            self.fields[name] = forms.CharField(
                label=field.label,
                required=False,
                max_length=field.max_length,
                widget=field.widget,
                help_text=field.help_text,
            )
            if name in stored:
                self.fields[name].help_text = _("Stored. Leave it empty to keep it.")

    @property
    def of_connection(self) -> list[forms.BoundField]:
        return [self[name] for name in self._meta.fields or () if name in self.fields]

    @property
    def of_credentials(self) -> list[forms.BoundField]:
        return [self[name] for name in CREDENTIALS.get(self.instance.kind, {})]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        names = CREDENTIALS.get(self.instance.kind, {})
        entered = {name: given[name] for name in names if given.get(name)}
        address = (given.get("base_url") or "").strip().rstrip("/")
        held = self.stored if address == self.address else frozenset()
        is_app = any(name in entered for name in OF_APP)
        if is_app and "token" in entered:
            self.add_error("token", _("Give a token or an App, not both."))
        elif names and not self._suffices({*held, *entered}, is_app):
            told = _("Give an App's id and private key.") if is_app else _("Give a token.")
            if self.stored and not held:
                told = _("At another address the stored credentials are not sent: enter them all.")
            self.add_error("private_key" if is_app else "token", told)
        given["credentials"] = self._replacing(entered, is_app) if entered else None
        return given

    def _suffices(self, held: set[str], is_app: bool) -> bool:
        has_app = {"app_id", "private_key"} <= held
        return has_app if is_app else has_app or "token" in held

    def _replacing(self, entered: dict[str, str], is_app: bool) -> dict[str, str]:
        """A token and an App replace each other."""
        if is_app:
            return {"token": "", **entered}
        if "token" in entered and self.instance.kind == ConnectionKind.GITHUB:
            return {**dict.fromkeys(OF_APP, ""), **entered}
        return entered


class TrialForm(forms.Form):
    """What a connection is tested with; with a finding it is told what would be sent."""

    route = forms.ModelChoiceField(
        Route.objects.none(),
        label=_("As for the route"),
        required=False,
        to_field_name="uid",
        empty_label=_("no route"),
    )
    project = forms.CharField(label=_("Project"), required=False, max_length=255)
    issue_type = forms.CharField(label=_("Type"), required=False, max_length=128)
    finding = forms.ModelChoiceField(
        Finding.objects.none(),
        label=_("Show what would be sent for"),
        required=False,
        to_field_name="uid",
    )

    def __init__(
        self,
        posted: Any = None,
        *,
        connection: Connection,
        user: User,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(posted, initial=dict(initial or {}))
        self.fields["route"].queryset = connection.routes.all()  # type: ignore[attr-defined]
        finding = self.fields["finding"]
        found = open_findings_of(connection.organization, user)
        finding.queryset = found  # type: ignore[attr-defined]
        finding.choices = [  # type: ignore[attr-defined]
            ("", _("nothing: no dry run")),
            *((str(one.uid), _words(one)) for one in found[:OFFERED_FINDINGS]),
        ]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("route") and not given.get("project"):
            self.add_error("project", _("Choose a route, or say in which project."))
        return given


OFFERED_FINDINGS = 25


def _words(finding: Finding) -> str:
    return f"{check_title(finding.check_id)} · {finding.resource or finding.account}"[:120]
