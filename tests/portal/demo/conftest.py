"""The simulated organization of the story, at the instants from which the demo tells it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any

import time_machine

from findings.checks.base import built_in
from portal.demo.story import read_story
from tests.flow.harness import Demo, running_demo

CHECKS = ("config_recorder_recording_all_regions", "cloudformation_stack_status_healthy")


def checks_of_the_story() -> dict[str, Any]:
    """The first look needs no others, and so takes a moment only."""
    return {check: built_in()[check] for check in CHECKS}


@contextmanager
def world_of_the_story(now: datetime, **parts: Any) -> Iterator[Demo]:
    """A world that begins now, whose organization was first read when the first look was taken."""
    with ExitStack() as stack:
        with time_machine.travel(now - read_story().first_look.ago):
            start = running_demo(accounts=24, regions=1, epoch=now, **parts)
            demo = stack.enter_context(start)
        yield demo
