"""Facts of EC2: instances."""

from __future__ import annotations

from findings.facts.base import Fact


class Instance(Fact, kind="ec2.instance", identity=("id",)):
    """An instance in whatever state; one that was terminated is listed for about an hour."""

    id: str
    state: str
    tags: dict[str, str]
