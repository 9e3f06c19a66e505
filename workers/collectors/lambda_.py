"""Collector of Lambda functions. Their variables and code are not read into facts."""

from __future__ import annotations

from collections.abc import Iterator

from findings.facts.lambda_ import Function
from workers.collectors.base import Collector, Response, Session, pick, told


@Collector(fact=Function, operations=("lambda:ListFunctions",))
def functions(session: Session) -> Iterator[Function]:
    for raw in session.items("lambda", "list_functions", "Functions"):
        yield parse_function(raw)


def parse_function(raw: Response) -> Function:
    layers = (layer_name(layer.get("Arn", "")) for layer in raw.get("Layers") or ())
    return Function(
        name=raw["FunctionName"],
        arn=told(raw, "FunctionArn", Function, "lambda:ListFunctions"),
        runtime=raw.get("Runtime"),
        package_type=raw.get("PackageType"),
        tracing_mode=pick(raw, "TracingConfig", "Mode"),
        layers=tuple(sorted(layers)),
        edge_function_arn=raw.get("MasterArn"),
    )


def layer_name(arn: str) -> str:
    """The name in ``arn:aws:lambda:region:account:layer:name:version``."""
    return arn.split(":")[6] if arn.count(":") >= 6 else arn
