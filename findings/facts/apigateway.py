"""Facts of REST APIs of Amazon API Gateway. HTTP and WebSocket APIs are not among them."""

from __future__ import annotations

from findings.facts.base import Fact


class Stage(Fact, kind="apigateway.stage", identity=("arn",)):
    """A stage of a REST API; two APIs may have the same name, so the ARN tells them apart.

    ``tags`` are those of the stage over those of its API. ``logging_level`` is the level of
    execution logs that holds for all methods (OFF, ERROR or INFO; None where none is set), and
    ``method_logging_levels`` those that some methods have instead. ``access_log_destination`` is
    the ARN of a log group or delivery stream.
    """

    arn: str
    api_id: str
    api_name: str | None
    name: str
    tags: dict[str, str]
    is_tracing_enabled: bool
    access_log_destination: str | None
    logging_level: str | None
    method_logging_levels: tuple[str, ...]
