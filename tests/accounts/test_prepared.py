import datetime as dt

import pytest

from accounts.models import Grant
from accounts.models.prepared import SOME_TIME, SOMEBODY, Prepared
from tests.factories.accounts import NOW, GrantFactory, UserFactory

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def grant(db):
    return GrantFactory(user=UserFactory(), expires_at=NOW + HOUR)


def test_each_time_it_finds_what_there_is_of_whom_and_when_it_is_asked(grant):
    active = Grant.objects.filter(expires_at__gt=SOME_TIME, user=SOMEBODY).values_list("pk")
    prepared = Prepared.of(active.order_by())
    other = grant.user_id + 1
    for user, at, found in (
        (grant.user_id, NOW, [(grant.pk,)]),
        (grant.user_id, NOW + HOUR, []),
        (other, NOW, []),
        (grant.user_id, NOW, [(grant.pk,)]),
    ):
        assert prepared.rows({SOMEBODY: user, SOME_TIME: at}) == found
    grant.delete()
    assert prepared.rows({SOMEBODY: grant.user_id, SOME_TIME: NOW}) == []


def test_what_can_match_nothing_is_not_asked(db, django_assert_num_queries):
    prepared = Prepared.of(Grant.objects.filter(pk__in=[]))
    with django_assert_num_queries(0):
        assert prepared.rows({SOME_TIME: NOW}) == []
