"""The clock of the fields that AWS changes at every call."""

import threading
from datetime import datetime, timedelta
from time import monotonic

TICK = timedelta(milliseconds=1)  # what every protocol can still tell apart


class Clock:
    """Begins at an instant, moves with real time, and by a tick at least at every look."""

    def __init__(self, start: datetime) -> None:
        self._lock = threading.Lock()
        self.set(start)

    def set(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError(f"{start.isoformat()} needs a time zone")
        with self._lock:
            self._start = self._last = start
            self._began = monotonic()

    def look(self) -> datetime:
        with self._lock:
            self._last = max(self._last + TICK, self.reading())
            return self._last

    def reading(self) -> datetime:
        """The instant without a look: what real time alone has moved it to."""
        elapsed = int((monotonic() - self._began) * 1000)
        return self._start + elapsed * TICK
