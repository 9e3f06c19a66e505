import datetime as dt

import pytest

from findings.models import Alert, Connection
from findings.services.breakers import breaker_close, breaker_open, connection_pause, is_broken
from tests.factories.tickets import NOW, ConnectionFactory

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def connection():
    return ConnectionFactory()


def broken(connection, project="OPS", now=NOW):
    return is_broken(Connection.objects.get(pk=connection.pk), project, now)


def open_(connection, project="", now=NOW):
    return breaker_open(connection=connection, project=project, message="401", now=now) - now


def test_it_waits_twice_as_long_each_time_up_to_an_hour(connection):
    now, waits = NOW, []
    for _ in range(6):
        waits.append(open_(connection, now=now))
        now += waits[-1]
    assert [wait // MINUTE for wait in waits] == [5, 10, 20, 40, 60, 60]


def test_calls_that_were_under_way_together_count_as_one_failure(connection):
    assert open_(connection) == open_(connection) == 5 * MINUTE
    assert Connection.objects.get().failures == 1


def test_a_project_breaks_alone_and_a_connection_with_all_of_its_projects(connection):
    open_(connection, "OPS")
    assert [broken(connection, name) for name in ("OPS", "WEB", "")] == [True, False, False]
    open_(connection)
    assert broken(connection, "WEB")
    assert not broken(connection, "WEB", NOW + 5 * MINUTE)
    assert Alert.objects.active().count() == 2


def test_what_works_again_is_forgotten_with_its_alerts(connection):
    open_(connection, "OPS")
    open_(connection)
    breaker_close(connection=connection, project="OPS", now=NOW)
    assert not broken(connection)
    assert not Alert.objects.active().exists()
    assert Connection.objects.get().health == "healthy"


def test_a_pause_is_no_failure_and_outlasts_the_success_of_another(connection):
    connection_pause(connection=connection, until=NOW + 9 * MINUTE)
    connection_pause(connection=connection, until=NOW + MINUTE)
    breaker_close(connection=connection, project="OPS", now=NOW)
    assert broken(connection, now=NOW + 8 * MINUTE)
    assert not Alert.objects.exists()
