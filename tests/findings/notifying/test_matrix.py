import datetime as dt

import pytest

from findings.notifying.events import EVENTS, Channel, Mode, NotificationEvent, events_for
from findings.notifying.matrix import Matrix, MatrixError
from findings.notifying.timing import due_at

OPENED = NotificationEvent.FINDING_OPENED
ASKED = NotificationEvent.SUPPRESSION_ASKED


def test_every_event_says_how_it_is_called_and_whom_it_concerns():
    assert list(EVENTS) == list(NotificationEvent)
    assert set(events_for(is_team=True)) < set(events_for(is_team=False))


def test_it_is_quiet_before_anybody_chose():
    matrix = Matrix()
    told = [(event, channel) for event in EVENTS for channel in Channel
            if matrix.mode(event, channel) is Mode.INSTANT]  # fmt: skip
    assert {channel for _, channel in told} == {Channel.EMAIL}
    assert len(told) <= len(EVENTS) // 2
    assert OPENED not in dict(told)


def test_what_is_chosen_counts_and_the_rest_keeps_its_default():
    matrix = Matrix.parse({"finding.opened": {"email": "off", "slack": "weekly"}}, is_team=False)
    assert matrix.mode(OPENED, Channel.EMAIL) is Mode.OFF
    assert matrix.mode(OPENED, Channel.SLACK) is Mode.WEEKLY
    assert matrix.mode(ASKED, Channel.EMAIL) is Mode.INSTANT
    assert Matrix.parse(matrix.to_json(), is_team=False) == matrix
    assert Matrix.parse(matrix.whole(), is_team=False).whole() == matrix.whole()


@pytest.mark.parametrize(
    "given",
    [
        [],
        "x",
        {"finding.deleted": {}},
        {"finding.opened": "instant"},
        {"finding.opened": {"pigeon": "instant"}},
        {"finding.opened": {"email": "hourly"}},
        {"finding.opened": {"email": None}},
        {"finding.opened": {"email": {}}},
        {"finding.opened": {"webhook": "daily"}},
        {"finding.opened": {"email": "x" * 100_000}},
    ],
)
def test_what_cannot_be_is_refused_in_few_words(given):
    with pytest.raises(MatrixError) as caught:
        Matrix.parse(given, is_team=False)
    assert len(str(caught.value)) < 1000


def test_a_team_is_not_told_of_what_is_for_people():
    with pytest.raises(MatrixError):
        Matrix.parse({"suppression.asked": {"slack": "instant"}}, is_team=True)


def at(*parts):
    return dt.datetime(*parts, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("mode", "zone", "now", "due"),
    [
        (Mode.INSTANT, "UTC", at(2026, 3, 2, 9), at(2026, 3, 2, 9)),
        (Mode.DAILY, "UTC", at(2026, 3, 2, 7, 59), at(2026, 3, 2, 8)),
        (Mode.DAILY, "UTC", at(2026, 3, 2, 8), at(2026, 3, 3, 8)),
        (Mode.DAILY, "Europe/Paris", at(2026, 3, 2, 7, 30), at(2026, 3, 3, 7)),
        (Mode.DAILY, "Europe/Paris", at(2026, 3, 28, 9), at(2026, 3, 29, 6)),  # summer begins
        (Mode.DAILY, "Pacific/Auckland", at(2026, 3, 2, 9), at(2026, 3, 2, 19)),
        (Mode.WEEKLY, "UTC", at(2026, 3, 2, 7), at(2026, 3, 2, 8)),  # a Monday
        (Mode.WEEKLY, "UTC", at(2026, 3, 2, 8), at(2026, 3, 9, 8)),
        (Mode.WEEKLY, "UTC", at(2026, 3, 4, 8), at(2026, 3, 9, 8)),
        (Mode.WEEKLY, "Pacific/Auckland", at(2026, 3, 1, 20), at(2026, 3, 8, 19)),
    ],
)
def test_a_digest_is_told_in_the_readers_morning(mode, zone, now, due):
    assert due_at(mode, now=now, zone=zone) == due
