"""The part that forms share which save something for an organization, an OU or an account."""

from typing import Any, ClassVar

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account, Team
from accounts.roles import Permission
from findings.selectors.scopes import organizations_permitted, people_of, units_permitted


class PlacedForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in its stubs
    """Offers what the person has the permission on; an account is given by its id."""

    permission: ClassVar[Permission]

    account = forms.CharField(
        label=gettext_lazy("Account id"),
        required=False,
        max_length=12,
        help_text=gettext_lazy("Without OU and account it counts in the whole organization."),
    )

    def __init__(self, *arguments: Any, user: User, **fields: Any) -> None:
        super().__init__(*arguments, **fields)
        organizations = organizations_permitted(user, self.permission)
        self._offer("organization", organizations)
        self._offer("ou", units_permitted(user, self.permission))
        self._offer("owner_team", Team.objects.filter(organization__in=organizations))
        self._offer("owner", people_of(organizations, timezone.now()))
        self.fields["organization"].empty_label = None  # type: ignore[attr-defined]

    def _offer(self, name: str, rows: object) -> None:
        self.fields[name].queryset = rows  # type: ignore[attr-defined]

    def clean_account(self) -> Account | None:
        wanted = self.cleaned_data["account"]
        if not wanted:
            return None
        organization = self.cleaned_data.get("organization")
        found = Account.objects.filter(organization=organization, account_id=wanted).first()
        if found is None:
            raise ValidationError(_("The organization has no account of this id."))
        return found
