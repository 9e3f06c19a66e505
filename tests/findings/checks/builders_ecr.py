"""Repositories of images for the tables of the checks."""

from findings.facts.ecr import Repository
from tests.findings.checks.cases import ACCOUNT, REGION


def repository(tag_mutability="MUTABLE", *exclusions, name="shop"):
    return Repository(
        name=name,
        arn=f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{name}",
        tag_mutability=tag_mutability,
        exclusions=exclusions,
    )
