"""Facts of AWS AppSync."""

from __future__ import annotations

from findings.facts.base import Fact


class GraphqlApi(Fact, kind="appsync.graphql_api", identity=("arn",)):
    """A GraphQL API of the account; two may have the same name, so the ARN tells them apart.

    ``type`` is GRAPHQL or MERGED. ``sources`` are the ARNs of the APIs that a merged one is made
    of; they are read of merged APIs that are not traced themselves, and None for all others.
    """

    arn: str
    name: str | None
    type: str | None
    is_traced: bool
    sources: tuple[str, ...] | None
