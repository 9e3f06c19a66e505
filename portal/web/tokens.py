import re
import uuid

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Account, ApiToken, OrganizationalUnit, TokenScope
from accounts.services.tokens import MAX_DAYS, IssuedToken
from accounts.services.tokens import token_issue as issue
from accounts.services.tokens import token_revoke as revoke
from portal.people import person_of

SHOWN = 100


class TokenForm(forms.Form):
    """A token of the person's own; without OUs and accounts it reaches what the person reaches."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=64, help_text=gettext_lazy("What will use it.")
    )
    days = forms.IntegerField(
        label=gettext_lazy("Days"), min_value=1, max_value=MAX_DAYS, initial=90
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it is for"),
        choices=TokenScope.choices,
        initial=[TokenScope.READ],
        widget=forms.CheckboxSelectMultiple,
    )
    ous = forms.ModelMultipleChoiceField(
        OrganizationalUnit.objects.none(),
        label=gettext_lazy("Only in these OUs"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    accounts = forms.CharField(
        label=gettext_lazy("Only in these accounts"),
        required=False,
        max_length=2000,
        help_text=gettext_lazy("Account ids, separated by blanks."),
    )

    def __init__(self, *arguments: object, user: User, **fields: object) -> None:
        super().__init__(*arguments, **fields)  # type: ignore[arg-type]  # as forms.Form is called
        self.user = user
        seen = OrganizationalUnit.objects.visible_to(user).present()
        self.fields["ous"].queryset = seen  # type: ignore[attr-defined]

    def clean_accounts(self) -> list[Account]:
        wanted = set(re.split(r"[\s,]+", self.cleaned_data["accounts"])) - {""}
        found = list(Account.objects.visible_to(self.user).filter(account_id__in=wanted))
        if unknown := wanted - {account.account_id for account in found}:
            raise ValidationError(_("You see no account %s.") % ", ".join(sorted(unknown)))
        return found


@require_safe
def token_list(request: HttpRequest) -> HttpResponse:
    return _list(request, TokenForm(user=person_of(request)))


@require_POST
@never_cache
def token_issue(request: HttpRequest) -> HttpResponse:
    """Answers with the page itself: the token is shown this one time and stored nowhere."""
    user = person_of(request)
    form = TokenForm(request.POST, user=user)
    if form.is_valid():
        try:
            issued = issue(actor=user, user=user, now=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _list(request, TokenForm(user=user), issued=issued)
    return _list(request, form, status=422)


@require_POST
def token_revoke(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    user = person_of(request)
    token = get_object_or_404(ApiToken.objects.visible_to(user), uid=uid)
    revoke(actor=user, token=token, now=timezone.now())
    messages.success(request, _("The token is revoked; it opens nothing any more."))
    return redirect("token-list")


def _list(
    request: HttpRequest, form: TokenForm, issued: IssuedToken | None = None, status: int = 200
) -> HttpResponse:
    user = person_of(request)
    seen = ApiToken.objects.visible_to(user).select_related("user")
    found = list(seen.prefetch_related("ous", "accounts")[:SHOWN])
    context = {"tokens": found, "form": form, "issued": issued, "now": timezone.now()}
    return render(request, "tokens/list.html", context, status=status)
