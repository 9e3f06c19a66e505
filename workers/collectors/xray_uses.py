"""Collector of how much was used what X-Ray should see, by the metrics of each service."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from findings.facts.base import not_told
from findings.facts.xray import ResourceUse
from workers.collectors.apigateway import stages
from workers.collectors.base import Collector, Response, Session, in_batches
from workers.collectors.lambda_ import functions

GET_METRICS = "cloudwatch:GetMetricData"
QUERIES_AT_ONCE = 500
WINDOW = timedelta(hours=24)
ON_THE_WAY = timedelta(hours=1)
"""How long traces may take until they are in the graph."""

PERIOD_SECONDS = 3600


class Candidate(NamedTuple):
    """What X-Ray should see, and the metric that counts how often it was used."""

    service: str
    name: str
    namespace: str
    metric: str
    statistic: str
    dimensions: tuple[tuple[str, str], ...]


@Collector(
    fact=ResourceUse,
    operations=(
        "lambda:ListFunctions",
        "apigateway:GetRestApis",
        "apigateway:GetStages",
        "stepfunctions:ListStateMachines",
        GET_METRICS,
    ),
)
def resource_uses(session: Session) -> Iterator[ResourceUse]:
    found = {(one.service, one.name): one for one in candidates(session)}
    start, end = session.now - WINDOW, session.now - ON_THE_WAY
    for batch in in_batches(found.values(), QUERIES_AT_ONCE):
        queries = [_query(number, one) for number, one in enumerate(batch)]
        results = session.items(
            "cloudwatch",
            "get_metric_data",
            "MetricDataResults",
            MetricDataQueries=queries,
            StartTime=start,
            EndTime=end,
        )
        yield from parse_resource_uses(batch, results, start)


def candidates(session: Session) -> Iterator[Candidate]:
    """Replicas of Lambda@Edge are not traced, and an API without a name has no metric."""
    named: tuple[tuple[str, str], ...]
    for function in functions(session):
        if function.tracing_mode == "Active" and function.edge_function_arn is None:
            named = (("FunctionName", function.name),)
            yield Candidate("lambda", function.name, "AWS/Lambda", "Invocations", "Sum", named)
    for stage in stages(session):
        if stage.api_name and stage.is_tracing_enabled:
            named = (("ApiName", stage.api_name), ("Stage", stage.name))
            name = f"{stage.api_name}/{stage.name}"
            # https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
            yield Candidate("apigateway", name, "AWS/ApiGateway", "Count", "SampleCount", named)
    for raw in session.items("stepfunctions", "list_state_machines", "stateMachines"):
        named = (("StateMachineArn", raw["stateMachineArn"]),)
        yield Candidate(
            "stepfunctions", raw["name"], "AWS/States", "ExecutionsStarted", "Sum", named
        )


def _query(number: int, one: Candidate) -> dict[str, Any]:
    return {
        "Id": f"q{number}",
        "MetricStat": {
            "Metric": {
                "Namespace": one.namespace,
                "MetricName": one.metric,
                "Dimensions": [{"Name": name, "Value": value} for name, value in one.dimensions],
            },
            "Period": PERIOD_SECONDS,
            "Stat": one.statistic,
        },
        "ReturnData": True,
    }


def parse_resource_uses(
    asked: Iterable[Candidate], results: Iterable[Response], start: datetime
) -> Iterator[ResourceUse]:
    """A result may come in parts, of which the last says whether it is complete.

    The hour in which the window begins may be told from its beginning: it is left out.
    """
    untold: Any = not_told(ResourceUse.kind, GET_METRICS)
    totals: Counter[str] = Counter()
    ended: dict[str, str | None] = {}
    for result in results:
        number = result.get("Id", "")
        ended[number] = result.get("StatusCode")
        points = zip(result.get("Timestamps") or (), result.get("Values") or (), strict=False)
        totals[number] += sum(int(value) for at, value in points if at >= start)
    for number, one in enumerate(asked):
        is_known = ended.get(f"q{number}") == "Complete"
        requests = totals[f"q{number}"] if is_known else untold
        yield ResourceUse(service=one.service, name=one.name, requests=requests)
