"""Collector of the GraphQL APIs of AWS AppSync."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from findings.facts.appsync import GraphqlApi
from findings.facts.base import Gap, not_told
from workers.collectors.base import Collector, Response, Session, pick, told

LIST_APIS = "appsync:ListGraphqlApis"
LIST_SOURCES = "appsync:ListSourceApiAssociations"


@Collector(fact=GraphqlApi, operations=(LIST_APIS, LIST_SOURCES))
def graphql_apis(session: Session) -> Iterator[GraphqlApi]:
    for raw in session.items("appsync", "list_graphql_apis", "graphqlApis"):
        # APIs that other accounts share are listed too.
        if raw.get("owner", session.account) == session.account:
            yield parse_graphql_api(raw, _sources(session, raw))


def _sources(session: Session, raw: Response) -> Response | Gap | None:
    """Of a merged API that is not traced itself."""
    if raw.get("apiType") != "MERGED" or raw.get("xrayEnabled"):
        return None
    client = session.client("appsync")
    api = raw.get("apiId") or raw["arn"].rpartition("/")[2]
    pages = client.get_paginator("list_source_api_associations").paginate(apiId=api)
    try:
        return session.detail(pages.build_full_result)
    except client.exceptions.NotFoundException:
        return not_told(GraphqlApi.kind, LIST_SOURCES, "NotFoundException")


def parse_graphql_api(raw: Response, sources: Response | Gap | None) -> GraphqlApi:
    """An API that does not say otherwise is one of its own, not a merged one."""
    return GraphqlApi(
        arn=raw["arn"],
        name=raw.get("name"),
        type=raw.get("apiType", "GRAPHQL"),
        is_traced=told(raw, "xrayEnabled", GraphqlApi, LIST_APIS),
        sources=None if sources is None else _arns(sources),
    )


def _arns(sources: Response | Gap) -> Any:
    untold = not_told(GraphqlApi.kind, LIST_SOURCES)
    found = pick(sources, "sourceApiAssociationSummaries", default=())
    if isinstance(found, Gap):
        return found
    arns = [one.get("sourceApiArn") for one in found]
    return tuple(sorted(arns)) if all(arns) else untold
