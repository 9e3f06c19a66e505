"""Amazon API Gateway: REST APIs, in `apigateway.rest_apis`, on which `_stages` hang."""

from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation

REST_APIS = "apigateway.rest_apis"


@operation("apigateway", "GetRestApis")
def get_rest_apis(call: Call) -> dict[str, Any]:
    return call.page(
        call.place.all(REST_APIS),
        "items",
        token_in="position",  # noqa: S106 - the name of a parameter
        token_out="position",  # noqa: S106 - the name of a parameter
        size=2,
        limit_in="limit",
        bad_token="BadRequestException",  # noqa: S106 - the name of an error
    )


@operation("apigateway", "GetStages")
def get_stages(call: Call) -> dict[str, Any]:
    api = call.place.find(REST_APIS, id=call.parameters["restApiId"])
    if api is None:
        raise AwsError("NotFoundException", "Invalid API identifier specified")
    return {"item": api["_stages"]}
