"""Listings of one shard, each asked once however many collectors read it."""

import threading
from collections.abc import Callable
from typing import Any

from workers.aws.engine.retries import Trouble, trouble_of

Pages = tuple[Any, ...]
Key = tuple[str, ...]


class _Answer:
    """One listing: its pages, or the error that it ended with."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.pages: Pages | None = None
        self.error: Exception | None = None


class Listings:
    """What was listed, by service, method and parameters; safe for threads.

    An error is kept as well, except throttling: that is worth asking again at the shard's end.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: dict[Key, _Answer] = {}

    def ask(self, key: Key, listing: Callable[[], Pages]) -> Pages:
        with self._lock:
            answer = self._answers.setdefault(key, _Answer())
        with answer.lock:
            if answer.error is not None:
                raise answer.error
            if answer.pages is None:
                answer.pages = self._first(answer, listing)
            return answer.pages

    def _first(self, answer: _Answer, listing: Callable[[], Pages]) -> Pages:
        try:
            return listing()
        except Exception as error:
            if trouble_of(error) is not Trouble.THROTTLED:
                answer.error = error
            raise
