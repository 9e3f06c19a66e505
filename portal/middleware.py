import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts.models.reach import grants_remembered
from accounts.requests import request_id

# A proxy's own id is kept, so that its log and ours can be read together.
ACCEPTED_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}")


def request_ids(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Gives every request an id, for the log lines it causes and for the answer's X-Request-ID."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        identity = given if ACCEPTED_ID.fullmatch(given) else uuid.uuid4().hex
        token = request_id.set(identity)
        try:
            response = get_response(request)
        finally:
            request_id.reset(token)
        response["X-Request-ID"] = identity
        return response

    return middleware


def grants_read_once(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Many parts of a page ask what the person may see; only reading requests remember the answer.

    A request that changes something asks anew each time, as grants may be what it changes.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return get_response(request)
        with grants_remembered():
            return get_response(request)

    return middleware
