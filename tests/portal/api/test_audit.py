from datetime import UTC, datetime

import pytest

from accounts.services.audit import audit_record

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def audited(world, api):
    """How many entries of the one that is there lie within a stretch of time."""
    audit_record(actor=None, action="x.y", target=world.ours, before={}, after={}, now=AT)
    caller = api("administrator")

    def within(**query):
        return len(caller.get("audit/", action="x.y", **query).results)

    return within


def test_entries_are_found_by_when_they_were_made(audited):
    assert audited(since="2026-03-02T09:00:00Z") == 1
    assert audited(since="2026-03-02T09:00:01Z") == 0
    assert audited(until="2026-03-02T09:00:00Z") == 0
    assert audited(until="2026-03-02T10:00:00+00:59") == 1


@pytest.mark.parametrize("since", ["0238-08-24T07:22:07+18:56", "1996-01-01T00:00:00-23:59"])
def test_no_zone_is_too_far_for_the_database(audited, since):
    assert audited(since=since) == 1


@pytest.mark.parametrize("since", ["0001-01-01T00:00:00+10:00", "9999-12-31T23:59:59-10:00", "now"])
def test_a_time_that_no_calendar_has_is_refused_by_its_field(api, since):
    told = api("administrator").get("audit/", since=since)
    assert (told.status, list(told.errors)) == (400, ["since"])
