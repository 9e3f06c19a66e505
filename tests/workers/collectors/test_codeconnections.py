"""Connections to source providers."""

from tests.workers.collectors.stubbed import StubbedSession
from workers.collectors.codeconnections import connections, parse_connection

ARN = "arn:aws:codeconnections:eu-west-1:111111111111:connection/1"


def test_all_pages_of_connections_are_read():
    session = StubbedSession()
    first = {"ConnectionName": "github", "ConnectionArn": ARN, "ConnectionStatus": "AVAILABLE"}
    page = {"Connections": [first], "NextToken": "more"}
    session.answer("codeconnections", "list_connections", page)
    rest = {"Connections": [{"ConnectionArn": ARN + "2"}]}
    session.answer("codeconnections", "list_connections", rest, NextToken="more")
    assert [found.status for found in connections(session)] == ["AVAILABLE", None]
    session.assert_all_asked()


def test_what_a_connection_does_not_say_is_not_made_up():
    found = parse_connection({"ConnectionArn": ARN})
    assert (found.key, found.name, found.provider, found.status) == (ARN, "", None, None)
