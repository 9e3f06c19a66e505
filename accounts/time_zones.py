from collections.abc import Set
from functools import cache
from zoneinfo import available_timezones


@cache
def time_zones() -> Set[str]:
    """The names that this machine knows, found once: they are read from hundreds of files."""
    return frozenset(available_timezones())
