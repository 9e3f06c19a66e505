"""A mark in every free string of every answer, so that a test can find where strings end up.

The mark is `-TOKEN-Operation-Member`, at the end of a string, or as a member of a JSON object. What
later calls and the product's plumbing live by stays as it is: enums, ids, ARNs, keys of tags and
maps, tokens, credentials, numbers and dates. Marks are taken off the parameters of requests, so
names may carry them.
"""

import json
import re
from typing import Any

from botocore.model import Shape, StringShape

# Members (or shapes) whose strings are identifiers or plumbing by their name.
_PLUMBING = re.compile(
    r"(arns?|ids?|tokens?|keys?|keyid|accesskey|types?|states?|status|statuses|regions?|versions?"
    r"|time|date|timestamp|expression|code|service|principal|provider|url|unit|path)$",
    re.IGNORECASE,
)
_FIXED_VALUE = re.compile(
    r"(arn:.*|[\d.:TZ+-]*|[a-z]{2}-[a-z]+-\d|(r|o|ou|p)-[\w-]+|[\da-f-]{36}|true|false|AWS::.*)"
)


class Canary:
    """Marks answers with `token` (letters and digits) and takes the mark off requests."""

    def __init__(self, token: str) -> None:
        if not token.isalnum():
            raise ValueError(f"a canary is letters and digits, got {token!r}")
        self.token = token
        self._mark = re.compile(rf"-{token}-\w+-\w+")

    def __call__(self, value: str, shape: Shape, path: str) -> str:
        """The string that stands in the answer instead of `value`."""
        member = re.sub(r"\[.*?\]", "", path).rsplit(".", 1)[-1]
        if not is_free(value, shape, member):
            return value
        operation = path.split(":", 1)[1].split(".", 1)[0]
        mark = f"-{self.token}-{operation}-{member}"
        if not value.startswith("{"):
            return value + mark
        try:
            return json.dumps({**json.loads(value), "Canary": mark})
        except ValueError:
            return value + mark

    def message(self, message: str, operation: str) -> str:
        """An error's message with the mark."""
        return f"{message} -{self.token}-{operation}-Message"

    def stripped(self, value: Any) -> Any:
        """The parameters as they would be without the marks of earlier answers."""
        if isinstance(value, str):
            return self._mark.sub("", value)
        if isinstance(value, list):
            return [self.stripped(item) for item in value]
        if isinstance(value, dict):
            return {name: self.stripped(item) for name, item in value.items()}
        return value


def is_free(value: str, shape: Shape, member: str) -> bool:
    """Whether AWS lets anything stand here and nothing lives by it."""
    if isinstance(shape, StringShape) and shape.enum:
        return False
    if _PLUMBING.search(shape.name) or _PLUMBING.search(member):
        return False
    return _FIXED_VALUE.fullmatch(value) is None
