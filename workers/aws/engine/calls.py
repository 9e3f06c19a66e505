"""The record of a call to AWS: where a fact comes from."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One operation as it was called: ``at`` is its start, ``code`` the error it ended with."""

    operation: str
    region: str
    request_id: str
    at: datetime
    duration_ms: int
    retries: int
    code: str = ""
