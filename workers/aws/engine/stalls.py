"""When a region, or one service of it, no longer answers: stop asking.

Two calls of one service that time out in a row stall the service; calls of two services that time
out in a row stall the region. What is stalled is refused at once, instead of after a time-out each.
"""

from botocore.exceptions import BotoCoreError

PATIENCE = 2


class Stalled(BotoCoreError):
    """A call was not made, because those before it were not answered in time."""

    fmt = "{service} in {region} did not answer in time; it is not asked again in this scan"


class Stalls:
    """The time-outs of one account in one region."""

    def __init__(self) -> None:
        self._in_a_row: list[str] = []
        self._of_service: dict[str, int] = {}

    @property
    def is_region_stalled(self) -> bool:
        return len(set(self._in_a_row)) >= PATIENCE

    def refuse(self, service: str, region: str) -> None:
        """Raise Stalled when there is no use in asking."""
        if self.is_region_stalled or self._of_service.get(service, 0) >= PATIENCE:
            raise Stalled(service=service, region=region)

    def timed_out(self, service: str) -> None:
        self._in_a_row.append(service)
        self._of_service[service] = self._of_service.get(service, 0) + 1

    def answered(self, service: str) -> None:
        if self._in_a_row and not self.is_region_stalled:
            self._in_a_row.clear()
        self._of_service.pop(service, None)
