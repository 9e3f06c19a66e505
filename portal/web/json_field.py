"""A field in which people write a JSON object."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

LONGEST = 8000


class JsonObjectField(forms.CharField):
    """Empty is an empty object. What a database cannot keep, or Python cannot read, is refused."""

    widget = forms.Textarea(attrs={"rows": 4, "class": "font-monospace", "spellcheck": "false"})

    def __init__(self, **fields: Any) -> None:
        super().__init__(required=False, max_length=LONGEST, **fields)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return json.dumps(value, indent=2, ensure_ascii=False) if value else ""

    def clean(self, value: Any) -> dict[str, Any]:
        text = super().clean(value)
        try:
            found = json.loads(text or "{}", parse_constant=_refused)
        except (ValueError, RecursionError) as error:
            told = _("This is not JSON: %(error)s.") % {"error": str(error)[:200]}
            raise ValidationError(told) from None
        if not isinstance(found, dict):
            raise ValidationError(_("Write a JSON object: {…}."))
        if "\\u0000" in json.dumps(found):
            raise ValidationError(_("Null characters are not allowed."))
        return found


def _refused(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")
