"""The one door: every call of every client goes through here."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from botocore.exceptions import BotoCoreError, ClientError

from workers.aws.engine.caller import Caller, current_caller
from workers.aws.engine.calls import Call
from workers.aws.engine.retries import (
    ATTEMPTS,
    ATTEMPTS_WHEN_EXHAUSTED,
    Backoff,
    Trouble,
    code_of,
    trouble_of,
)
from workers.aws.operations import OperationNotAllowed, is_content_read

if TYPE_CHECKING:
    from botocore.client import BaseClient
else:
    BaseClient = object

Response = dict[str, Any]
_OPERATION = "cairn_operation"

# moto, when it runs inside the process, raises NotImplementedError for what it does not emulate.
FAILURES = (ClientError, BotoCoreError, NotImplementedError)


class Door(BaseClient):
    """Mixed into each client class before botocore's own, by the event `creating-client-class`."""

    backoff: ClassVar[Backoff]

    def _make_api_call(self, operation_name: str, api_params: Response) -> Response:
        caller = current_caller()
        service = self.meta.service_model.service_name
        name = f"{service}:{operation_name}"
        if name not in caller.allowed or is_content_read(name):
            raise OperationNotAllowed(name)
        passage = Passage(caller, name, self.meta.region_name, self.backoff)
        send = super()._make_api_call  # type: ignore[misc]  # botocore's, unknown to its stubs
        try:
            return passage.attempt(lambda: send(operation_name, api_params))
        except FAILURES as error:
            vars(error)[_OPERATION] = name
            raise


def operation_of(error: Exception) -> str:
    """The operation that an error came from; "" when it did not come through the door."""
    return str(vars(error).get(_OPERATION, ""))


@dataclass
class Passage:
    """One call on its way: its attempts, and the record of how it went."""

    caller: Caller
    operation: str
    region: str
    backoff: Backoff
    attempts: int = 0
    failures: Counter[Trouble] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.service = self.operation.partition(":")[0]
        self.pace = self.caller.paces.of(self.region, self.operation)

    def attempt(self, send: Callable[[], Response]) -> Response:
        """Send until it is answered or there is no use in trying again."""
        self.caller.stalls.refuse(self.service)
        at, started = self.caller.clock(), time.perf_counter()
        while True:
            if owed := self.pace.reserve():
                self.backoff.sleep(owed)
            self.attempts += 1
            try:
                response = send()
            except FAILURES as error:
                if not self._is_worth_another(error):
                    self._record(at, started, error)
                    raise
            else:
                self.pace.answered()
                self.caller.stalls.answered(self.service)
                self._record(at, started, response)
                return response

    def _is_worth_another(self, error: Exception) -> bool:
        """Whether to try again; then the time to wait has passed."""
        trouble = trouble_of(error)
        if trouble is not None:
            self.failures[trouble] += 1
        if trouble is Trouble.THROTTLED:
            self.pace.throttled()
        if trouble not in (Trouble.TIMED_OUT, Trouble.UNREACHABLE):
            self.caller.stalls.answered(self.service)
        if trouble is None:
            return False
        if trouble is Trouble.EXPIRED:
            return self.failures[trouble] == 1 and self.caller.credentials.renew()
        if self.failures[trouble] >= self._allowance(trouble):
            self._give_up(trouble)
            return False
        self.backoff.wait(self.failures[trouble], error)
        return True

    def _allowance(self, trouble: Trouble) -> int:
        if trouble is Trouble.TIMED_OUT:
            return self.caller.stalls.patience
        spent = trouble is Trouble.THROTTLED and self.pace.is_exhausted
        return ATTEMPTS_WHEN_EXHAUSTED if spent else ATTEMPTS[trouble]

    def _give_up(self, trouble: Trouble) -> None:
        if trouble is Trouble.THROTTLED:
            self.pace.is_exhausted = True
        if trouble is Trouble.TIMED_OUT:
            self.caller.stalls.timed_out(self.service)

    def _record(self, at: datetime, started: float, ended: Response | Exception) -> None:
        answer = ended.response if isinstance(ended, ClientError) else ended
        metadata = answer.get("ResponseMetadata", {}) if isinstance(answer, dict) else {}
        self.caller.record(
            Call(
                operation=self.operation,
                region=self.region,
                request_id=metadata.get("RequestId", ""),
                at=at,
                duration_ms=round((time.perf_counter() - started) * 1000),
                retries=self.attempts - 1,
                code=_code(ended),
            )
        )


def _code(ended: Response | Exception) -> str:
    if isinstance(ended, ClientError):
        return code_of(ended)
    return type(ended).__name__ if isinstance(ended, Exception) else ""
