"""Errors of the API as problem details.

Source: RFC 9457, https://www.rfc-editor.org/rfc/rfc9457
"""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from findings.planning import SelectionError
from findings.services.scans import ScanRefused

CONTENT_TYPE = "application/problem+json"


class Refused(exceptions.APIException):
    """What was asked is understood and cannot be done now."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "refused"


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """The response for an error that a view raised; None lets it become a 500."""
    response = exception_handler(_known(error), context)
    if response is None:
        return None
    response.data = _details(response.status_code, response.data)
    response.content_type = CONTENT_TYPE
    return response


@login_not_required
def not_found(request: HttpRequest, _exception: Exception | None = None) -> JsonResponse:
    return JsonResponse(
        _details(404, {"detail": "Not found."}), status=404, content_type=CONTENT_TYPE
    )


def _known(error: Exception) -> Exception:
    if isinstance(error, ScanRefused):
        return Refused(str(error))
    if isinstance(error, SelectionError):
        return exceptions.ValidationError({"selection": [str(error)]})
    if isinstance(error, DjangoValidationError):
        fields = error.message_dict if hasattr(error, "error_dict") else error.messages
        return exceptions.ValidationError(fields)
    if isinstance(error, Http404):
        return exceptions.NotFound()
    return error


def _details(code: int, found: Any) -> dict[str, Any]:
    detail = found.get("detail") if isinstance(found, dict) else None
    problem = {"title": TITLES.get(code, "Error"), "status": code}
    if detail is not None:
        return problem | {"detail": str(detail)}
    return problem | {"detail": "The request has mistakes.", "errors": _errors(found)}


def _errors(found: Any) -> list[dict[str, str]]:
    if isinstance(found, dict):
        return [
            {"field": name, "detail": str(text)}
            for name, texts in found.items()
            for text in _listed(texts)
        ]
    return [{"field": "", "detail": str(text)} for text in _listed(found)]


def _listed(texts: Any) -> list[Any]:
    return texts if isinstance(texts, list) else [texts]


TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Not permitted",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Conflict",
    415: "Unsupported media type",
    429: "Too many requests",
}
