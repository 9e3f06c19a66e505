from typing import Any

from rest_framework import serializers

from accounts.validators import validate_account_id


class OrganizationField(serializers.UUIDField):
    """An organization by its uid."""

    def to_representation(self, value: Any) -> str:
        return str(value.uid)


class AccountIdsField(serializers.ListField):
    """Accounts by their ids; told in order."""

    child = serializers.CharField(validators=[validate_account_id])
    max_length = 500

    def to_representation(self, data: Any) -> list[str]:
        return sorted(account.account_id for account in data.all())


class NamesField(serializers.ListField):
    child = serializers.CharField(max_length=128)
    max_length = 50
