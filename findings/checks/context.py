"""What a check may know besides facts: the account, its parameters, and time.

Every question about time notes the instant at which its answer would change with the same facts.
The earliest of them is the ``valid_until`` of an evaluation: until then it need not be run again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from findings.checks.parameters import Selector
from findings.facts.base import Record

_TICK = timedelta(microseconds=1)


class Horizon:
    """The time of an evaluation, and until when its answers hold."""

    def __init__(self, now: datetime) -> None:
        if now.tzinfo is None:
            raise ValueError("the time of an evaluation needs a time zone")
        self.now = now
        self.valid_until: datetime | None = None

    def holds_until(self, instant: datetime) -> None:
        """An answer given now stays the same up to and including the instant."""
        if self.valid_until is None or instant < self.valid_until:
            self.valid_until = instant

    def holds_before(self, instant: datetime) -> None:
        """An answer given now may change at the instant itself."""
        self.holds_until(instant - _TICK)


class AccountContext(Record):
    """What the organization says of an account, supplied by the caller of the checks."""

    id: str
    name: str
    ou_path: str
    environment: str
    tags: dict[str, str]
    is_management: bool


class Context:
    """The account and time of one evaluation; parameters of the check are read as attributes."""

    def __init__(
        self,
        *,
        account: AccountContext,
        accounts: Mapping[str, AccountContext],
        horizon: Horizon,
        parameters: Mapping[str, Any],
    ) -> None:
        self.account = account
        self._accounts = accounts
        self.now = horizon.now
        self._horizon = horizon
        self._parameters = parameters
        self._outside_production: list[str] | None = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._parameters:
            raise AttributeError(f"the check declares no parameter {name!r}")
        return self._parameters[name]

    def within(
        self, instant: datetime, *, days: float = 0, hours: float = 0, minutes: float = 0
    ) -> bool:
        """Whether an instant is at most this long ago; the limit itself is within."""
        end = instant + timedelta(days=days, hours=hours, minutes=minutes)
        if self.now > end:
            return False
        self._horizon.holds_until(end)
        return True

    def is_due_within(self, instant: datetime, *, days: float) -> bool:
        """Whether an instant is past or at most so many days ahead."""
        start = instant - timedelta(days=days)
        if self.now >= start:
            return True
        self._horizon.holds_before(start)
        return False

    def is_production(self, tags: Mapping[str, str] | None = None) -> bool:
        """Whether a thing with these tags counts as production; without tags its account does."""
        selector: Selector = self._parameters["production_selector"]
        if tags is not None and selector.matches_tags(tags):
            return True
        return selector.matches_account(self.account.environment, self.account.ou_path)

    @property
    def is_alone(self) -> bool:
        """Whether no other account is judged together with this one."""
        return len(self._accounts) == 1

    def accounts_outside_production(self) -> list[str]:
        """Ids of the accounts judged together with this one that do not count as production."""
        if self._outside_production is None:
            selector: Selector = self._parameters["production_selector"]
            self._outside_production = sorted(
                account.id
                for account in self._accounts.values()
                if not selector.matches_account(account.environment, account.ou_path)
            )
        return self._outside_production
