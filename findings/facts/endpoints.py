"""Facts of what an account shows to the internet."""

from __future__ import annotations

from findings.facts.base import Fact, Scope


class PublicEndpoint(Fact, kind="endpoints.public_endpoint", identity=("type", "name")):
    """A load balancer, classic load balancer, REST API or HTTP API that the internet reaches.

    APIs are named by their ids, since their names need not differ.
    """

    type: str
    name: str


class Distribution(
    Fact, kind="endpoints.distribution", scope=Scope.ACCOUNT, identity=("domain_name",)
):
    """A distribution of CloudFront."""

    domain_name: str
    is_enabled: bool
