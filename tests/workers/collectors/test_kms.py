"""Keys that the customer manages."""

import pytest

from findings.facts.base import GapReason
from tests.workers.collectors.stubbed import StubbedSession
from workers.collectors.kms import keys

PREFIX = "arn:aws:kms:eu-west-1:111111111111:key/"


@pytest.fixture
def session():
    session = StubbedSession()
    yield session
    session.assert_all_asked()


def listing(session, *ids, of_aws=()):
    listed = [{"KeyId": id_, "KeyArn": PREFIX + id_} for id_ in ids]
    session.answer("kms", "list_keys", {"Keys": listed})
    aliases = [{"AliasName": "alias/aws/s3", "TargetKeyId": id_} for id_ in of_aws]
    aliases.append({"AliasName": "alias/shop", "TargetKeyId": ids[-1]})
    session.answer("kms", "list_aliases", {"Aliases": aliases})


def described(session, id_, **members):
    answer = {"KeyMetadata": {"KeyId": id_, **members}}
    session.answer("kms", "describe_key", answer, KeyId=PREFIX + id_)


def test_a_region_without_keys_costs_one_call(session):
    session.answer("kms", "list_keys", {"Keys": []})
    assert list(keys(session)) == []


def test_keys_of_aws_are_left_out_and_not_asked_for_where_an_alias_tells(session):
    listing(session, "a", "b", "c", of_aws=("a",))
    described(session, "b", KeyManager="AWS", KeyState="Enabled")
    described(session, "c", KeyManager="CUSTOMER", KeyState="Disabled")
    assert [(key.arn, key.state) for key in keys(session)] == [(PREFIX + "c", "Disabled")]


def test_a_key_that_is_not_told_is_known_by_its_arn(session):
    listing(session, "a")
    session.refuse("kms", "describe_key", "AccessDeniedException")
    (key,) = keys(session)
    assert (key.arn, key.gaps["state"].reason) == (PREFIX + "a", GapReason.ACCESS_DENIED)


def test_a_state_that_is_left_out_is_not_told(session):
    listing(session, "a")
    described(session, "a")
    (key,) = keys(session)
    assert key.gaps.keys() == {"state"}


def test_a_key_that_was_deleted_meanwhile_is_left_out(session):
    listing(session, "a")
    session.refuse("kms", "describe_key", "NotFoundException")
    assert list(keys(session)) == []
