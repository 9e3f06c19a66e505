"""Collector of the stages of HTTP and WebSocket APIs of Amazon API Gateway."""

from __future__ import annotations

from collections.abc import Iterator

from findings.facts.apigatewayv2 import ApiStage
from workers.collectors.base import Collector, Response, Session, pick


@Collector(fact=ApiStage, operations=("apigatewayv2:GetApis", "apigatewayv2:GetStages"))
def api_stages(session: Session) -> Iterator[ApiStage]:
    client = session.client("apigatewayv2")
    for api in session.items("apigatewayv2", "get_apis", "Items"):
        try:
            for raw in session.items("apigatewayv2", "get_stages", "Items", ApiId=api["ApiId"]):
                yield parse_api_stage(raw, api, session.partition, session.region)
        except client.exceptions.NotFoundException:
            continue  # it was deleted after it was listed


def parse_api_stage(raw: Response, api: Response, partition: str, region: str) -> ApiStage:
    """ARNs of API Gateway have no account.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/arn-format-reference.html
    """
    path = f"/apis/{api['ApiId']}/stages/{raw['StageName']}"
    return ApiStage(
        arn=f"arn:{partition}:apigateway:{region}::{path}",
        api_id=api["ApiId"],
        api_name=api.get("Name"),
        protocol=api.get("ProtocolType"),
        name=raw["StageName"],
        access_log_destination=pick(raw, "AccessLogSettings", "DestinationArn"),
    )
