"""When a region, or one service of it, no longer answers: stop asking.

Two calls of one service that time out in a row stall the service; calls of two services that time
out in a row stall the region. What is stalled is refused at once, instead of after a time-out each.
A region that stalled for one account is a suspect for the others: one time-out is then enough, so
that an outage costs each account seconds, and one answer ends the suspicion.
"""

import time
from collections.abc import Callable

from botocore.exceptions import BotoCoreError

PATIENCE = 2
SUSPECTED_FOR_SECONDS = 120.0


class Stalled(BotoCoreError):
    """A call was not made, because those before it were not answered in time."""

    fmt = "{service} in {region} did not answer in time; it is not asked again in this scan"


class Suspects:
    """Regions that stalled a short time ago, for all accounts of a process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: dict[str, float] = {}

    def add(self, region: str) -> None:
        self._since[region] = self._clock()

    def discard(self, region: str) -> None:
        self._since.pop(region, None)

    def __contains__(self, region: str) -> bool:
        since = self._since.get(region)
        return since is not None and self._clock() - since < SUSPECTED_FOR_SECONDS


class Stalls:
    """The time-outs of one account in one region."""

    def __init__(self, region: str = "", suspects: Suspects | None = None) -> None:
        self.region = region
        self._suspects = Suspects() if suspects is None else suspects
        self._in_a_row: list[str] = []
        self._of_service: dict[str, int] = {}
        self.is_region_stalled = False

    @property
    def patience(self) -> int:
        """How many time-outs a call, a service and a region are granted."""
        return 1 if self.region in self._suspects else PATIENCE

    def refuse(self, service: str) -> None:
        """Raise Stalled when there is no use in asking."""
        if self.is_region_stalled or self._of_service.get(service, 0) >= PATIENCE:
            raise Stalled(service=service, region=self.region)

    def timed_out(self, service: str) -> None:
        self._in_a_row.append(service)
        self._of_service[service] = self._of_service.get(service, 0) + 1
        if len(set(self._in_a_row)) >= self.patience:
            self.is_region_stalled = True
            self._suspects.add(self.region)

    def answered(self, service: str) -> None:
        self._in_a_row.clear()
        self._of_service.pop(service, None)
        self._suspects.discard(self.region)
