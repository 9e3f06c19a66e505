"""Amazon API Gateway: HTTP and WebSocket APIs, in `apigatewayv2.apis`, with their `_stages`."""

from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation

APIS = "apigatewayv2.apis"
BAD_TOKEN = "BadRequestException"  # noqa: S105 - the name of an error


@operation("apigatewayv2", "GetApis")
def get_apis(call: Call) -> dict[str, Any]:
    return call.page(call.place.all(APIS), "Items", size=2, bad_token=BAD_TOKEN)


@operation("apigatewayv2", "GetStages")
def get_stages(call: Call) -> dict[str, Any]:
    api = call.place.find(APIS, ApiId=call.parameters["ApiId"])
    if api is None:
        raise AwsError("NotFoundException", "Invalid API identifier specified")
    return call.page(api["_stages"], "Items", size=2, bad_token=BAD_TOKEN)
