from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from simulator.facets.alarms import put_alarm
from simulator.facets.composite_alarms import put_composite

MEMBER = "100000000003"
ALL = ["MetricAlarm", "CompositeAlarm", "LogAlarm"]


@pytest.fixture
def place(default):
    place = default.world.place(MEMBER, "eu-west-1")
    place.records.clear()
    return place


@pytest.fixture
def client(default):
    return default.member("cloudwatch", MEMBER, "eu-west-1")


def listed(client, key="MetricAlarms", **parameters):
    pages = client.get_paginator("describe_alarms").paginate(**parameters)
    return [alarm["AlarmName"] for page in pages for alarm in page.get(key, ())]


def test_who_names_no_type_is_told_of_metric_alarms_only(client, place):
    put_alarm(place, "a", ())
    put_composite(place, "b", "ALARM(a)")
    assert listed(client) == ["a"]
    assert listed(client, key="CompositeAlarms") == []
    assert listed(client, key="CompositeAlarms", AlarmTypes=ALL) == ["b"]


def test_alarms_come_in_pages(client, place):
    for number in range(12):
        put_alarm(place, f"a{number}", ())
    assert len(listed(client)) == 12
    assert len(client.describe_alarms()["MetricAlarms"]) == 8


def test_alarms_may_be_asked_for_by_name_prefix_and_state(client, place):
    put_alarm(place, "shop-a", ())
    put_alarm(place, "shop-b", (), StateValue="ALARM")
    put_alarm(place, "other", ())
    assert listed(client, AlarmNames=["other"]) == ["other"]
    assert listed(client, AlarmNamePrefix="shop") == ["shop-a", "shop-b"]
    assert listed(client, StateValue="ALARM") == ["shop-b"]


def test_a_bad_token_is_refused(client):
    with pytest.raises(ClientError, match="InvalidNextToken"):
        client.describe_alarms(NextToken="nonsense")


def history(client, **parameters):
    pages = client.get_paginator("describe_alarm_history").paginate(**parameters)
    return [item for page in pages for item in page["AlarmHistoryItems"]]


def test_history_is_told_newest_first_of_deleted_alarms_too(client, place):
    put_alarm(place, "a", (), _alarmed_at=[place.ago(days=2)])
    place.put("cloudwatch.deleted_alarms", {"AlarmName": "b", "_alarmed_at": [place.ago(days=1)]})
    found = history(client, HistoryItemType="StateUpdate")
    assert [item["AlarmName"] for item in found] == ["b", "b", "a", "a"]
    assert [item["HistorySummary"] for item in found[:2]] == [
        "Alarm updated from ALARM to OK",
        "Alarm updated from OK to ALARM",
    ]


def test_history_may_be_asked_for_by_time_type_and_alarm(client, place):
    at = place.ago(days=2)
    put_alarm(place, "a", (), _alarmed_at=[at])
    put_composite(place, "b", "ALARM(a)", _alarmed_at=[at])
    assert len(history(client)) == 3
    assert len(history(client, AlarmTypes=ALL)) == 6
    assert len(history(client, AlarmTypes=ALL, AlarmName="b")) == 3
    assert len(history(client, StartDate=at, EndDate=at)) == 2
    assert history(client, StartDate=at + timedelta(minutes=6)) == []


def test_long_data_is_cut_off(client, place):
    put_alarm(place, "a", (), _alarmed_at=[place.ago(days=2)], _wordy=True)
    (item, _) = history(client, HistoryItemType="StateUpdate")
    assert len(item["HistoryData"]) == 4095
