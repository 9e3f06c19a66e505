"""What people declare of accounts and no API of AWS shows; the caller of the checks supplies it."""

from __future__ import annotations

from datetime import date, datetime

from findings.catalogue.tools import Tool
from findings.facts.base import Record


class Declared(Record):
    """A tool outside AWS that is used in an account, from an instant up to, not including, another.

    ``last_day`` is the end as people declared it, in their own time zone. A tool of the whole
    organization (``is_organization_wide``) also stands in where the organization is judged.
    """

    kind: Tool
    name: str
    starts_at: datetime
    ends_at: datetime
    last_day: date
    is_organization_wide: bool

    def is_active(self, now: datetime) -> bool:
        return self.starts_at <= now < self.ends_at
