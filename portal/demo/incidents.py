"""The two incidents of the demo: what was seen before them, their telling, and the days after."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from rich.console import Console

from accounts.models import Organization, TokenScope
from accounts.services.tokens import token_issue, token_revoke
from findings.checks.base import built_in
from findings.models import Scan
from findings.services.nudges import nudge
from portal.demo import scenario
from portal.demo.client import Api, over_http
from portal.demo.past import look_back
from portal.demo.serving import served
from portal.demo.story import LeftOut, Story, read_story
from portal.demo.telling import Teller
from portal.demo.world import World, steer
from workers.access import process_hub

FOLLOW_GUARDS = "workers.tasks.incidents.follow_guards"
LOOK_SECONDS = 1.0
PATIENCE_SECONDS = 120.0
"""Longer than the minute after which a tick does what a lost message asked for."""


@dataclass(kw_only=True)
class Incidents:
    """The story in one world; `simulator` is its address, `remember` is told its new day."""

    world: World
    simulator: str
    remember: Callable[[int], object] = lambda _day: None
    story: Story = field(default_factory=read_story)

    def begin(self, organization: Organization) -> None:
        """Before anything else is scanned: a look that lies some weeks back. Raises LeftOut."""
        if Scan.objects.filter(organization=organization).exists():
            return
        if self.world.day > 1:
            raise LeftOut("they begin on day 1 of the world.")
        if self.world.faults:
            raise LeftOut("in a world with faults nobody knows what was seen before them.")
        look_back(
            look=self.story.first_look,
            world=self.world,
            url=self.simulator,
            organization=organization,
            hub=process_hub(),
            registry=built_in(),
        )

    def tell(
        self, organization: Organization, console: Console, *, portal: str = ""
    ) -> list[dict[str, Any]]:
        """Tells them through the API at `portal`, or by one of our own; then what became of them.

        Raises LeftOut and OSError.
        """
        self._refuse_without_a_past(organization)
        with nullcontext(portal) if portal else served() as url, _token() as token:
            teller = Teller(
                api=Api(over_http(url), token),
                story=self.story,
                organization=str(organization.uid),
                owner=scenario.USER,
                now=timezone.now(),
            )
            teller.tell()
            if any(teller.unclaimed()):
                self._move_on(organization)
                _await_scans(teller.claim())
                scenario.demo_scan(organization, console, is_shown=False)
            _await_decisions(teller)
            return teller.outcome()

    def _refuse_without_a_past(self, organization: Organization) -> None:
        first = Scan.objects.filter(organization=organization).order_by("requested_at").first()
        now = timezone.now()
        began = min(told.began_at(now) for told in self.story.incidents)
        if first is None or first.requested_at > began:
            raise LeftOut("nothing was scanned before they began.")

    def _move_on(self, organization: Organization) -> None:
        day = self.story.claims_on_day
        if self.world.day < day:
            self.world = steer(self.simulator, day=day)
            self.remember(day)
            scenario.demo_sync(organization)


@contextmanager
def _token() -> Iterator[str]:
    """Of the demo's user, for as long as the incidents are told."""
    issued = token_issue(
        actor=None,
        user=User.objects.get(username=scenario.USER),
        name="incidents of the demo",
        days=1,
        scopes=[TokenScope.READ, TokenScope.INCIDENTS],
        now=timezone.now(),
    )
    try:
        yield issued.plaintext
    finally:
        token_revoke(actor=None, token=issued.token, now=timezone.now())


def _await_scans(uids: list[str]) -> None:
    _await(lambda: not Scan.objects.live().filter(uid__in=uids).exists())


def _await_decisions(teller: Teller) -> None:
    if not any(item["state"] == "claimed" for item in teller.items()):
        return
    nudge(FOLLOW_GUARDS)
    _await(lambda: not any(item["state"] == "claimed" for item in teller.items()))


def _await(is_so: Callable[[], bool]) -> None:
    """What does not become so in time is told as it stands."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so() and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
