"""Many changes in one request, each of which succeeds or fails by itself."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.problems import ProblemSerializer, problem, problem_body

logger = logging.getLogger(__name__)

MOST_ITEMS = 100


class BulkResultSerializer(serializers.Serializer[Any]):
    """What became of one item: ``result`` when its status is 2xx, else ``problem``."""

    index = serializers.IntegerField(help_text="The place of the item in the request, from 0.")
    status = serializers.IntegerField(help_text="As if it had been a request of its own.")
    result = serializers.JSONField(required=False)
    problem = ProblemSerializer(required=False)


class BulkAnswerSerializer(serializers.Serializer[Any]):
    results = BulkResultSerializer(many=True)


def items_of(item: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """The body of a bulk request for the schema: ``@extend_schema(request=items_of(X))``."""
    name = item.__name__.removesuffix("Serializer") + "Items"
    items = serializers.ListSerializer[Any](child=item(), min_length=1, max_length=MOST_ITEMS)
    return inline_serializer(name, {"items": items})


def answer_each(request: Request, act: Callable[[Mapping[str, Any]], Any]) -> Response:
    """Do something with each item of a body ``{"items": [...]}`` of 1 to 100 objects.

    ``act`` is given one item as it came, validates it, changes something and returns what is told
    of it. It runs in a transaction of its own: what it raises undoes that item alone and becomes
    the problem of that item. The answer is 207 with one result an item, in their order::

        @extend_schema(request=items_of(ClaimSerializer), responses={207: BulkAnswerSerializer})
        @action(detail=False, methods=["post"])
        def bulk_claim(self, request):
            return answer_each(request, self._claim)
    """
    results = [_result(index, item, act) for index, item in enumerate(_items(request.data))]
    return Response({"results": results}, status=status.HTTP_207_MULTI_STATUS)


def _items(body: Any) -> list[Any]:
    if not isinstance(body, Mapping) or set(body) != {"items"}:
        raise serializers.ValidationError({"items": ["Give an object with items, and no more."]})
    items = body["items"]
    if not isinstance(items, list) or not 1 <= len(items) <= MOST_ITEMS:
        raise serializers.ValidationError({"items": [f"Give a list of 1 to {MOST_ITEMS} objects."]})
    return items


def _result(index: int, item: Any, act: Callable[[Mapping[str, Any]], Any]) -> dict[str, Any]:
    try:
        if not isinstance(item, Mapping):
            raise serializers.ValidationError("Give an object.")
        with transaction.atomic():
            told = act(item)
    except Exception as error:  # one item's failure, whatever it is, must not hide the others
        return {"index": index, **_failure(error)}
    return {"index": index, "status": status.HTTP_200_OK, "result": told}


def _failure(error: Exception) -> dict[str, Any]:
    answer = problem(error, {})
    if answer is None:
        logger.error("An item of a bulk request failed", exc_info=error)
        code = status.HTTP_500_INTERNAL_SERVER_ERROR
        return {"status": code, "problem": problem_body(code, "Cairn failed. Its log has why.")}
    return {"status": answer.status_code, "problem": answer.data}
