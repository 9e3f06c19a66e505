"""An operation: a function from a call to a dict in the output shape of botocore's model."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from simulator.credentials import Principal
from simulator.errors import AwsError
from simulator.organization import SimAccount
from simulator.places import AccountPlace, OrganizationPlace, Place
from simulator.world import World

Operation = Callable[["Call"], dict[str, Any]]
_operations: dict[tuple[str, str], Operation] = {}


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of an operation, already parsed and authenticated."""

    world: World
    service: str
    name: str
    account: SimAccount
    region: str
    parameters: dict[str, Any]
    principal: Principal

    @property
    def place(self) -> Place:
        """What stands in the account and region that the call is signed for."""
        return self.world.place(self.account.id, self.region)

    @property
    def account_place(self) -> AccountPlace:
        return self.world.account_place(self.account.id)

    @property
    def organization_place(self) -> OrganizationPlace:
        return self.world.organization_place

    def page(
        self,
        items: Sequence[Any],
        key: str,
        token_in: str = "NextToken",  # noqa: S107 - the name of a parameter
        token_out: str = "NextToken",  # noqa: S107 - the name of a parameter
        *,
        size: int = 50,
        limit_in: str = "MaxResults",
        bad_token: str = "InvalidNextTokenException",  # noqa: S107 - the name of an error
    ) -> dict[str, Any]:
        """One page of `items` under `key`, and the token of the next one if there is more.

        A caller may ask for smaller pages by `limit_in`, never for larger ones than `size`.
        """
        start = self._offset(self.parameters.get(token_in), bad_token)
        end = start + min(size, int(self.parameters.get(limit_in) or size))
        page: dict[str, Any] = {key: list(items[start:end])}
        if end < len(items):
            page[token_out] = base64.urlsafe_b64encode(f"{self.name}:{end}".encode()).decode()
        return page

    def _offset(self, token: str | None, bad_token: str) -> int:
        if not token:
            return 0
        try:
            name, _, offset = base64.urlsafe_b64decode(token).decode().partition(":")
            if name == self.name:
                return int(offset)
        except (binascii.Error, ValueError):
            pass
        raise AwsError(bad_token, "The token is not valid.")


def operation(service: str, name: str) -> Callable[[Operation], Operation]:
    """Registers the function as the answer to botocore's `service` (client name) and `name`."""
    key = (service, name)
    if key in _operations:
        raise ValueError(f"operation {service}:{name} is declared twice")

    def register(function: Operation) -> Operation:
        _operations[key] = function
        return function

    return register


def operation_of(service: str, name: str) -> Operation | None:
    return _operations.get((service, name))


def simulated_operations() -> set[tuple[str, str]]:
    """Every (service, operation) that the simulator answers."""
    return set(_operations)


def simulated_services() -> set[str]:
    return {service for service, _ in _operations}
