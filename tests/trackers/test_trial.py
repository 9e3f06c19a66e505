"""Trying a connection, and what would be sent."""

import datetime as dt
import uuid

import pytest

from findings.ticketing import block
from findings.ticketing.state import DesiredTicket
from tests.workers.fake_tracker import FakeTracker
from workers.ticket_writes import new_issue
from workers.trackers.base import Target
from workers.trackers.trial import Echo, dry_run, trial

NO_ECHO = Echo(has_secret=True, last_received_at=None, refused=0)
STEPS = ["authenticate", "project", "required fields", "transitions", "webhook echo"]


def outcome(lab, target=None, echo=NO_ECHO):
    steps = trial(lab.tracker, target or lab.target, echo)
    assert [step.name for step in steps] == STEPS
    assert all(step.detail for step in steps)
    return [step.is_ok for step in steps]


def test_a_connection_that_works_passes_and_nothing_is_written(lab):
    assert outcome(lab) == [True, True, True, True, None]
    assert lab.fake.writes == []


def test_wrong_credentials_fail_and_leave_the_rest_unknown(lab):
    lab.fake.fails("GET", "", 401, times=9)
    lab.fake.fails("POST", "", 401, times=9)
    assert outcome(lab) == [False, None, None, None, None]


def test_a_project_that_is_not_there_fails(lab):
    target = Target(project="NONE" if lab.is_jira else "acme/none")
    assert outcome(lab, target) == [True, False, None, None, None]


def test_a_failure_of_theirs_is_unknown(lab):
    lab.fake.fails("GET", "/project/OPS" if lab.is_jira else "/repos/acme/ops", 500, times=1)
    steps = outcome(lab)
    assert None in steps[:3]
    assert False not in steps


def test_what_a_field_that_is_required_wants_is_told(lab):
    if not lab.is_jira:
        step = trial(lab.tracker, lab.target, NO_ECHO)[2]
        assert (step.is_ok, step.detail) == (True, "An issue of GitHub needs its title only.")
        return
    wanted = {"name": "Cost centre", "required": True, "hasDefaultValue": False}
    lab.fake.create_fields["customfield_1"] = wanted
    step = trial(lab.tracker, lab.target, NO_ECHO)[2]
    assert (step.is_ok, step.detail) == (
        False,
        "Give values in the route for Cost centre (customfield_1).",
    )
    given = Target(project="OPS", fields={"customfield_1": "77"})
    assert trial(lab.tracker, given, NO_ECHO)[2].is_ok


@pytest.mark.parametrize(
    ("echo", "is_ok"),
    [
        (Echo(has_secret=False, last_received_at=None, refused=3), None),
        (Echo(has_secret=True, last_received_at=None, refused=3), False),
        (
            Echo(
                has_secret=True,
                last_received_at=dt.datetime(2026, 11, 27, tzinfo=dt.UTC),
                refused=3,
            ),
            True,
        ),
    ],
)
def test_deliveries_that_came_are_the_echo(lab, echo, is_ok):
    assert outcome(lab, echo=echo)[-1] is is_ok


def test_a_dry_run_is_what_is_sent_then(lab):
    marker = block.marker_of(uuid.uuid4())
    desired = DesiredTicket(
        marker=marker,
        title="Buckets are public",
        severity="high",
        priority="2",
        due_date=dt.date(2026, 12, 24),
        block="**0 of 1 verified**",
        labels=frozenset({"cairn"}),
    )
    shown = dry_run(lab.tracker, lab.target, desired)
    assert lab.fake.writes == []
    assert not [secret for secret in lab.secrets if secret in str(shown)]
    assert marker in str(shown.body)
    sent_issue = new_issue(desired, lab.tracker.capabilities())
    lab.tracker.create(lab.target, sent_issue)
    request = lab.tracker.create_request(lab.target, sent_issue)
    assert (request.method, request.path, request.body) == (shown.method, shown.path, shown.body)
    sent = next(a for a in lab.fake.asked if a.method == "POST" and a.path.endswith(shown.path))
    assert sent.method == shown.method


def test_an_adapter_that_cannot_tell_says_so():
    desired = DesiredTicket(marker=block.marker_of(uuid.uuid4()), title="x", severity="low")
    with pytest.raises(TypeError, match="cannot tell"):
        dry_run(FakeTracker(), Target(project="x"), desired)
