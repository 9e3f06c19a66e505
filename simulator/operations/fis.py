"""AWS Fault Injection Service: the experiments of a region."""

from typing import Any

from simulator.operations.base import Call, operation


@operation("fis", "ListExperiments")
def list_experiments(call: Call) -> dict[str, Any]:
    return call.page(
        call.place.all("fis.experiments"),
        "experiments",
        token_in="nextToken",  # noqa: S106 - the name of a parameter
        token_out="nextToken",  # noqa: S106 - the name of a parameter
        size=2,
        limit_in="maxResults",
        bad_token="ValidationException",  # noqa: S106 - the name of an error
    )
