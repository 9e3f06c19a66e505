"""What people fill in about webhooks; the services say what is right."""

from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from findings.models import WebhookEndpoint, WebhookType
from portal.web.forms import Checkboxes


class WebhookForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in its stubs
    event_types = forms.MultipleChoiceField(
        label=_("Tell it when"), choices=WebhookType.choices, widget=Checkboxes
    )

    class Meta:
        model = WebhookEndpoint
        fields = ("name", "url", "event_types")
        help_texts = {"url": _("Where it is told, such as https://hooks.example.com/cairn.")}
        widgets = {"url": forms.URLInput()}

    def _post_clean(self) -> None:
        """The service says what is right; here the fields only go to the endpoint."""
        for name, value in self.cleaned_data.items():
            setattr(self.instance, name, value)


class ReplayForm(forms.Form):
    days = forms.IntegerField(label=_("Days"), min_value=1, max_value=3650)

    @property
    def since(self) -> timedelta:
        return timedelta(days=self.cleaned_data["days"])
