"""Forms that name people by their user name, so that nobody can list all people."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.models import User
from django.utils import timezone

from accounts.models import Grant, Team

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
else:
    ModelForm = forms.ModelForm


def active_person(username: str) -> User:
    person = User.objects.filter(username=username, is_active=True).first()
    if person is None:
        raise forms.ValidationError(f"There is no active person with the user name {username!r}.")
    return person


class TeamForm(ModelForm):
    members = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 6}),
        required=False,
        help_text="User names, separated by spaces, commas or line breaks.",
    )

    class Meta:
        model = Team
        fields = ("organization", "name")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["members"] = "\n".join(
                self.instance.members.order_by("username").values_list("username", flat=True)
            )

    def clean_members(self) -> list[User]:
        names = re.split(r"[\s,]+", self.cleaned_data["members"])
        return [active_person(name) for name in names if name]


class GrantForm(ModelForm):
    user = forms.CharField(required=False, help_text="The user name of a person, or choose a team.")

    class Meta:
        model = Grant
        fields = ("role", "user", "team", "organization", "ou", "accounts_of", "expires_at")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.user:
            self.initial["user"] = self.instance.user.username

    def clean_user(self) -> User | None:
        name = self.cleaned_data["user"].strip()
        return active_person(name) if name else None

    def clean_expires_at(self) -> datetime | None:
        end: datetime | None = self.cleaned_data["expires_at"]
        if end and end <= timezone.now():
            raise forms.ValidationError("Choose an end that lies ahead.")
        return end
