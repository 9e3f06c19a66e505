"""Facts of AWS Lambda."""

from __future__ import annotations

from findings.facts.base import Fact


class Function(Fact, kind="lambda.function", identity=("name",)):
    """A function, unqualified.

    ``tracing_mode`` is Active or PassThrough. ``layers`` are the names of its layers without
    version. ``edge_function_arn`` is set where the function is a replica that Lambda@Edge made.
    """

    name: str
    arn: str
    runtime: str | None
    package_type: str | None
    tracing_mode: str | None
    layers: tuple[str, ...]
    edge_function_arn: str | None
