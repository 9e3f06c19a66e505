"""Facts of HTTP and WebSocket APIs of Amazon API Gateway."""

from __future__ import annotations

from findings.facts.base import Fact


class ApiStage(Fact, kind="apigatewayv2.stage", identity=("arn",)):
    """A stage of an API of ``protocol`` HTTP or WEBSOCKET.

    ``access_log_destination`` is the ARN of a log group or delivery stream.
    """

    arn: str
    api_id: str
    api_name: str | None
    protocol: str | None
    name: str
    access_log_destination: str | None
