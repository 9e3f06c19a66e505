"""What a person or a program is told when a request fails: a page, or problem details."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from accounts.requests import request_id
from portal.api.problems import problem_response
from portal.context import UNCOUNTED

FOR_PROGRAMS = ("/api/", "/hooks/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _told(request, 400, str(exception) or _("The request makes no sense."))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _told(request, 403, str(exception) or _("You may not do this."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _told(request, 404, _("There is nothing here, or nothing that you may see."))


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """Asks nothing of the database and of the session: either may be what failed."""
    identity = request_id.get()
    if request.path_info.startswith(FOR_PROGRAMS):
        return problem_response(500, f"Cairn failed. Its log has the cause under {identity}.")
    return HttpResponseServerError(render_to_string("500.html", {"request_id": identity}))


def _told(request: HttpRequest, status: int, detail: str) -> HttpResponse:
    if request.path_info.startswith(FOR_PROGRAMS):
        return problem_response(status, detail)
    told = {"detail": detail, "navigation": UNCOUNTED}
    return render(request, f"{status}.html", told, status=status)
