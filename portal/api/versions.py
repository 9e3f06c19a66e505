"""Versions of what details tell: ETag, If-None-Match and If-Match.

Source: RFC 9110, section 13, https://www.rfc-editor.org/rfc/rfc9110#section-13, and RFC 6585.
"""

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model
from django.utils.http import parse_etags, quote_etag
from rest_framework import exceptions, status, viewsets
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

M = TypeVar("M", bound=Model)
TELLS_THE_NOUN = frozenset({"retrieve", "create", "update", "partial_update"})


class PreconditionRequired(exceptions.APIException):
    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_code = "precondition_required"
    default_detail = (
        "Say which version you change: send If-Match with the ETag of the detail that you read."
    )


class PreconditionFailed(exceptions.APIException):
    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "precondition_failed"
    default_detail = "It has changed since you read it. Read it again, then decide again."


def etag_of(told: Any) -> str:
    """The entity tag of a representation, as serializers give it."""
    body: bytes = JSONRenderer().render(told)
    return quote_etag(hashlib.sha256(body).hexdigest()[:32])


class Versioned(viewsets.GenericViewSet[M]):
    """Details carry an ETag, and a change may say which version it was made from.

    Every noun has this from :class:`portal.api.views.NounViewSet`: ``retrieve``, ``create``,
    ``update`` and ``partial_update`` answer with an ETag, If-None-Match is answered by 304, and an
    If-Match that is stale by 412. What a viewset still says:

    - ``requires_if_match = True``: PUT, PATCH, DELETE and actions on a detail without If-Match are
      answered by 428. An action that only adds, such as a comment, opts out with
      ``@action(detail=True, requires_if_match=False)``.
    - an action that answers with the noun itself returns ``self.answer(row)``, which has the ETag.
    - ``represent(row)``, where a detail is more than its serializer.

    The row is locked from the comparison to the end of the change, in one transaction with it.
    """

    requires_if_match = False

    def represent(self, row: M) -> Any:
        """What a detail tells of a row."""
        return self.get_serializer(row).data

    def answer(self, row: M, code: int = status.HTTP_200_OK) -> Response:
        told = self.represent(row)
        return Response(told, status=code, headers={"ETag": etag_of(told)})

    def initial(self, request: Request, *arguments: Any, **named: Any) -> None:
        super().initial(request, *arguments, **named)
        method = str(request.method).lower()
        handler = getattr(self, method, None)
        is_change = self.detail and request.method not in SAFE_METHODS
        if handler and is_change and (self.requires_if_match or "If-Match" in request.headers):
            setattr(self, method, partial(self._if_matched, handler))

    def _if_matched(
        self, handler: Callable[..., Response], request: Request, *arguments: Any, **named: Any
    ) -> Response:
        with transaction.atomic():
            row = self.get_object()
            list(type(row)._default_manager.filter(pk=row.pk).select_for_update())
            _require_match(request, etag_of(self.represent(self.get_object())))
            return handler(request, *arguments, **named)

    @property
    def _tells_the_noun(self) -> bool:
        tells_more = self.action == "create" and getattr(self, "answers_with_a_secret", False)
        return self.action in TELLS_THE_NOUN and not tells_more

    def finalize_response(
        self, request: Request, response: Response, *arguments: Any, **named: Any
    ) -> Response:
        if self._tells_the_noun and response.status_code in (200, 201):
            response.headers.setdefault("ETag", etag_of(response.data))
        response = super().finalize_response(request, response, *arguments, **named)
        if _is_known(request, response):
            response.status_code, response.data = status.HTTP_304_NOT_MODIFIED, None
        return response


def _require_match(request: Request, current: str) -> None:
    given = request.headers.get("If-Match")
    if given is None:
        raise PreconditionRequired
    if given.strip() != "*" and current not in parse_etags(given):
        raise PreconditionFailed


def _is_known(request: Request, response: Response) -> bool:
    if request.method not in ("GET", "HEAD") or "ETag" not in response.headers:
        return False
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in known or response["ETag"] in {tag.removeprefix("W/") for tag in known}
