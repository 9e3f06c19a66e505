"""Amazon CloudWatch: alarms, their history, and models of anomalies.

A record of `cloudwatch.alarms` is of `_type` MetricAlarm (the default), CompositeAlarm or LogAlarm.
When it went into ALARM is hung on it as `_alarmed_at`; `cloudwatch.deleted_alarms` are names that
only their history still knows.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from simulator.operations.base import Call, operation

ALARMS = "cloudwatch.alarms"
MODELS = "cloudwatch.anomaly_detectors"
TYPES = ("CompositeAlarm", "MetricAlarm", "LogAlarm")
BAD_TOKEN = "InvalidNextToken"  # noqa: S105 - the name of an error
LONGEST_DATA = 4095
Record = dict[str, Any]


def _type(alarm: Record) -> str:
    return str(alarm.get("_type", "MetricAlarm"))


def _wanted_types(call: Call) -> list[str]:
    """Whoever names no type is told of metric alarms only."""
    return call.parameters.get("AlarmTypes") or ["MetricAlarm"]


@operation("cloudwatch", "DescribeAlarms")
def describe_alarms(call: Call) -> dict[str, Any]:
    types = _wanted_types(call)
    names = call.parameters.get("AlarmNames")
    state = call.parameters.get("StateValue")
    prefix = call.parameters.get("AlarmNamePrefix", "")
    found = [
        alarm
        for kind in TYPES
        for alarm in call.place.all(ALARMS)
        if kind in types
        and _type(alarm) == kind
        and (not names or alarm["AlarmName"] in names)
        and state in (None, alarm["StateValue"])
        and alarm["AlarmName"].startswith(prefix)
    ]
    page = call.page(found, "Alarms", size=8, limit_in="MaxRecords", bad_token=BAD_TOKEN)
    alarms = page.pop("Alarms")
    return page | {f"{kind}s": [a for a in alarms if _type(a) == kind] for kind in types}


@operation("cloudwatch", "DescribeAlarmHistory")
def describe_alarm_history(call: Call) -> dict[str, Any]:
    known = call.place.all(ALARMS) + call.place.all("cloudwatch.deleted_alarms")
    items = [
        item
        for alarm in known
        if _type(alarm) in _wanted_types(call)
        and call.parameters.get("AlarmName") in (None, alarm["AlarmName"])
        for item in _history(alarm)
        if _is_wanted(call, item)
    ]
    newest_first = call.parameters.get("ScanBy") != "TimestampAscending"
    items.sort(key=lambda item: (item["Timestamp"], item["AlarmName"]), reverse=newest_first)
    return call.page(
        items, "AlarmHistoryItems", size=20, limit_in="MaxRecords", bad_token=BAD_TOKEN
    )


def _is_wanted(call: Call, item: Record) -> bool:
    kind = call.parameters.get("HistoryItemType")
    start, end = call.parameters.get("StartDate"), call.parameters.get("EndDate")
    at = item["Timestamp"]
    return (
        kind in (None, item["HistoryItemType"])
        and (start is None or at >= start)
        and (end is None or at <= end)
    )


def _history(alarm: Record) -> Iterator[Record]:
    """Each time into ALARM, five minutes of it, and the action that follows."""
    for at in alarm.get("_alarmed_at", ()):
        yield _update(alarm, at, "OK", "ALARM")
        yield {
            "AlarmName": alarm["AlarmName"],
            "AlarmType": _type(alarm),
            "Timestamp": at,
            "HistoryItemType": "Action",
            "HistorySummary": "Successfully executed action",
        }
        yield _update(alarm, at + timedelta(minutes=5), "ALARM", "OK")


def _update(alarm: Record, at: datetime, old: str, new: str) -> Record:
    """A `_wordy` alarm has reasons so long that AWS cuts the data off, in mid-JSON."""
    reason = "Threshold Crossed: 1 datapoint was greater than the threshold (5.0). "
    repeated = reason * (100 if alarm.get("_wordy") else 1)
    data = {
        "version": "1.0",
        "oldState": {"stateValue": old, "stateReason": repeated},
        "newState": {"stateValue": new, "stateReason": repeated},
    }
    return {
        "AlarmName": alarm["AlarmName"],
        "AlarmType": _type(alarm),
        "Timestamp": at,
        "HistoryItemType": "StateUpdate",
        "HistorySummary": f"Alarm updated from {old} to {new}",
        "HistoryData": json.dumps(data)[:LONGEST_DATA],
    }


@operation("cloudwatch", "DescribeAnomalyDetectors")
def describe_anomaly_detectors(call: Call) -> dict[str, Any]:
    """Whoever names no type is told of models of single metrics only."""
    types = call.parameters.get("AnomalyDetectorTypes") or ["SINGLE_METRIC"]
    found = [model for model in call.place.all(MODELS) if _model_type(model) in types]
    return call.page(found, "AnomalyDetectors", size=2, bad_token=BAD_TOKEN)


def _model_type(model: Record) -> str:
    return "METRIC_MATH" if "MetricMathAnomalyDetector" in model else "SINGLE_METRIC"
