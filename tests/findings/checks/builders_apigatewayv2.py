"""Stages of HTTP APIs for the tables of the checks."""

from findings.facts.apigatewayv2 import ApiStage
from tests.findings.checks.cases import REGION


def api_stage(name="live", **fields):
    """A stage of an HTTP API that keeps an access log."""
    given = {
        "arn": f"arn:aws:apigateway:{REGION}::/apis/d4e5f6/stages/{name}",
        "api_id": "d4e5f6",
        "api_name": "shop",
        "protocol": "HTTP",
        "access_log_destination": f"arn:aws:logs:{REGION}:111111111111:log-group:access",
    }
    return ApiStage(name=name, **(given | fields))
