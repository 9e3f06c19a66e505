"""How many requests a caller may send in a minute: see docs/adr/0005."""

import logging
import threading
import time
from collections import Counter
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.models import ApiToken

logger = logging.getLogger(__name__)

WINDOW = 60
"""Seconds."""
PATIENCE = 0.2
"""Seconds that a request may wait for the broker before it is counted here."""
REST = 10
"""Seconds in which a broker that did not answer is not asked again."""


class CallerRate(BaseThrottle):
    """Counts by token, or by person for sessions; the next minute begins anew."""

    def allow_request(self, request: Request, view: Any) -> bool:
        most = settings.API_REQUESTS_A_MINUTE
        if not most or not request.user.is_authenticated:
            return True
        return _counts.add(_caller(request), int(time.time() // WINDOW)) <= most

    def wait(self) -> float:
        return WINDOW - time.time() % WINDOW


def _caller(request: Request) -> str:
    token = request.auth
    return f"token:{token.pk}" if isinstance(token, ApiToken) else f"person:{request.user.pk}"


class Counts:
    """Requests by caller and minute: in the broker, which all processes share.

    While it does not answer they are counted in this process, so a limit is never without effect.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._own: Counter[str] = Counter()
        self._minute = 0
        self._rests_until = 0.0

    def add(self, caller: str, minute: int) -> int:
        """Count one request; how many there were in the minute, with it."""
        server = _broker(settings.CELERY_BROKER_URL)
        if server is None or time.monotonic() < self._rests_until:
            return self._add_here(caller, minute)
        key = f"cairn:rate:{caller}:{minute}"
        try:
            with server.pipeline(transaction=True) as pipeline:
                pipeline.incr(key)
                pipeline.expire(key, 2 * WINDOW)
                return int(pipeline.execute()[0])
        except (redis.RedisError, OSError) as error:
            logger.warning("Requests are counted in this process: %s", type(error).__name__)
            self._rests_until = time.monotonic() + REST
            return self._add_here(caller, minute)

    def _add_here(self, caller: str, minute: int) -> int:
        with self._lock:
            if minute != self._minute:
                self._minute = minute
                self._own.clear()
            self._own[caller] += 1
            return self._own[caller]


_counts = Counts()


@lru_cache(maxsize=4)
def _broker(url: str) -> redis.Redis | None:
    """A client of the broker; None where it is not one that can count."""
    if url.startswith("redis+socket://"):
        url = f"unix://{url.removeprefix('redis+socket://')}"
    if not url.startswith(("redis://", "rediss://", "unix://")):
        return None
    return redis.Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
