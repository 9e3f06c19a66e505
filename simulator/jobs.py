"""Jobs that a call started: they are of the world, not of its day, and end after some looks.

The answer key does not know them: it holds as long as nobody starts any.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

LOOKS = 2
"""How often a job says that it is in progress."""


@dataclass(kw_only=True)
class Job:
    """`subject` is what it is about in its place: the id of a stack, or "" for a whole region."""

    kind: str
    account: str
    region: str
    subject: str
    id: str
    token: str
    started_at: datetime
    ended_at: datetime | None = None
    looks: int = 0


class Jobs:
    """All jobs that were started in a world, in their order."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._jobs: list[Job] = []

    def of(self, kind: str, account: str, region: str, subject: str | None = None) -> list[Job]:
        return [
            job
            for job in self._jobs
            if (job.kind, job.account, job.region) == (kind, account, region)
            and subject in (None, job.subject)
        ]

    def start(
        self,
        kind: str,
        account: str,
        region: str,
        subject: str,
        name: Callable[[int], str],
        token: str = "",
    ) -> Job | None:
        """A new job, or the one of the same token; None while another is in progress.

        `name` makes the id from how many there were.
        """
        with self._lock:
            known = self.of(kind, account, region)
            for job in known:
                if token and job.token == token:
                    return job
            if any(job.ended_at is None and job.subject == subject for job in known):
                return None
            job = Job(
                kind=kind,
                account=account,
                region=region,
                subject=subject,
                id=name(len(known)),
                token=token,
                started_at=self._clock(),
            )
            self._jobs.append(job)
            return job

    def look(self, kind: str, account: str, region: str, id: str) -> Job | None:
        """The job as this look finds it; it ends by the last one that it needs."""
        with self._lock:
            job = next((j for j in self.of(kind, account, region) if j.id == id), None)
            if job is None:
                return None
            job.looks += 1
            if job.ended_at is None and job.looks > LOOKS:
                job.ended_at = self._clock()
            return job
