"""The OpenAPI document: what all endpoints have in common, and the page that shows it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from portal.api.idempotency import HEADER, AnsweredOnce
from portal.api.problems import CONTENT_TYPE, ProblemSerializer, problem_response
from portal.api.versions import Versioned

KEY = OpenApiParameter(
    HEADER,
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    OpenApiParameter.HEADER,
    description="Sent again with the same key and body, a request is answered alike for a day.",
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="An ETag: 304 while it is so."
)
ETAG = OpenApiParameter(
    "ETag", str, OpenApiParameter.HEADER, response=["200", "201"], description="Its version."
)
ERRORS = {"4XX": "The request cannot be done as it is.", "5XX": "Cairn failed."}


class Described(AutoSchema):
    """Adds to every operation its headers and the form of its errors."""

    def get_override_parameters(self) -> list[Any]:
        found = [*super().get_override_parameters()]
        if isinstance(self.view, AnsweredOnce) and self.method == "POST":
            found.append(KEY)
        if isinstance(self.view, Versioned) and self.view.detail:
            if self.method not in ("GET", "HEAD"):
                found.append(_if_match(self.view))
            elif self.view.action == "retrieve":
                found += [IF_NONE_MATCH, ETAG]
        return found

    def _get_response_bodies(self, *arguments: Any, **named: Any) -> dict[str, Any]:
        found: dict[str, Any] = super()._get_response_bodies(*arguments, **named)
        if isinstance(self.view, Versioned) and self.view.action == "retrieve":
            found["304"] = {"description": "It is as the If-None-Match says."}
        for codes, description in ERRORS.items():
            problem: dict[str, Any] = self._get_response_for_code(  # type: ignore[no-untyped-call]
                ProblemSerializer, codes, [CONTENT_TYPE]
            )
            found[codes] = {**problem, "description": description}
        return found


def _if_match(view: Versioned[Any]) -> OpenApiParameter:
    return OpenApiParameter(
        "If-Match",
        str,
        OpenApiParameter.HEADER,
        required=view.requires_if_match,
        description="The ETag of the detail that the change was decided on: 412 when it is stale.",
    )


@csrf_exempt
def api_docs(request: HttpRequest) -> HttpResponse:
    """The document, to be read and tried out with the session's rights; needs no other host."""
    if request.method not in ("GET", "HEAD"):
        response = problem_response(405, "This is a page to be read.")
        response["Allow"] = "GET, HEAD"
        return response
    return render(request, "api/docs.html")
