"""Whether anything stands in a region that people run, or that could send traces."""

from __future__ import annotations

from collections.abc import Iterator

from workers.collectors.apigateway import PAGE
from workers.collectors.base import Response, Session, is_without
from workers.collectors.cloudformation import standing_summaries
from workers.collectors.cloudwatch import alarms

OPERATIONS = (
    "cloudformation:ListStacks",
    "cloudwatch:DescribeAlarms",
    "logs:DescribeLogGroups",
    "lambda:ListFunctions",
    "apigateway:GetRestApis",
    "stepfunctions:ListStateMachines",
)
"""Each is asked for in every region for the sake of its own facts."""


def is_idle(session: Session) -> bool:
    """No stack, alarm or log group, and nothing of the kinds in which tracing is switched on.

    Where one of the listings is refused, something may stand.
    """
    listings = (standing_summaries, alarms, _log_groups, _functions, _apis, _state_machines)
    return all(is_without(session, listing) for listing in listings)


def _log_groups(session: Session) -> Iterator[Response]:
    return session.items("logs", "describe_log_groups", "logGroups")


def _functions(session: Session) -> Iterator[Response]:
    return session.items("lambda", "list_functions", "Functions")


def _apis(session: Session) -> Iterator[Response]:
    return session.items("apigateway", "get_rest_apis", "items", limit=PAGE)


def _state_machines(session: Session) -> Iterator[Response]:
    return session.items("stepfunctions", "list_state_machines", "stateMachines")
