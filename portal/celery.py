"""The Celery application, its queues and its timetable.

Beat only ticks: what is due, and what a dead worker left, is found in rows. A tick that runs
twice or late is harmless.
"""

import os
import pkgutil
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from kombu import Queue

from portal.environment import settings_or_exit
from workers import tasks

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
settings_or_exit()
# Celery would run Django's checks in each of its processes, which reads every page and endpoint,
# and then forget what they say.
os.environ.setdefault("CELERY_SKIP_CHECKS", "true")

# Scans have workers of their own, so that a minute's tick never waits behind them.
SCAN_QUEUES = ("aws", "assess")
OTHER_QUEUES = ("sync", "default")

ROUTES = {
    "workers.tasks.organization.*": {"queue": "sync"},
    "workers.tasks.shards.sweep": {"queue": "default"},
    "workers.tasks.shards.*": {"queue": "aws"},
    "workers.tasks.assessments.*": {"queue": "assess"},
    "workers.tasks.aws_jobs.plan": {"queue": "assess"},
    "workers.tasks.exports.*": {"queue": "assess"},
    "workers.tasks.deliveries.*": {"queue": "assess"},
    "workers.tasks.aws_jobs.advance": {"queue": "sync"},
    "workers.tasks.connections.*": {"queue": "sync"},
    "workers.tasks.tickets.follow": {"queue": "sync"},
    "workers.tasks.webhooks.send": {"queue": "sync"},
    "workers.tasks.notifications.send": {"queue": "sync"},
    "workers.tasks.tickets.push": {"queue": "sync"},
    "workers.tasks.tickets.poll_connection": {"queue": "sync"},
    "workers.tasks.tickets.refresh": {"queue": "assess"},
}
MINUTE, FIVE_MINUTES, QUARTER, HOUR, DAY = 60.0, 300.0, 900.0, 3600.0, 86_400.0
BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "start the scans that are due": {
        "task": "workers.tasks.schedules.tick",
        "schedule": MINUTE,
        "options": {"expires": MINUTE},
    },
    "take up what a dead worker left": {
        "task": "workers.tasks.shards.sweep",
        "schedule": MINUTE,
        "options": {"expires": MINUTE},
    },
    "judge again what time alone may have turned": {
        "task": "workers.tasks.assessments.reassess_due",
        "schedule": QUARTER,
        "options": {"expires": QUARTER},
    },
    "ask for the jobs of AWS that are due": {
        "task": "workers.tasks.aws_jobs.plan",
        "schedule": HOUR,
        "options": {"expires": HOUR},
    },
    "look at the jobs of AWS": {
        "task": "workers.tasks.aws_jobs.poll",
        "schedule": FIVE_MINUTES,
        "options": {"expires": FIVE_MINUTES},
    },
    "let tickets follow what happened to findings": {
        "task": "workers.tasks.tickets.follow",
        "schedule": MINUTE,
        "options": {"expires": MINUTE},
    },
    "bring tickets and their issues to agree": {
        "task": "workers.tasks.tickets.tick",
        "schedule": MINUTE,
        "options": {"expires": MINUTE},
    },
    "ask trackers for what changed": {
        "task": "workers.tasks.tickets.poll",
        "schedule": FIVE_MINUTES,
        "options": {"expires": FIVE_MINUTES},
    },
    "bring tickets to today's owners and environments": {
        "task": "workers.tasks.tickets.refresh",
        "schedule": DAY,
        "options": {"expires": HOUR},
    },
    "let suppressions follow what happens": {
        "task": "workers.tasks.suppressions.follow",
        "schedule": MINUTE,
        "options": {"expires": MINUTE},
    },
    "look at all suppressions again": {
        "task": "workers.tasks.suppressions.renew",
        "schedule": HOUR,
        "options": {"expires": HOUR},
    },
    "let ended scans decide about action items": {
        "task": "workers.tasks.incidents.follow_guards",
        "schedule": MINUTE,
        "options": {"expires": MINUTE},
    },
    "tell webhooks what happened": {
        "task": "workers.tasks.webhooks.tick",
        "schedule": MINUTE,
        "options": {"expires": MINUTE},
    },
    "tell people what concerns them": {
        "task": "workers.tasks.notifications.tick",
        "schedule": MINUTE,
        "options": {"expires": MINUTE},
    },
    "keep how scorecards stand today": {
        "task": "workers.tasks.scorecards.snapshot_all",
        "schedule": HOUR,
        "options": {"expires": HOUR},
    },
    "keep what AWS will forget of deliveries": {
        "task": "workers.tasks.deliveries.record_all",
        "schedule": HOUR,
        "options": {"expires": HOUR},
    },
    "delete what is kept long enough": {
        "task": "workers.tasks.retention.sweep_all",
        "schedule": HOUR,
        "options": {"expires": HOUR},
    },
}

app = Celery("cairn")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_queues = [Queue(name) for name in (*SCAN_QUEUES, *OTHER_QUEUES)]
app.conf.task_default_queue = "default"
app.conf.task_routes = ROUTES
app.conf.beat_schedule = BEAT_SCHEDULE
app.conf.imports = [
    module.name for module in pkgutil.iter_modules(tasks.__path__, f"{tasks.__name__}.")
]


@setup_logging.connect
def keep_logging_of_django(**_: Any) -> None:
    """Being connected is enough: Celery then leaves the logging of settings.py alone."""
