"""A response that ended early is an error, not a short answer.

botocore reads bodies without comparing their length, and what is left of a cut JSON document may
parse as an empty listing: nothing would then be mistaken for "there is none".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ConnectionClosedError
from botocore.session import Session


def refuse_truncated_bodies(session: Session) -> None:
    """Make clients of the session raise ConnectionClosedError, which is tried again."""
    session.register("before-parse", _refuse_truncated, unique_id="cairn-bodies")


def _refuse_truncated(response_dict: Mapping[str, Any], **_: Any) -> None:
    headers = response_dict["headers"]
    announced = str(headers.get("content-length", ""))
    body = response_dict["body"]
    if not announced.isdigit() or headers.get("content-encoding") or not isinstance(body, bytes):
        return
    if len(body) < int(announced) and response_dict["status_code"] != NOT_MODIFIED:
        raise ConnectionClosedError(endpoint_url=f"{len(body)} of {announced} bytes came")


NOT_MODIFIED = 304
