import re
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.models.reach import grants_remembered, limits_forgotten
from accounts.requests import request_id
from portal.api.problems import problem_response

# A proxy's own id is kept, so that its log and ours can be read together.
ACCEPTED_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}")


def request_ids(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Gives every request an id, for the log lines it causes and for the answer's X-Request-ID.

    What a token limits while its request is answered ends with it, too.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        identity = given if ACCEPTED_ID.fullmatch(given) else uuid.uuid4().hex
        token = request_id.set(identity)
        try:
            with limits_forgotten():
                response = get_response(request)
        finally:
            request_id.reset(token)
        response["X-Request-ID"] = identity
        return response

    return middleware


def grants_read_once(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Many parts of a page or endpoint ask what the person may see; they share the answer."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with grants_remembered():
            return get_response(request)

    return middleware


def api_bodies_capped(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Refuses bodies to the API that are too large, or do not say how large they are."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/api/"):
            if "chunked" in request.headers.get("Transfer-Encoding", "").lower():
                return problem_response(411, "Say how long the body is: send Content-Length.")
            if _length(request) > settings.API_BODY_BYTES:
                most = settings.API_BODY_BYTES // 1024
                return problem_response(413, f"A body has at most {most} KB.")
        return get_response(request)

    return middleware


def _length(request: HttpRequest) -> int:
    given = request.headers.get("Content-Length", "")
    return int(given) if given.isascii() and given.isdigit() else 0
