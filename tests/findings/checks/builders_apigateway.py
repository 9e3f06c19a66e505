"""Stages of REST APIs for the tables of the checks."""

from findings.facts.apigateway import Stage
from tests.findings.checks.cases import REGION


def stage(name="live", **fields):
    """A stage that is not traced and logs its errors."""
    given = {
        "arn": f"arn:aws:apigateway:{REGION}::/restapis/a1b2c3/stages/{name}",
        "api_id": "a1b2c3",
        "api_name": "shop",
        "tags": {},
        "is_tracing_enabled": False,
        "access_log_destination": None,
        "logging_level": "ERROR",
        "method_logging_levels": (),
    }
    return Stage(name=name, **(given | fields))
