"""The pages of listings, with botocore's paginator and without one."""

import re

import boto3
import botocore.session
import pytest
from botocore.exceptions import PaginationError
from botocore.stub import Stubber

from workers.aws.operations import scanner_operations
from workers.aws.pages import TOKENS, pages_of

MORE = re.compile("next.?token|marker", re.IGNORECASE)


def client_of(service, method, *answers):
    """A client that is to be asked as told, and answers so."""
    client = boto3.client(service, "eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
    stubber = Stubber(client)
    for asked, answer in answers:
        stubber.add_response(method, answer, asked)
    stubber.activate()
    return client


@pytest.mark.parametrize(
    ("service", "method", "key"),
    [
        ("events", "list_event_buses", "EventBuses"),
        ("events", "list_rules", "Rules"),
    ],
    ids=["without a paginator", "with one"],
)
def test_all_pages_are_read_with_what_was_asked_for(service, method, key):
    client = client_of(
        service,
        method,
        ({"NamePrefix": "x"}, {key: [{"Name": "x1"}], "NextToken": "2"}),
        ({"NamePrefix": "x", "NextToken": "2"}, {key: [], "NextToken": "3"}),
        ({"NamePrefix": "x", "NextToken": "3"}, {key: [{"Name": "x2"}]}),
    )
    pages = list(pages_of(client, method, NamePrefix="x"))
    assert [found["Name"] for page in pages for found in page[key]] == ["x1", "x2"]


def test_a_listing_that_goes_in_circles_is_not_followed_for_ever():
    again = {"EventBuses": [{"Name": "a"}], "NextToken": "1"}
    client = client_of("events", "list_event_buses", ({}, again), ({"NextToken": "1"}, again))
    with pytest.raises(PaginationError, match="list_event_buses gave the same token twice"):
        list(pages_of(client, "list_event_buses"))


def test_there_is_no_token_that_is_not_followed():
    """Of all that is listed for a scan without a paginator of botocore."""
    session = botocore.session.get_session()
    others = set()
    for operation in scanner_operations():
        service, _, name = operation.partition(":")
        if name in session.get_paginator_model(service)._paginator_config:
            continue
        model = session.get_service_model(service).operation_model(name)
        members = getattr(model.output_shape, "members", ())
        others |= {member for member in members if MORE.fullmatch(member)}
    assert others == set(TOKENS)
