"""Errors of the API as problem details.

Source: RFC 9457, https://www.rfc-editor.org/rfc/rfc9457
"""

from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import NON_FIELD_ERRORS
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions, serializers, status
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler

from findings.planning import SelectionError
from findings.scheduling import ScheduleError
from findings.services.action_items import ActionItemRefused
from findings.services.analyses import AnalysisConflict
from findings.services.attestations import AttestationIsOver
from findings.services.connection_trials import TrialRefused
from findings.services.connection_upkeep import ConnectionRefused
from findings.services.declared_tools import ToolIsOver
from findings.services.exports import ExportRefused
from findings.services.notification_messages import NotificationRefused
from findings.services.scans import ScanRefused
from findings.services.suppressions import SuppressionRefused
from findings.services.tickets import TicketRefused
from findings.services.workflow import WorkflowError
from findings.ticketing.selector import RouteSelectorError

CONTENT_TYPE = "application/problem+json"
REFUSALS = (
    AttestationIsOver,
    ConnectionRefused,
    ExportRefused,
    NotificationRefused,
    ScanRefused,
    SuppressionRefused,
    ToolIsOver,
    TicketRefused,
    TrialRefused,
    WorkflowError,
    AnalysisConflict,
    ActionItemRefused,
    TicketRefused,
)
OF_NO_FIELD = (NON_FIELD_ERRORS, api_settings.NON_FIELD_ERRORS_KEY)


class FieldErrorSerializer(serializers.Serializer[Any]):
    field = serializers.CharField(
        allow_blank=True, help_text="Its path, as in selection.accounts; empty: of no field alone."
    )
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """An error, in the form of RFC 9457."""

    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = FieldErrorSerializer(many=True, required=False)  # type: ignore[assignment]  # a field


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


def problem_response(code: int, detail: str) -> JsonResponse:
    """The same for what goes wrong before or outside of the views."""
    return JsonResponse(problem_body(code, detail), status=code, content_type=CONTENT_TYPE)


def problem_body(code: int, detail: str) -> dict[str, Any]:
    return _details(code, {"detail": detail})


@csrf_exempt
@login_not_required
def not_found(request: HttpRequest) -> JsonResponse:
    """Every address below /api/ that is none."""
    slash = "" if request.path.endswith("/") else " Addresses end with a slash."
    return problem_response(404, f"Nothing is at this address; the schema lists what is.{slash}")


def _known(error: Exception) -> Exception:
    if isinstance(error, REFUSALS):
        return Refused(str(error))
    if isinstance(error, SelectionError):
        return exceptions.ValidationError({"selection": [str(error)]})
    if isinstance(error, RouteSelectorError):
        return exceptions.ValidationError({"selector": [str(error)]})
    if isinstance(error, ScheduleError):
        return exceptions.ValidationError({"cron": [str(error)]})
    if isinstance(error, DjangoValidationError):
        fields = error.message_dict if hasattr(error, "error_dict") else error.messages
        return exceptions.ValidationError(fields)
    if isinstance(error, Http404):
        return exceptions.NotFound()
    return error


def _details(code: int, found: Any) -> dict[str, Any]:
    detail = found.get("detail") if isinstance(found, dict) else None
    problem = {"title": HTTPStatus(code).phrase, "status": code}
    if detail is not None:
        return problem | {"detail": str(detail)}
    return problem | {"detail": "The request has mistakes.", "errors": _errors(found)}


def _errors(found: Any, within: str = "") -> list[dict[str, str]]:
    """Flat, each with the path of its field: ``selection`` or ``selection.accounts``."""
    if isinstance(found, dict):
        return [e for name, inner in found.items() for e in _errors(inner, _path(within, name))]
    if isinstance(found, list):
        return [error for inner in found for error in _errors(inner, within)]
    return [{"field": within, "detail": str(found)}]


def _path(within: str, name: str) -> str:
    own = "" if name in OF_NO_FIELD else str(name)
    return ".".join(part for part in (within, own) if part)
