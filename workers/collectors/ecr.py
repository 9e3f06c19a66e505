"""Collector of the private repositories of Amazon ECR."""

from __future__ import annotations

from collections.abc import Iterator

from findings.facts.ecr import Repository
from workers.collectors.base import Collector, Response, Session, told

DESCRIBE = "ecr:DescribeRepositories"


@Collector(fact=Repository, operations=(DESCRIBE,))
def repositories(session: Session) -> Iterator[Repository]:
    for raw in session.items("ecr", "describe_repositories", "repositories"):
        yield parse_repository(raw)


def parse_repository(raw: Response) -> Repository:
    filters = raw.get("imageTagMutabilityExclusionFilters") or ()
    return Repository(
        name=raw["repositoryName"],
        arn=told(raw, "repositoryArn", Repository, DESCRIBE),
        tag_mutability=told(raw, "imageTagMutability", Repository, DESCRIBE),
        exclusions=tuple(sorted(one["filter"] for one in filters)),
    )
