"""What people fill in about tickets; services say what is right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Team
from findings.models import Ticket, TicketStatus
from findings.selectors.ticket_openings import Destination
from findings.services.tickets import LONGEST_TEXT

LONGEST_REASON = 2000
_WORDS = forms.Textarea(attrs={"rows": 3})


def words_of(error: ValidationError) -> str:
    return " ".join(error.messages)


class OpenForm(forms.Form):
    """Where a ticket goes, and what people say of it; ``chosen`` is the destination."""

    destination = forms.ChoiceField(label=gettext_lazy("Where to"))
    project = forms.CharField(
        label=gettext_lazy("Project"),
        required=False,
        max_length=255,
        help_text=gettext_lazy("Of the tracker, such as OPS or owner/name. A route has its own."),
    )
    title = forms.CharField(
        label=gettext_lazy("Title"),
        required=False,
        max_length=255,
        help_text=gettext_lazy("Empty: it says what is wrong and where, and follows the findings."),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=LONGEST_TEXT, widget=_WORDS
    )

    def __init__(self, *given: Any, destinations: Sequence[Destination], **fields: Any) -> None:
        super().__init__(*given, **fields)
        self.destinations = {one.key: one for one in destinations}
        choices = [(one.key, one.name) for one in destinations]
        self.fields["destination"].choices = choices  # type: ignore[attr-defined]

    @property
    def chosen(self) -> Destination:
        return self.destinations[self.cleaned_data["destination"]]

    @property
    def asks_more(self) -> bool:
        """Whether the destination that is offered first needs a project to be named."""
        place = self.destinations.get(self.initial.get("destination", ""))
        return bool(place and place.asks_project and len(place.projects) != 1)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("destination") and "project" in given and self.chosen.asks_project:
            known = self.chosen.projects
            given["project"] = given["project"] or (known[0] if len(known) == 1 else "")
            if not given["project"]:
                told = _("Name the project of %(tracker)s.") % {"tracker": self.chosen.name}
                self.add_error("project", told)
        return given


class EditForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in its stubs
    """What people say of a ticket. Only what was changed goes to the service."""

    title = forms.CharField(
        label=gettext_lazy("Title"),
        required=False,
        max_length=255,
        help_text=gettext_lazy("Empty: it follows the findings."),
    )

    class Meta:
        model = Ticket
        fields = ("title", "note", "team", "assignee")
        widgets = {"note": _WORDS}

    def __init__(self, *given: Any, **fields: Any) -> None:
        super().__init__(*given, **fields)
        self.fields["note"].help_text = gettext_lazy("Markdown; it goes to the tracker, too.")
        self.fields["note"].max_length = LONGEST_TEXT  # type: ignore[attr-defined]
        self.fields["team"].queryset = Team.objects.filter(  # type: ignore[attr-defined]
            organization=self.instance.organization
        )
        if not self.instance.has_own_title:
            self.initial["title"] = ""
        if self.instance.connection.has_adapter:
            del self.fields["assignee"]

    def _post_clean(self) -> None:
        """The service writes the row, and says what is right."""

    @property
    def changes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.changed_data}


class MoveForm(forms.Form):
    status = forms.ChoiceField(choices=TicketStatus.choices)
    wont_do = forms.BooleanField(required=False)
    reason = forms.CharField(required=False, max_length=LONGEST_REASON)


class CommentForm(forms.Form):
    body = forms.CharField(label=gettext_lazy("Comment"), max_length=LONGEST_TEXT, widget=_WORDS)


class ReturnForm(forms.Form):
    note = forms.CharField(required=False, max_length=LONGEST_TEXT)
