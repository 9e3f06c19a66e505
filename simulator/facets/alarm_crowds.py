"""Regions with so many alarms that they should be grouped, or watch bands instead of thresholds.

The name of the facet lets it be built after all that put alarms; every place is judged by what
stands there then.
"""

from typing import Any

from simulator.facets.alarms import put_alarm
from simulator.facets.base import RARELY, Facet
from simulator.facets.composite_alarms import put_composite
from simulator.facets.stack_records import is_unused
from simulator.facets.topics import put_topic
from simulator.operations.cloudwatch_alarms import ALARMS, MODELS
from simulator.places import Place, Record

crowds = Facet("watching.crowds")

GROUPED = "cloudwatch_composite_alarms_used"
ANOMALIES = "cloudwatch_anomaly_detection_used"
MANY = 25


def _acting(place: Place) -> list[Record]:
    """Metric alarms that do more than drive scaling."""
    metric = [alarm for alarm in place.all(ALARMS) if "_type" not in alarm]
    return [a for a in metric if any(":autoscaling:" not in arn for arn in a["AlarmActions"])]


def _fill(place: Place, acting: int) -> None:
    """Alarms until so many of metrics act."""
    for number in range(acting - len(_acting(place))):
        put_alarm(place, f"worker-{number:02}")


def _expect(place: Place) -> None:
    alarms, models = place.all(ALARMS), place.all(MODELS)
    composites = [alarm for alarm in alarms if alarm.get("_type") == "CompositeAlarm"]
    grouped = any(alarm["AlarmActions"] for alarm in composites)
    has_band = any(alarm.get("ThresholdMetricId") for alarm in alarms)
    trained = any(model["StateValue"] == "TRAINED" for model in models)
    is_noisy = len(_acting(place)) > MANY
    place.expect(GROUPED, _verdict(grouped) if is_noisy else "not_applicable")
    is_large = len(alarms) >= MANY
    place.expect(ANOMALIES, _verdict(has_band or trained) if is_large else "not_applicable")


def _verdict(holds: bool) -> str:
    return "pass" if holds else "fail"


def _model(place: Place, state: str, **subject: Any) -> None:
    if not is_unused(place):
        place.put(MODELS, {"StateValue": state, "Configuration": {}, **subject})


def _single(name: str) -> dict[str, Any]:
    """Told twice, as AWS does: at the top and as a model of a single metric."""
    metric = {
        "Namespace": "AWS/ApplicationELB",
        "MetricName": name,
        "Dimensions": [{"Name": "LoadBalancer", "Value": "app/shop/0a1b2c3d4e5f6a7b"}],
        "Stat": "Sum",
    }
    return {**metric, "SingleMetricAnomalyDetector": metric}


@crowds.variant(
    "few",
    characters={"ordinary": 30, "exemplary": 30, "neglected": 30, "new": 30, "locked_down": 30},
)
def few(place: Place) -> None:
    """No more alarms than others have put, and a model that does not matter."""
    _model(place, "TRAINED", **_single("RequestCount"))
    _expect(place)


@crowds.variant("noisy", characters={"neglected": 6, "new": 3})
def noisy(place: Place) -> None:
    """One more than need not be grouped; models that have not learned yet."""
    _fill(place, MANY + 1)
    _model(place, "PENDING_TRAINING", **_single("RequestCount"))
    _model(place, "TRAINED_INSUFFICIENT_DATA", **_single("HTTPCode_Target_5XX_Count"))
    _expect(place)


@crowds.variant("grouped", characters={"exemplary": 3, "locked_down": 3})
def grouped(place: Place) -> None:
    """As many, under a composite alarm; a model of metric math, which only some are told of."""
    _fill(place, MANY + 1)
    put_composite(place, "workers", "ALARM(worker-00)", (put_topic(place, "on-call"),))
    queries = [
        {"Id": "e1", "Expression": "m1 / 60"},
        {
            "Id": "m1",
            "MetricStat": {
                "Metric": {"Namespace": "AWS/SQS", "MetricName": "NumberOfMessagesSent"},
                "Period": 60,
                "Stat": "Sum",
            },
        },
    ]
    _model(place, "TRAINED", MetricMathAnomalyDetector={"MetricDataQueries": queries})
    _expect(place)


@crowds.variant("at_the_limit", characters=RARELY)
def at_the_limit(place: Place) -> None:
    """As many as need not be grouped: enough to expect bands."""
    _fill(place, MANY)
    _expect(place)


@crowds.variant("banded", characters=RARELY)
def banded(place: Place) -> None:
    """One alarm watches a band; the composite alarm above the others is silent."""
    _fill(place, MANY)
    put_composite(place, "workers", "ALARM(worker-00)")
    put_alarm(
        place,
        "worker-load",
        MetricName=None,
        Namespace=None,
        Statistic=None,
        Dimensions=None,
        Period=None,
        Threshold=None,
        ComparisonOperator="GreaterThanUpperThreshold",
        ThresholdMetricId="band",
        Metrics=[
            {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(load, 2)"},
            {
                "Id": "load",
                "MetricStat": {
                    "Metric": {"Namespace": "AWS/SQS", "MetricName": "NumberOfMessagesSent"},
                    "Period": 300,
                    "Stat": "Sum",
                },
            },
        ],
    )
    _expect(place)
