"""What load balancers and monitoring ask: is it alive, can it work, how much does it do."""

from collections.abc import Callable

import redis
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from kombu.exceptions import OperationalError
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from portal.metrics import queue_sizes, registry


@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Nothing else is asked: a lost database must not restart web servers."""
    return JsonResponse({"status": "ok"})


@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when database and broker answer, else 503; says which of them does not."""
    parts = {"database": _answers(_ask_database), "broker": _answers(queue_sizes)}
    ready = all(state == "ok" for state in parts.values())
    status = "ok" if ready else "not ready"
    return JsonResponse({"status": status, **parts}, status=200 if ready else 503)


@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """Counters in the text format of Prometheus."""
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _answers(ask: Callable[[], object]) -> str:
    try:
        ask()
    except (DatabaseError, OperationalError, redis.RedisError, OSError):
        # The cause may name hosts and users: it is in the log of the part, not in an open answer.
        return "unreachable"
    return "ok"


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
