"""Faults on demand: what goes wrong, where, and how often.

`kind[:service[:operation]][@account[/region]][%rate]`, for example `throttle%30`,
`scp_denied@100000000005/eu-west-1`, `slow=200:cloudtrail`, `error500:cloud*`. `*` matches anything,
and so does what is left out.
"""

import re
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from simulator.stable import stable_number

DEFAULT_SLOW_MILLISECONDS = 500
MOST_MILLISECONDS = 600_000


class FaultKind(StrEnum):
    ACCESS_DENIED = "access_denied"
    SCP_DENIED = "scp_denied"
    THROTTLE = "throttle"
    ERROR500 = "error500"
    TIMEOUT = "timeout"
    SLOW = "slow"
    DISABLED_REGION = "disabled_region"
    EXPIRED_TOKEN = "expired_token"  # noqa: S105 - the name of a fault
    ROLE_MISSING = "role_missing"
    EXTERNAL_ID = "external_id"
    TRUNCATED = "truncated"
    LISTING_BREAKS = "listing_breaks"


class BadFault(ValueError):
    """A fault specification that cannot be read."""


_SPEC = re.compile(
    r"(?P<kind>\w+)(=(?P<milliseconds>\d+))?"
    r"(:(?P<service>[\w*-]+)(:(?P<operation>[\w*]+))?)?"
    r"(@(?P<account>\d{12}|\*)(/(?P<region>[\w*-]+))?)?"
    r"(%(?P<rate>\d+(\.\d+)?))?"
)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """`rate` is a percentage of the calls that match."""

    spec: str
    kind: FaultKind
    service: str
    operation: str
    account: str
    region: str
    rate: float
    milliseconds: int

    @property
    def names_service(self) -> bool:
        return self.service != "*"

    @property
    def is_about_roles(self) -> bool:
        return self.kind in (FaultKind.ROLE_MISSING, FaultKind.EXTERNAL_ID)

    @property
    def is_about_permission(self) -> bool:
        """These leave alone the services of the whole account (STS, Organizations, IAM), unless
        the fault names one of them: what opens the door is not behind it.
        """
        return self.kind in (
            FaultKind.ACCESS_DENIED,
            FaultKind.SCP_DENIED,
            FaultKind.DISABLED_REGION,
            FaultKind.EXPIRED_TOKEN,
        )

    def matches(self, service: str, operation: str, account: str, region: str) -> bool:
        asked = (service, operation, account, region)
        wanted = (self.service, self.operation, self.account, self.region)
        return all(fnmatchcase(have, want) for want, have in zip(wanted, asked, strict=True))


def parse_fault(spec: str) -> Fault:
    """Reads a specification; raises BadFault with what is wrong."""
    match = _SPEC.fullmatch(spec.strip())
    if match is None:
        raise BadFault(
            f"fault {spec!r} is not of the form "
            "kind[:service[:operation]][@account[/region]][%rate]; an account has 12 digits"
        )
    part = match.groupdict()
    if part["kind"] not in list(FaultKind):
        raise BadFault(f"fault {spec!r}: no kind {part['kind']!r}; one of {', '.join(FaultKind)}")
    rate = float(part["rate"] or 100)
    if not 0 < rate <= 100:
        raise BadFault(f"fault {spec!r}: the rate is a percentage above 0 and up to 100")
    milliseconds = int(part["milliseconds"] or DEFAULT_SLOW_MILLISECONDS)
    if part["milliseconds"] and part["kind"] != FaultKind.SLOW:
        raise BadFault(f"fault {spec!r}: milliseconds are said of slow only")
    if milliseconds > MOST_MILLISECONDS:
        raise BadFault(f"fault {spec!r}: at most {MOST_MILLISECONDS} milliseconds")
    return Fault(
        spec=spec,
        kind=FaultKind(part["kind"]),
        service=part["service"] or "*",
        operation=part["operation"] or "*",
        account=part["account"] or "*",
        region=part["region"] or "*",
        rate=rate,
        milliseconds=milliseconds,
    )


class Faults:
    """The faults in force. The n-th call of an operation at a place meets the same ones always."""

    def __init__(self, specs: Sequence[str], seed: int) -> None:
        self._seed = seed
        self._lock = threading.Lock()
        self.set(specs)

    def set(self, specs: Sequence[str]) -> None:
        faults = [parse_fault(spec) for spec in specs]
        with self._lock:
            self.faults = faults
            self._calls: Counter[tuple[str, ...]] = Counter()

    def met(self, service: str, operation: str, account: str, region: str) -> list[Fault]:
        """The faults that this call meets; counts the call."""
        if not self.faults:
            return []
        call = (service, operation, account, region)
        with self._lock:
            self._calls[call] += 1
            count = self._calls[call]
        return [
            fault
            for fault in self.faults
            if fault.matches(*call) and self._is_drawn(fault, call, count)
        ]

    def _is_drawn(self, fault: Fault, call: tuple[str, ...], count: int) -> bool:
        if fault.rate >= 100:
            return True
        return stable_number(self._seed, fault.spec, *call, count) % 10_000 < fault.rate * 100
