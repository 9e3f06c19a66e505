"""Where trackers send what changed: the one address that asks for a signature instead of a person.

It answers within a second and looks into nothing: a delivery is kept, and worked on later.
"""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from findings.models import Connection
from findings.services.deliveries import LONGEST_BODY
from portal.api.problems import problem_response
from workers.ticket_inbound import TooLong, Unsigned, delivery_receive


@csrf_exempt
@login_not_required
def hook(request: HttpRequest, uid: str) -> HttpResponse:
    """Keep a signed delivery for the connection of this uid; sent again it is the one there is.

    An address that is none answers like a wrong signature: which there are, nobody learns.
    """
    if request.method != "POST":
        response: HttpResponse = problem_response(405, "Deliveries are sent by POST.")
        response["Allow"] = "POST"
        return response
    if "chunked" in request.headers.get("Transfer-Encoding", "").lower():
        return problem_response(411, "Say how long the body is: send Content-Length.")
    try:
        return _receive(request, uid)
    except UnreadablePostError:
        return problem_response(400, "The body ended before its end.")
    except TooLong:
        return problem_response(413, f"A delivery has at most {LONGEST_BODY} bytes.")
    except Unsigned:
        told = "There is no such address, or the signature is not that of its secret."
        response = problem_response(401, told)
        response["WWW-Authenticate"] = "HMAC-SHA256"
        return response


def _receive(request: HttpRequest, uid: str) -> HttpResponse:
    """Raises :class:`TooLong`, :class:`Unsigned` and UnreadablePostError."""
    length = request.headers.get("Content-Length", "").lstrip("0")
    if len(length) > len(str(LONGEST_BODY)) or (length.isdecimal() and int(length) > LONGEST_BODY):
        raise TooLong
    body = request.read(LONGEST_BODY + 1)
    connection = _connection(uid)
    if connection is None:
        raise Unsigned
    delivery_receive(connection=connection, headers=request.headers, body=body, now=timezone.now())
    return HttpResponse(status=202)


def _connection(uid: str) -> Connection | None:
    try:
        return Connection.objects.select_related("organization").filter(uid=uid).first()
    except ValidationError:  # it is no UUID
        return None
