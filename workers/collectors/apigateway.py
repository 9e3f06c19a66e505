"""Collector of the stages of REST APIs of Amazon API Gateway."""

from __future__ import annotations

from collections.abc import Iterator

from findings.facts.apigateway import Stage
from workers.collectors.base import Collector, Response, Session, pick

ALL_METHODS = "*/*"
PAGE = 500


@Collector(fact=Stage, operations=("apigateway:GetRestApis", "apigateway:GetStages"))
def stages(session: Session) -> Iterator[Stage]:
    client = session.client("apigateway")
    for api in session.items("apigateway", "get_rest_apis", "items", limit=PAGE):
        try:
            found = list(session.items("apigateway", "get_stages", "item", restApiId=api["id"]))
        except client.exceptions.NotFoundException:
            continue  # it was deleted after it was listed
        for raw in found:
            yield parse_stage(raw, api, session.partition, session.region)


def parse_stage(raw: Response, api: Response, partition: str, region: str) -> Stage:
    """A stage is not traced unless it says so. ARNs of API Gateway have no account.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/arn-format-reference.html
    """
    methods = raw.get("methodSettings") or {}
    levels = {key: pick(settings, "loggingLevel") for key, settings in methods.items()}
    general = levels.pop(ALL_METHODS, None)
    path = f"/restapis/{api['id']}/stages/{raw['stageName']}"
    return Stage(
        arn=f"arn:{partition}:apigateway:{region}::{path}",
        api_id=api["id"],
        api_name=api.get("name"),
        name=raw["stageName"],
        tags=(api.get("tags") or {}) | (raw.get("tags") or {}),
        is_tracing_enabled=raw.get("tracingEnabled", False),
        access_log_destination=pick(raw, "accessLogSettings", "destinationArn"),
        logging_level=general,
        method_logging_levels=tuple(sorted({level for level in levels.values() if level})),
    )
