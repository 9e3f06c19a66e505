"""The recorders of configuration that an account runs for itself."""

from __future__ import annotations

from findings.facts.base import Facts
from findings.facts.config import Recorder


def own_recorders(facts: Facts) -> list[Recorder]:
    """Those that no AWS service owns; raises NotCollected where the listing has a gap."""
    return [recorder for recorder in facts.of(Recorder) if recorder.service is None]
