"""AWS AppSync: GraphQL APIs, in `appsync.graphql_apis`; on merged ones hang ARNs as `_sources`."""

from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation

GRAPHQL_APIS = "appsync.graphql_apis"


@operation("appsync", "ListGraphqlApis")
def list_graphql_apis(call: Call) -> dict[str, Any]:
    return _page(call, call.place.all(GRAPHQL_APIS), "graphqlApis")


@operation("appsync", "ListSourceApiAssociations")
def list_source_api_associations(call: Call) -> dict[str, Any]:
    merged = call.place.find(GRAPHQL_APIS, apiId=call.parameters["apiId"])
    if merged is None:
        raise AwsError("NotFoundException", "GraphQL API not found.")
    found = [
        {
            "associationId": call.place.uuid(source),
            "sourceApiId": source.rpartition("/")[2],
            "sourceApiArn": source,
            "mergedApiId": merged["apiId"],
            "mergedApiArn": merged["arn"],
        }
        for source in merged.get("_sources", ())
    ]
    return _page(call, found, "sourceApiAssociationSummaries")


def _page(call: Call, found: list[dict[str, Any]], key: str) -> dict[str, Any]:
    return call.page(
        found,
        key,
        token_in="nextToken",  # noqa: S106 - the name of a parameter
        token_out="nextToken",  # noqa: S106 - the name of a parameter
        size=2,
        limit_in="maxResults",
        bad_token="BadRequestException",  # noqa: S106 - the name of an error
    )
