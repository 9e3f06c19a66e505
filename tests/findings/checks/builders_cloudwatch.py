"""Alarms for the tables of the checks."""

from findings.facts.cloudwatch import Alarm
from tests.findings.checks.cases import ACCOUNT, REGION, ago


def alarm(name="shop-5xx", **fields):
    """A metric alarm that is OK and notifies a topic."""
    given = {
        "arn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}",
        "type": "metric",
        "description": None,
        "actions_enabled": True,
        "alarm_actions": (f"arn:aws:sns:{REGION}:{ACCOUNT}:on-call",),
        "ok_actions": (),
        "insufficient_data_actions": (),
        "configured_at": ago(days=30),
        "metrics": (),
        "expressions": (),
        "threshold_metric_id": None,
        "treat_missing_data": None,
        "children": (),
        "suppressor": None,
        "state": "OK",
        "state_updated_at": ago(days=2),
        "state_transitioned_at": ago(days=2),
        "evaluation_state": None,
        "actions_suppressed_by": None,
    }
    return Alarm(name=name, **(given | fields))
