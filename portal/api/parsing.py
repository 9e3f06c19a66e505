"""Bodies in JSON, whatever somebody sends."""

import json
from collections.abc import Mapping
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class SafeJsonParser(JSONParser):
    """Refuses what Python's parser accepts, or fails at, and no database stores.

    Those are objects nested too deeply, numbers beyond all measure and halves of characters.
    """

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            body = super().parse(stream, media_type, parser_context)
            json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
        except RecursionError:
            raise ParseError("JSON parse error - it is nested too deeply.") from None
        except ValueError:  # among them UnicodeEncodeError
            message = "JSON parse error - it holds a number or a text that cannot be stored."
            raise ParseError(message) from None
        return body
