"""Scheduled changes for the tables of the checks."""

from datetime import timedelta

from findings.facts.health import ScheduledChange
from tests.findings.checks.cases import NOW

TYPE = "AWS_LAMBDA_PLANNED_LIFECYCLE_EVENT"


def scheduled_change(starts_in=None, **fields):
    given = {
        "arn": f"arn:aws:health:eu-west-1::event/LAMBDA/{TYPE}/{TYPE}_1",
        "service": "LAMBDA",
        "type": TYPE,
        "region": "eu-west-1",
        "status": "upcoming",
        "starts_at": NOW + (starts_in or timedelta(days=200)),
    }
    return ScheduledChange(**(given | fields))
