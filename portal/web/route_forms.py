"""What people fill in about routes; the services say what is right."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from findings.catalogue.pillar import Severity
from findings.models import Connection, ConnectionKind, Route
from findings.ticketing.state import StatusCategory
from portal.web.forms import names_in
from portal.web.json_field import JsonObjectField

ASSIGNEES = {
    ConnectionKind.JIRA_CLOUD: ("assignee", "id"),
    ConnectionKind.JIRA_DATA_CENTER: ("assignee", "name"),
    ConnectionKind.GITHUB: ("assignees", ""),
}
"""The field in which a tracker is given the assignee, and its part that names the account.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-post
https://docs.github.com/rest/issues/issues#create-an-issue
"""
SEVERITIES = {f"severity_{severity.value}": severity for severity in Severity}
CATEGORIES = {f"status_{category.value}": category for category in StatusCategory}
_STATUSES = {
    StatusCategory.TODO: _("Status for to do"),
    StatusCategory.IN_PROGRESS: _("Status for in progress"),
    StatusCategory.DONE: _("Status for done"),
}


class RouteForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in its stubs
    """Where tickets go. The mode is not here: a route is switched on after its simulation.

    The maps are one field for each word of ours; the assignee becomes a field of the tracker.
    """

    label_words = forms.CharField(
        label=_("Labels"), required=False, max_length=2000, help_text=_("Separated by spaces.")
    )
    assignee = forms.CharField(
        label=_("Assignee"),
        required=False,
        max_length=255,
        help_text=_("Of new tickets: an account id of Jira Cloud, else a user name."),
    )
    field_map = JsonObjectField(
        label=_("Other fields of new tickets"),
        help_text=_('Of the tracker, as JSON: {"components": [{"name": "Cloud"}]}.'),
    )

    class Meta:
        model = Route
        fields = (
            "name",
            "connection",
            "project",
            "issue_type",
            "grouping",
            "reopen_policy",
            "max_new",
            "field_map",
        )
        labels = {
            "issue_type": _("Type"),
            "grouping": _("Tickets"),
            "reopen_policy": _("When a finding comes back"),
            "max_new": _("Most new tickets in one scan"),
        }
        help_texts = {
            "project": _("Its key in Jira, owner/name at GitHub; none on the built-in board."),
            "issue_type": _("Its name or id in Jira; empty: the project's first."),
        }

    def __init__(self, posted: Any = None, *, route: Route) -> None:
        super().__init__(posted, instance=route)
        connection = self.fields["connection"]
        offered = Q(is_active=True) | Q(pk=route.connection_id)
        kept = Connection.objects.filter(offered, organization=route.organization)
        connection.queryset = kept.exclude(kind=ConnectionKind.BUILTIN)  # type: ignore[attr-defined]
        connection.required = False
        connection.empty_label = _("Built-in board")  # type: ignore[attr-defined]
        for name, severity in SEVERITIES.items():
            self.fields[name] = _id(severity.value.title(), route.severity_map.get(severity))
        for name, category in CATEGORIES.items():
            self.fields[name] = _id(_STATUSES[category], route.status_map.get(category))
        self.initial["label_words"] = " ".join(route.labels)
        kind = route.connection.kind if route.connection_id else ""
        self.initial["assignee"], self.initial["field_map"] = _told(kind, route.field_map)

    @property
    def of_destination(self) -> list[forms.BoundField]:
        """Where tickets go."""
        return [self[name] for name in ("connection", "project", "issue_type", "assignee")]

    @property
    def of_tickets(self) -> list[forms.BoundField]:
        return [self[name] for name in ("grouping", "reopen_policy", "max_new", "label_words")]

    @property
    def of_severities(self) -> list[forms.BoundField]:
        return [self[name] for name in SEVERITIES]

    @property
    def of_statuses(self) -> list[forms.BoundField]:
        return [self[name] for name in CATEGORIES]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        route = self.instance
        route.labels = names_in(given.get("label_words", ""))
        route.severity_map = {of.value: given[n] for n, of in SEVERITIES.items() if given.get(n)}
        route.status_map = {of.value: given[n] for n, of in CATEGORIES.items() if given.get(n)}
        connection = given.get("connection")
        if connection is not None and connection.has_adapter and not given.get("project"):
            self.add_error("project", _("Say in which project of the tracker."))
        assignee, fields = given.get("assignee"), given.get("field_map")
        if assignee and fields is not None:
            given["field_map"] = self._with_assignee(connection, assignee, fields)
        return given

    def _with_assignee(
        self, connection: Connection | None, assignee: str, fields: dict[str, Any]
    ) -> dict[str, Any]:
        kind = connection.kind if connection else ConnectionKind.BUILTIN
        if kind not in ASSIGNEES:
            self.add_error("assignee", _("Tickets of this connection are not given to anybody."))
            return fields
        name, part = ASSIGNEES[ConnectionKind(kind)]
        return {**fields, name: {part: assignee} if part else [assignee]}


def _id(label: Any, given: str | None) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=255, initial=given or "")


def _told(kind: str, stored: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The assignee, where the stored fields name one as the form does, and the other fields."""
    if kind not in ASSIGNEES:
        return "", stored
    name, part = ASSIGNEES[ConnectionKind(kind)]
    rest = {field: value for field, value in stored.items() if field != name}
    given = stored.get(name)
    if part and isinstance(given, dict) and list(given) == [part]:
        named = given[part]
    else:
        named = given[0] if not part and isinstance(given, list) and len(given) == 1 else None
    return (named, rest) if isinstance(named, str) else ("", stored)
