"""Collector of fault experiments."""

from __future__ import annotations

from collections.abc import Iterator

from findings.facts.base import not_told
from findings.facts.fis import Experiment
from workers.collectors.base import Collector, Response, Session, pick, told


@Collector(fact=Experiment, operations=("fis:ListExperiments",))
def experiments(session: Session) -> Iterator[Experiment]:
    for raw in session.items("fis", "list_experiments", "experiments"):
        yield parse_experiment(raw)


def parse_experiment(raw: Response) -> Experiment:
    """Without a mode of its actions an experiment runs them all."""
    untold = not_told(Experiment.kind, "fis:ListExperiments")
    return Experiment(
        id=raw["id"],
        status=pick(raw, "state", "status", default=untold),
        created_at=told(raw, "creationTime", Experiment, "fis:ListExperiments"),
        runs_actions=pick(raw, "experimentOptions", "actionsMode") != "skip-all",
    )
