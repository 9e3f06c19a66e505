"""Collectors of CloudWatch alarms, of their history and of models of anomalies."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from findings.facts.cloudwatch import Alarm, AlarmMetric, AlarmTransitions, AnomalyDetector
from workers.collectors.base import Collector, Response, Session, is_without, pick, told

ALARM_TYPES = ("MetricAlarm", "CompositeAlarm", "LogAlarm")
NOT_KNOWN = ("ValidationError", "InvalidParameterValue")
HISTORY = timedelta(days=30)

_LISTED_UNDER = {"MetricAlarms": "metric", "CompositeAlarms": "composite", "LogAlarms": "log"}
_NAME = r'"[^"]*"|[^"(),]+'
_CHILD = re.compile(rf"\b(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*({_NAME})\s*\)", re.IGNORECASE)
_CHILDREN = re.compile(
    r"\bAT_LEAST\s*\([^,]+,[^,]+,\s*\(((?:\"[^\"]*\"|[^\"()])*)\)", re.IGNORECASE
)


@Collector(fact=Alarm, operations=("cloudwatch:DescribeAlarms",))
def alarms(session: Session) -> Iterator[Alarm]:
    types = _types(session)
    for key, kind in _LISTED_UNDER.items():
        for raw in _listed(session, key, types):
            yield parse_alarm(raw, kind)


@Collector(
    fact=AlarmTransitions,
    operations=("cloudwatch:DescribeAlarms", "cloudwatch:DescribeAlarmHistory"),
)
def alarm_transitions(session: Session) -> Iterator[AlarmTransitions]:
    types = _types(session)
    names = [raw["AlarmName"] for key in _LISTED_UNDER for raw in _listed(session, key, types)]
    if not names:
        return
    since = session.now - HISTORY
    history = session.items(
        "cloudwatch",
        "describe_alarm_history",
        "AlarmHistoryItems",
        AlarmTypes=types,
        HistoryItemType="StateUpdate",
        StartDate=since,
        EndDate=session.now,
    )
    yield from parse_alarm_transitions(names, history, since)


def _types(session: Session) -> list[str]:
    """The types of alarms that the region knows; whoever names none is told of metric alarms only.

    Log alarms are new: a region or partition without them refuses the whole question.
    """
    try:
        _listed(session, "MetricAlarms", list(ALARM_TYPES))
    except ClientError as error:
        if error.response["Error"]["Code"] not in NOT_KNOWN:
            raise
        return [name for name in ALARM_TYPES if name != "LogAlarm"]
    return list(ALARM_TYPES)


def _listed(session: Session, key: str, types: list[str]) -> Iterator[Response]:
    return session.items("cloudwatch", "describe_alarms", key, AlarmTypes=types)


def parse_alarm(raw: Response, kind: str) -> Alarm:
    queries = raw.get("Metrics", ())
    return Alarm(
        name=raw["AlarmName"],
        arn=told(raw, "AlarmArn", Alarm, "cloudwatch:DescribeAlarms"),
        type=kind,
        description=raw.get("AlarmDescription"),
        actions_enabled=raw.get("ActionsEnabled", True),
        alarm_actions=_sorted(raw.get("AlarmActions")),
        ok_actions=_sorted(raw.get("OKActions")),
        insufficient_data_actions=_sorted(raw.get("InsufficientDataActions")),
        configured_at=raw.get("AlarmConfigurationUpdatedTimestamp"),
        metrics=tuple(_metrics(raw)),
        expressions=tuple(query["Expression"] for query in queries if query.get("Expression")),
        threshold_metric_id=raw.get("ThresholdMetricId"),
        treat_missing_data=raw.get("TreatMissingData"),
        children=children_of(raw.get("AlarmRule", "")),
        suppressor=_alarm_name(raw["ActionsSuppressor"]) if raw.get("ActionsSuppressor") else None,
        state=raw.get("StateValue"),
        state_updated_at=raw.get("StateUpdatedTimestamp"),
        state_transitioned_at=raw.get("StateTransitionedTimestamp"),
        evaluation_state=raw.get("EvaluationState"),
        actions_suppressed_by=raw.get("ActionsSuppressedBy"),
    )


def _sorted(actions: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(sorted(actions or ()))


def _metrics(raw: Response) -> Iterator[AlarmMetric]:
    if raw.get("MetricName"):
        namespace, dimensions = raw.get("Namespace", ""), raw.get("Dimensions", ())
        yield _metric(namespace, raw["MetricName"], dimensions, None)
    for query in raw.get("Metrics", ()):
        if "MetricStat" in query:
            metric = query["MetricStat"]["Metric"]
            dimensions = metric.get("Dimensions", ())
            account = query.get("AccountId")
            namespace, name = metric.get("Namespace", ""), metric.get("MetricName", "")
            yield _metric(namespace, name, dimensions, account)


def _metric(
    namespace: str, name: str, dimensions: Iterable[dict[str, str]], account: str | None
) -> AlarmMetric:
    return AlarmMetric(
        namespace=namespace,
        name=name,
        dimensions={dimension["Name"]: dimension["Value"] for dimension in dimensions},
        account=account,
    )


def children_of(rule: str) -> tuple[str, ...]:
    """Names of the alarms that a composite alarm's rule mentions, sorted.

    The syntax is that of PutCompositeAlarm's AlarmRule: functions of one alarm, and AT_LEAST of a
    list; alarms are given by name or ARN, quoted or not.
    """
    groups = _CHILDREN.findall(rule)
    given = _CHILD.findall(rule) + [name for group in groups for name in re.findall(_NAME, group)]
    names = (_alarm_name(name.strip().strip('"')) for name in given)
    return tuple(sorted({name for name in names if name}))


def _alarm_name(name_or_arn: str) -> str:
    """The name in ``arn:aws:cloudwatch:region:account:alarm:name``; names may hold colons."""
    parts = name_or_arn.split(":", 6)
    is_arn = parts[0] == "arn" and len(parts) == 7
    return parts[6] if is_arn else name_or_arn


def parse_alarm_transitions(
    names: Iterable[str], history: Iterable[Response], since: datetime
) -> Iterator[AlarmTransitions]:
    """History outlives its alarm: what is told of alarms that no longer exist is left out."""
    into: dict[str, dict[str, set[datetime]]] = defaultdict(lambda: defaultdict(set))
    for item in history:
        if state := _new_state(item):
            into[item["AlarmName"]][state].add(item["Timestamp"].astimezone(UTC))
    for name in names:
        yield AlarmTransitions(
            alarm=name,
            known_from=since,
            alarmed_at=tuple(sorted(into[name]["ALARM"])),
            recovered_at=tuple(sorted(into[name]["OK"])),
        )


def _new_state(item: Response) -> str:
    """The state an alarm went into from another, or "".

    Both states are in HistoryData as JSON; a cut-off one leaves the summary.
    """
    try:
        states: dict[str, Any] = json.loads(item.get("HistoryData", ""))
    except ValueError:
        return str(item.get("HistorySummary", "")).rpartition(" to ")[2]
    old = (states.get("oldState") or {}).get("stateValue")
    new = (states.get("newState") or {}).get("stateValue")
    return str(new) if new and new != old else ""


@Collector(
    fact=AnomalyDetector,
    operations=("cloudwatch:DescribeAnomalyDetectors", "cloudwatch:DescribeAlarms"),
)
def anomaly_detectors(session: Session) -> Iterator[AnomalyDetector]:
    """Without an alarm there is none that a model could stand in for."""
    if is_without(session, alarms):
        return
    for raw in session.items(
        "cloudwatch",
        "describe_anomaly_detectors",
        "AnomalyDetectors",
        AnomalyDetectorTypes=["SINGLE_METRIC", "METRIC_MATH"],
    ):
        yield parse_anomaly_detector(raw)


def parse_anomaly_detector(raw: Response) -> AnomalyDetector:
    """Older answers name the one metric at the top; models of metric math name their queries."""
    metric = raw.get("SingleMetricAnomalyDetector") or raw
    queries = pick(raw, "MetricMathAnomalyDetector", "MetricDataQueries", default=())
    subject = ", ".join(map(_query, queries)) if queries else _subject(metric, metric.get("Stat"))
    return AnomalyDetector(subject=subject, state=raw.get("StateValue"))


def _query(raw: Response) -> str:
    stat = raw.get("MetricStat") or {}
    told = raw.get("Expression") or _subject(stat.get("Metric") or {}, stat.get("Stat"))
    return f"{raw.get('Id', '')}={told}"


def _subject(metric: Response, stat: str | None) -> str:
    dimensions = (f"{one['Name']}={one['Value']}" for one in metric.get("Dimensions") or ())
    given = (metric.get("AccountId"), metric.get("Namespace"), metric.get("MetricName"), stat)
    return " ".join((*filter(None, given), *sorted(dimensions)))
