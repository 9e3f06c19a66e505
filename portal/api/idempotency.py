"""The header Idempotency-Key: a POST that is sent again changes nothing again.

Source: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

import hashlib
import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model
from django.http.request import RawPostDataException
from django.utils import timezone
from rest_framework import exceptions, status, viewsets
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import AnsweredRequest, ApiToken
from accounts.services.idempotency import (
    Answer,
    KeyInFlight,
    KeyTaken,
    request_answer,
    request_claim,
    request_release,
)
from portal.api.problems import Refused
from portal.people import person_of

M = TypeVar("M", bound=Model)
KEY = re.compile(r"[\x21-\x7e]{1,255}")
HEADER = "Idempotency-Key"
KEPT_HEADERS = ("ETag", "Location")


class KeyReused(exceptions.APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "key_reused"


class AnsweredOnce(viewsets.GenericViewSet[M]):
    """Every POST, actions included, understands Idempotency-Key; nothing is to be done for it.

    The same key and request of the same token (or person, for sessions) are answered alike for a
    day, with ``Idempotent-Replayed: true``; the same key with another request is 422; while the
    first is being worked on, 409. What changed nothing, because it failed, is not remembered: the
    key may be used for the request put right. The answer commits with the change or not at all.

    A viewset whose POST answers with a secret sets ``answers_with_a_secret = True`` (as an
    attribute, or in ``@action``): its answer is not stored, and told once only.
    """

    answers_with_a_secret = False

    def initial(self, request: Request, *arguments: Any, **named: Any) -> None:
        super().initial(request, *arguments, **named)
        handler = getattr(self, "post", None)
        if handler and request.method == "POST" and HEADER in request.headers:
            self.post = partial(self._answered_once, handler)

    def _answered_once(
        self, handler: Callable[..., Response], request: Request, *arguments: Any, **named: Any
    ) -> Response:
        asked = _claim(request)
        if asked.status is not None:
            return _replay(asked)
        try:
            with transaction.atomic():
                response = handler(request, *arguments, **named)
                if status.is_success(response.status_code):
                    request_answer(asked=asked, answer=self._kept(response))
                    return response
                transaction.set_rollback(True)
        except Exception:
            request_release(asked=asked)
            raise
        request_release(asked=asked)
        return response

    def _kept(self, response: Response) -> Answer:
        body = None if self.answers_with_a_secret else JSONRenderer().render(response.data).decode()
        headers = {name: response[name] for name in KEPT_HEADERS if name in response.headers}
        return Answer(status=response.status_code, headers=headers, body=body)


def _claim(request: Request) -> AnsweredRequest:
    key = request.headers[HEADER]
    if not KEY.fullmatch(key):
        message = "Give 1 to 255 visible ASCII characters, such as a UUID."
        raise exceptions.ValidationError({HEADER: [message]})
    token = request.auth if isinstance(request.auth, ApiToken) else None
    try:
        return request_claim(
            user=person_of(request),
            token=token,
            key=key,
            request_sha256=_digest(request),
            now=timezone.now(),
        )
    except KeyTaken as taken:
        raise KeyReused(str(taken)) from taken
    except KeyInFlight as in_flight:
        raise Refused(str(in_flight)) from in_flight


def _digest(request: Request) -> str:
    """Of all that decides what a request asks for."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    digest.update(f"{request.headers.get('If-Match', '')}\n{request.content_type}\n".encode())
    try:
        digest.update(request.body)
    except RawPostDataException:  # only forms are read before
        raise exceptions.UnsupportedMediaType(str(request.content_type)) from None
    return digest.hexdigest()


def _replay(asked: AnsweredRequest) -> Response:
    if asked.body is None:
        raise Refused("This was answered already, with a secret that is told only once.")
    headers = {**asked.headers, "Idempotent-Replayed": "true"}
    body = json.loads(asked.body) if asked.body else None
    return Response(body, status=asked.status, headers=headers)
