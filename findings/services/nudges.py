"""Asking for background work by name: its row is there already, this only saves a minute."""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def nudge_on_commit(task: str, *arguments: int | str) -> None:
    """Send a task once the transaction has committed. A failure is logged, never raised."""
    transaction.on_commit(lambda: nudge(task, *arguments), robust=True)


def nudge(task: str, *arguments: int | str) -> None:
    """Send a task now; the minute's sweep finds the work where the broker cannot be reached."""
    try:
        current_app.signature(task, args=arguments).apply_async()
    except OperationalError as error:
        logger.warning("%s%r was not sent: %s", task, arguments, error)
