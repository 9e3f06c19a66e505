"""Three days of the demo organization and the answer key, to the row.

The scans are made once; every test looks at one side of what they left.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from accounts.models import Account
from findings.checks.base import Result
from findings.models import (
    CheckStatus,
    Episode,
    Finding,
    FindingEvent,
    RegionState,
    Scan,
    Shard,
)
from findings.services.evidence import evidence_verify
from findings.services.reassessments import results_of
from simulator.answers import Reason, Subject, not_collected
from tests.conftest import ON_POSTGRES
from tests.flow.harness import (
    Demo,
    Statuses,
    answers_of,
    excused,
    for_a_module,
    open_subjects,
    row_counts,
    running_demo,
    statuses_of,
    subject_of,
)

pytestmark = pytest.mark.django_db

MONTH = timedelta(days=30)
PRECEDING = {
    "day 1 again": "day 1",
    "a month later": "day 1 again",
    "day 2": "day 1 again",
    "day 3": "day 2",
}
DAYS = ("day 1", *PRECEDING)
ACCOUNTS, REGIONS = (2, 1) if ON_POSTGRES else (5, 2)
"""Enough for every path to be taken; `collectors/test_world.py` judges the whole organization.

On PostgreSQL it is how things are stored that differs, which fewer accounts show.
"""
MOVING = ("Shard", "CallLog", "Observation", "ScanAccount", "Scan")


@dataclass
class Chapter:
    """One scan: what it said, and what the key says of the same things at the same time."""

    scan: Scan
    at: datetime
    results: list[Result]
    unknowable: set[Subject]
    key: Statuses
    open: set[Subject]

    @cached_property
    def answers(self) -> Statuses:
        """The key without what the world lets nobody know."""
        return {s: status for s, status in self.key.items() if s not in self.unknowable}

    @cached_property
    def said(self) -> Statuses:
        found = statuses_of(self.results)
        return {s: status for s, status in found.items() if s not in self.unknowable}


@dataclass
class Story:
    demo: Demo
    chapters: dict[str, Chapter] = field(default_factory=dict)
    rows: dict[str, Counter[str]] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)

    def scan(self, name: str) -> Chapter:
        before = row_counts()
        scan, now = self.demo.scan(), timezone.now()
        results = list(results_of(scan, now=now))
        unknowable = excused(self.demo.world, results)
        answers = answers_of(self.demo.world, now)
        self.rows[name] = row_counts() - before
        self.chapters[name] = Chapter(scan, now, results, unknowable, answers, open_subjects())
        return self.chapters[name]

    def move_to_day(self, day: int) -> None:
        self.demo.world.move_to_day(day)
        self.demo.sync()


@pytest.fixture(scope="module")
def story(django_db_setup: None, django_db_blocker: Any) -> Iterator[Story]:
    """Day 1, day 1 again, a month later, day 2 and day 3; rolled back at the end."""
    with for_a_module(django_db_blocker), running_demo(accounts=ACCOUNTS, regions=REGIONS) as demo:
        story = Story(demo)
        story.scan("day 1")
        story.kept = unchanging_rows()
        story.scan("day 1 again")
        story.kept = {name: (rows, unchanging_rows()[name]) for name, rows in story.kept.items()}
        look_a_month_ahead(story)
        for day in (2, 3):
            story.move_to_day(day)
            story.scan(f"day {day}")
        yield story


def unchanging_rows() -> dict[str, list[Any]]:
    words = {"message", "parts", "facts_at"}  # of what moves by itself: kept fresh, no news
    fields = [f.attname for f in Finding._meta.concrete_fields if f.attname not in words]
    return {
        "findings": list(Finding.objects.order_by("id").values_list(*fields)),
        "episodes": list(Episode.objects.order_by("id").values()),
        "statuses": list(CheckStatus.objects.order_by("id").values()),
    }


def look_a_month_ahead(story: Story) -> None:
    """A scan in a month, of the same facts but for those that move by themselves; undone after."""
    world, began = story.demo.world, timezone.now()
    with transaction.atomic(), time_machine.travel(began + MONTH):
        world.set_clock(timezone.now())
        story.scan("a month later")
        transaction.set_rollback(True)
    world.set_clock(timezone.now())


def failing(answers: Statuses) -> set[Subject]:
    return {subject for subject, status in answers.items() if status == "fail"}


def differences(chapter: Chapter) -> dict[Subject, tuple[str | None, str | None]]:
    """Where the scan and the key do not say the same: (key, scan)."""
    said, answers = chapter.said, chapter.answers
    return {
        s: (answers.get(s), said.get(s))
        for s in said.keys() | answers.keys()
        if answers.get(s) != said.get(s)
    }


@pytest.mark.parametrize("name", DAYS)
def test_a_scan_says_what_the_key_says_for_every_check_account_region_and_resource(story, name):
    assert differences(story.chapters[name]) == {}


@pytest.mark.parametrize("name", DAYS)
def test_open_findings_are_the_failures_of_the_key(story, name):
    assert story.chapters[name].open == expected_open(story, name)


def expected_open(story: Story, name: str) -> set[Subject]:
    """What fails by the key, and what failed before and cannot be known now."""
    chapter = story.chapters[name]
    unknown = {s for s, status in chapter.answers.items() if status == "unknown"}
    before = PRECEDING.get(name)
    kept = expected_open(story, before) & (unknown | chapter.unknowable) if before else set()
    return failing(chapter.answers) | kept


def test_counts_are_those_of_the_results(story):
    last = story.chapters["day 3"]
    counted: Counter[tuple[str, str]] = Counter()
    for status in CheckStatus.objects.filter(account__state="ACTIVE"):
        numbers = (status.passed, status.failed, status.unknown, status.not_applicable)
        for name, number in zip(
            ("pass", "fail", "unknown", "not_applicable"), numbers, strict=True
        ):
            counted[status.check_id, name] += number
    expected = Counter((result.check, result.status.value) for result in last.results)
    assert +counted == expected


@pytest.mark.parametrize(("before", "after"), [("day 1 again", "day 2"), ("day 2", "day 3")])
def test_the_next_day_opens_and_closes_exactly_what_the_key_says(story, before, after):
    """Of accounts whose state is the same on both days; of others the sync tells."""
    was, now = story.chapters[before], story.chapters[after]
    skipped = was.unknowable | now.unknowable
    steady = accounts_scanned(was.scan) & accounts_scanned(now.scan)
    events = FindingEvent.objects.filter(scan=now.scan).select_related("finding__account")
    seen: dict[str, set[Subject]] = {"opened": set(), "closed": set()}
    for event in events.filter(kind__in=("opened", "returned", "closed")):
        subject = subject_of(event.finding)
        if subject.account in steady and subject not in skipped:
            seen["closed" if event.kind == "closed" else "opened"].add(subject)
    for kind, expected in (
        ("opened", expected_open(story, after) - expected_open(story, before)),
        ("closed", expected_open(story, before) - expected_open(story, after)),
    ):
        assert seen[kind] == {s for s in expected if s.account in steady and s not in skipped}


def accounts_scanned(scan: Scan) -> set[str]:
    entered = scan.scan_accounts.filter(access="")
    return set(entered.values_list("account__account_id", flat=True))


def test_a_close_says_whether_the_fix_was_verified_or_the_thing_has_gone(story):
    now = story.chapters["day 2"]
    causes = {"pass": "verified", "not_applicable": "out_of_scope", None: "resource_gone"}
    closed = FindingEvent.objects.filter(scan=now.scan, kind="closed")
    wrong = {
        subject_of(event.finding): event.cause
        for event in closed.select_related("finding__account")
        if event.cause != causes.get(now.answers.get(subject_of(event.finding)))
    }
    assert wrong == {}


def test_what_failed_was_fixed_and_fails_again_is_a_regression_of_the_same_finding(story):
    first, second, third = (story.chapters[f"day {day}"] for day in (1, 2, 3))
    again = {
        s
        for s in failing(first.answers) & failing(third.answers)
        if second.answers.get(s) == "pass"
    }
    regressed = Episode.objects.filter(opened_by=third.scan, open_cause="regressed")
    assert again
    assert {subject_of(e.finding) for e in regressed} == again
    assert {e.number for e in regressed} == {2}


def test_a_scan_of_nothing_new_adds_its_own_rows_alone(story):
    shards = story.chapters["day 1 again"].scan.shards.count()
    added = story.rows["day 1 again"]
    assert set(added) <= set(MOVING)
    assert (added["Scan"], added["Shard"], added["ScanAccount"]) == (1, shards, ACCOUNTS)
    assert added["Observation"] <= shards
    assert added["CallLog"] <= shards


@pytest.mark.parametrize("name", ["findings", "episodes", "statuses"])
def test_a_scan_of_nothing_new_leaves_rows_as_they_were(story, name):
    before, after = story.kept[name]
    assert before == after


def test_a_month_later_exactly_the_answers_that_depend_on_time_have_turned(story):
    before, later = story.chapters["day 1 again"], story.chapters["a month later"]
    turned = {s for s, status in later.answers.items() if status != before.answers.get(s)}
    said = {s for s, status in later.said.items() if status != before.said.get(s)}
    assert turned
    assert said == turned
    assert later.open == expected_open(story, "a month later")


@pytest.mark.one_database
def test_the_region_that_a_policy_denies_is_out_of_scope_and_shown_as_such(story):
    denied = {
        (entry.account, entry.region)
        for entry in not_collected(story.demo.world)
        if entry.reason is Reason.DENIED_BY_POLICY
    }
    states = RegionState.objects.filter(state="denied_by_policy")
    assert set(states.values_list("account__account_id", "region")) == denied
    counted = set(CheckStatus.objects.values_list("account__account_id", "region"))
    assert not denied & counted
    shards = Shard.objects.filter(state=Shard.State.OUT_OF_SCOPE)
    assert denied <= set(shards.values_list("account__account_id", "region"))


def test_the_evidence_of_every_scan_is_whole(story):
    for scan in Scan.objects.all():
        assert list(evidence_verify(scan=scan)) == []


def test_accounts_of_the_organization_are_all_there(story):
    assert Account.objects.count() >= ACCOUNTS
    assert story.chapters["day 1"].scan.scan_accounts.count() == ACCOUNTS
