from typing import Any

from rest_framework import serializers


class OrganizationField(serializers.UUIDField):
    """An organization by its uid."""

    def to_representation(self, value: Any) -> str:
        return str(value.uid)
