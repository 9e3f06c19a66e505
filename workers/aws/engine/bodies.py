"""A response that ended early is an error, not a short answer.

botocore reads bodies without comparing their length, and what is left of a cut JSON document may
parse as an empty listing: nothing would then be mistaken for "there is none".
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from botocore.exceptions import ConnectionClosedError
from botocore.session import Session


def refuse_truncated_bodies(session: Session) -> None:
    """Make clients of the session raise ConnectionClosedError, which is tried again."""
    session.register("before-parse", _refuse_truncated, unique_id="cairn-bodies")


def _refuse_truncated(**event: Any) -> None:
    response = event["response_dict"]
    announced = str(response["headers"].get("content-length", ""))
    body = response["body"]
    if not announced.isdigit() or not isinstance(body, bytes) or _has_no_body(event):
        return
    if len(body) < int(announced):
        raise ConnectionClosedError(endpoint_url=f"{len(body)} of {announced} bytes came")


def _has_no_body(event: Mapping[str, Any]) -> bool:
    """Whether the announced length is that of something else than the body."""
    response = event["response_dict"]
    is_head = event["operation_model"].http.get("method") == "HEAD"
    is_packed = bool(response["headers"].get("content-encoding"))
    return is_head or is_packed or response["status_code"] == HTTPStatus.NOT_MODIFIED
