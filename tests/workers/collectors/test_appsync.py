"""GraphQL APIs."""

import pytest

from findings.facts.base import GapReason
from tests.workers.collectors.stubbed import StubbedSession
from workers.collectors.appsync import graphql_apis, parse_graphql_api

ARN = "arn:aws:appsync:eu-west-1:111111111111:apis/shop"
SHOP = {"arn": ARN, "apiId": "shop", "name": "shop", "xrayEnabled": False}
MERGED = SHOP | {"apiType": "MERGED"}


@pytest.fixture
def session():
    session = StubbedSession()
    yield session
    session.assert_all_asked()


def listed(session, *apis):
    session.answer("appsync", "list_graphql_apis", {"graphqlApis": list(apis)})


def test_apis_that_other_accounts_share_are_left_out(session):
    own = SHOP | {"owner": "111111111111", "xrayEnabled": True}
    listed(session, own, SHOP | {"arn": "arn:b", "owner": "222222222222"})
    (api,) = graphql_apis(session)
    assert (api.key, api.type, api.is_traced, api.sources) == (ARN, "GRAPHQL", True, None)


def test_sources_are_read_of_merged_apis_that_are_not_traced(session):
    listed(session, MERGED, MERGED | {"arn": "arn:b", "xrayEnabled": True})
    pages = [[{"sourceApiArn": "arn:2"}], [{"sourceApiArn": "arn:1"}]]
    method = "list_source_api_associations"
    first = {"sourceApiAssociationSummaries": pages[0], "nextToken": "t"}
    session.answer("appsync", method, first, apiId="shop")
    second = {"sourceApiAssociationSummaries": pages[1]}
    session.answer("appsync", method, second, apiId="shop", nextToken="t")
    assert [api.sources for api in graphql_apis(session)] == [("arn:1", "arn:2"), None]


def test_denied_sources_cost_only_themselves(session):
    listed(session, MERGED)
    session.refuse("appsync", "list_source_api_associations", "AccessDeniedException")
    (api,) = graphql_apis(session)
    assert not api.is_traced
    assert api.gaps["sources"].reason is GapReason.ACCESS_DENIED


def test_sources_of_an_api_that_was_deleted_meanwhile_are_not_known(session):
    listed(session, {"arn": ARN, "apiType": "MERGED", "xrayEnabled": False})
    session.refuse("appsync", "list_source_api_associations", "NotFoundException")
    (api,) = graphql_apis(session)
    assert api.gaps["sources"].code == "NotFoundException"


def test_a_source_without_an_arn_leaves_all_unknown():
    answer = {"sourceApiAssociationSummaries": [{"sourceApiArn": "arn:1"}, {}]}
    assert parse_graphql_api(MERGED, answer).gaps.keys() == {"sources"}


def test_tracing_that_is_left_out_is_not_known():
    assert parse_graphql_api({"arn": ARN}, None).gaps.keys() == {"is_traced"}
