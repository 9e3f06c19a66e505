import time
from datetime import UTC, datetime

import pytest

from tests.workers.aws.scripted import Answer
from workers.aws.engine.timestamps import parse_timestamp

INSTANT = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


@pytest.fixture
def tokyo(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("tokyo")
@pytest.mark.parametrize(
    "written",
    [
        1772368200,
        1772368200.0,
        "1772368200",
        "2026-03-01T12:30:00Z",
        "2026-03-01T12:30:00.000Z",
        "2026-03-01T21:30:00+09:00",
        "2026-03-01T12:30:00",
        "Sun, 01 Mar 2026 12:30:00 GMT",
    ],
)
def test_an_instant_is_the_same_in_every_time_zone(written):
    parsed = parse_timestamp(written)
    assert parsed == INSTANT
    assert parsed.utcoffset().total_seconds() == 0


def test_instants_outside_of_the_c_library_are_read():
    assert parse_timestamp(-62135596800).year == 1
    assert parse_timestamp(253402300799).year == 9999


def test_what_is_no_instant_is_refused():
    with pytest.raises(ValueError, match="not an instant"):
        parse_timestamp("yesterday")


@pytest.mark.usefixtures("tokyo")
def test_clients_read_numbers_as_utc(engine, aws):
    body = '{"Account": {"Id": "1", "JoinedTimestamp": 1772368200}}'
    aws.script = [Answer(body=body)]
    client = engine.clients.get("organizations", "us-east-1", aws.url)
    with engine.caller(allowed={"organizations:DescribeAccount"}).calling():
        joined = client.describe_account(AccountId="111111111111")["Account"]["JoinedTimestamp"]
    assert joined == INSTANT
    assert joined.tzinfo is UTC
