"""AWS Lambda: the functions of a region."""

from typing import Any

from simulator.operations.base import Call, operation


@operation("lambda", "ListFunctions")
def list_functions(call: Call) -> dict[str, Any]:
    return call.page(
        call.place.all("lambda.functions"),
        "Functions",
        token_in="Marker",  # noqa: S106 - the name of a parameter
        token_out="NextMarker",  # noqa: S106 - the name of a parameter
        size=2,
        limit_in="MaxItems",
        bad_token="InvalidParameterValueException",  # noqa: S106 - the name of an error
    )
