from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from findings.models import Scan, Schedule
from findings.planning import Selection, SelectionError
from findings.selectors.selections import selection_seen

_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        name: {"type": "array", "items": {"type": "string"}}
        for name in ("ous", "accounts", "regions", "rows")
    },
}


@extend_schema_field(_SCHEMA)
class SelectionField(serializers.Field[Any, Any, Any, Any]):
    """What a scan is limited to; what is left out means everything.

    Who sees only a part of the organization is not told of OUs and accounts in it.
    """

    def get_attribute(self, instance: Scan | Schedule) -> Any:
        return selection_seen(instance, self.context["request"].user)

    def to_representation(self, value: Any) -> Any:
        return value

    def to_internal_value(self, data: Any) -> dict[str, list[str]]:
        if not isinstance(data, Mapping):
            raise serializers.ValidationError("Give an object of ous, accounts, regions, rows.")
        try:
            return Selection.parse(data).to_json()
        except SelectionError as error:
            raise serializers.ValidationError(str(error)) from error
