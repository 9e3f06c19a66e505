"""Collector of EC2 instances."""

from __future__ import annotations

from collections.abc import Iterator

from findings.facts.base import Gap, GapReason
from findings.facts.ec2 import Instance
from workers.collectors.base import Collector, Response, Session, pick, tags_of

NO_STATE = Gap(kind=Instance.kind, reason=GapReason.NOT_SUPPLIED, operation="ec2:DescribeInstances")


@Collector(fact=Instance, operations=("ec2:DescribeInstances",))
def instances(session: Session) -> Iterator[Instance]:
    for reservation in session.items("ec2", "describe_instances", "Reservations"):
        for raw in reservation.get("Instances") or ():
            yield parse_instance(raw)


def parse_instance(raw: Response) -> Instance:
    return Instance(
        id=raw["InstanceId"],
        state=pick(raw, "State", "Name", default=NO_STATE),
        tags=tags_of(raw.get("Tags") or ()),
    )
