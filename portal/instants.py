"""Times as people and programs write them."""

from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import DateTimeField


class InstantField(DateTimeField):
    """A time in any zone becomes one of UTC: no database knows all zones, nor the year 0.

    Written after ISO 8601; other orders of day and month are refused.
    """

    input_formats = ()

    def to_python(self, value: Any) -> datetime | None:
        found: datetime | None = super().to_python(value)
        try:
            return found and found.astimezone(UTC)
        except OverflowError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
