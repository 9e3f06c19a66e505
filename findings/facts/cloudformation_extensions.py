"""Facts of the CloudFormation registry: public extensions that a region uses."""

from __future__ import annotations

from findings.facts.base import Fact


class Extension(Fact, kind="cloudformation.extension", identity=("type", "name")):
    """A public extension of a third party that is activated in the region.

    ``type`` is RESOURCE, MODULE or HOOK; ``name`` is what it is called here, an alias perhaps.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_TypeSummary.html
    """

    type: str
    name: str
    publisher: str | None
    used_version: str
    latest_version: str
