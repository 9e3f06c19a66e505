"""Repositories of images."""

import pytest

from findings.facts.base import NotCollected
from tests.workers.collectors.stubbed import StubbedSession
from workers.collectors.ecr import parse_repository, repositories

SHOP = {
    "repositoryName": "shop",
    "repositoryArn": "arn:aws:ecr:eu-west-1:111111111111:repository/shop",
}


def test_all_pages_are_read():
    session = StubbedSession()
    session.answer("ecr", "describe_repositories", {"repositories": [SHOP], "nextToken": "t"})
    other = {"repositories": [SHOP | {"repositoryName": "tools"}]}
    session.answer("ecr", "describe_repositories", other, nextToken="t")
    assert [one.name for one in repositories(session)] == ["shop", "tools"]
    session.assert_all_asked()


def test_exclusions_are_kept_in_order():
    filters = [{"filterType": "WILDCARD", "filter": one} for one in ("latest", "dev-*")]
    found = parse_repository(
        SHOP
        | {
            "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
            "imageTagMutabilityExclusionFilters": filters,
        }
    )
    assert found.tag_mutability == "IMMUTABLE_WITH_EXCLUSION"
    assert found.exclusions == ("dev-*", "latest")


def test_a_setting_that_is_left_out_is_not_known():
    found = parse_repository(SHOP)
    assert found.exclusions == ()
    with pytest.raises(NotCollected, match="ecr:DescribeRepositories"):
        _ = found.tag_mutability
