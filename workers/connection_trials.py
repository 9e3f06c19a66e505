"""Doing the trials of connections that people ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime

from findings.models import ConnectionTrial
from findings.services.connection_trials import trial_desired, trial_finish
from workers.connections import Trackers, connection_test, tracker_for
from workers.trackers.base import Target
from workers.trackers.errors import TrackerError
from workers.trackers.trial import DryRun, dry_run


def trial_run(
    *, trial: ConnectionTrial, clock: Callable[[], datetime], trackers: Trackers = tracker_for
) -> None:
    """Try each step, then see what would be sent. What a tracker does wrong is the answer."""
    target = Target(project=trial.project, issue_type=trial.issue_type, fields=trial.fields)
    steps = connection_test(
        connection=trial.connection, target=target, now=clock(), trackers=trackers
    )
    shown, error = _rehearse(trial, target, trackers)
    trial_finish(
        trial=trial,
        steps=[asdict(step) for step in steps],
        request=asdict(shown) if shown else None,
        error=error,
        now=clock(),
    )


def _rehearse(
    trial: ConnectionTrial, target: Target, trackers: Trackers
) -> tuple[DryRun | None, str]:
    desired = trial_desired(trial)
    if desired is None:
        return None, ""
    try:
        return dry_run(trackers(trial.connection), target, desired), ""
    except (TrackerError, TypeError) as error:
        return None, str(error)
