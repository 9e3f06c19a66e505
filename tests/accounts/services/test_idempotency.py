import datetime as dt

import pytest

from accounts.models.idempotency import KEPT
from accounts.services.idempotency import (
    LEASE,
    Answer,
    ClaimLost,
    KeyInFlight,
    KeyTaken,
    request_answer,
    request_claim,
    request_release,
)
from tests.factories.accounts import NOW, UserFactory

pytestmark = pytest.mark.django_db
ANSWER = Answer(status=201, headers={}, body="{}")
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def claim():
    anna = UserFactory()

    def of(body="a", now=NOW, key="k"):
        return request_claim(user=anna, token=None, key=key, request_sha256=body, now=now)

    return of


def test_an_answer_is_kept_for_a_day(claim):
    request_answer(asked=claim(), answer=ANSWER)
    known = claim(now=NOW + KEPT - SECOND)
    assert (known.status, known.body) == (201, "{}")
    with pytest.raises(KeyTaken):
        claim("b")
    assert claim("b", now=NOW + KEPT).status is None


def test_the_first_has_its_time_and_then_one_other_takes_over(claim):
    first = claim()
    with pytest.raises(KeyInFlight):
        claim(now=NOW + LEASE - SECOND)
    second = claim(now=NOW + LEASE)
    with pytest.raises(KeyInFlight):
        claim(now=NOW + LEASE)
    with pytest.raises(ClaimLost):
        request_answer(asked=first, answer=ANSWER)
    request_release(asked=first)
    request_answer(asked=second, answer=ANSWER)
    assert claim().status == 201


def test_what_was_answered_is_not_released(claim):
    asked = claim()
    request_answer(asked=asked, answer=ANSWER)
    request_release(asked=asked)
    assert claim().status == 201


def test_keys_of_different_people_do_not_meet(claim):
    request_answer(asked=claim(), answer=ANSWER)
    other = request_claim(user=UserFactory(), token=None, key="k", request_sha256="b", now=NOW)
    assert other.status is None
