import base64

import pytest

from portal import system_checks


def ids(check):
    return [message.id for message in check(None)]


@pytest.fixture
def keys(settings):
    def set_to(*values):
        settings.CREDENTIAL_KEYS = list(values)
        return ids(system_checks.credential_keys)

    return set_to


def test_credential_keys_are_32_bytes_each(keys):
    good = base64.urlsafe_b64encode(bytes(32)).decode()
    assert keys() == keys(good) == []
    assert keys(good, "short") == ["cairn.E001"]
    assert keys("é") == ["cairn.E001"]


@pytest.mark.parametrize(
    ("seconds", "found"), [(99, ["cairn.W001"]), (100, ["cairn.W001"]), (101, [])]
)
def test_a_message_must_not_come_again_while_its_task_runs(settings, seconds, found):
    settings.CELERY_TASK_TIME_LIMIT, settings.VISIBILITY_TIMEOUT = 100, seconds
    assert ids(system_checks.visibility_timeout) == found


@pytest.mark.parametrize(
    ("embedded", "engine", "found"),
    [
        (True, "django.db.backends.sqlite3", []),
        (False, "django.db.backends.postgresql", []),
        (False, "django.db.backends.sqlite3", ["cairn.W002"]),
    ],
)
def test_sqlite_serves_one_machine(settings, monkeypatch, embedded, engine, found):
    settings.EMBEDDED = embedded
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", engine)
    assert ids(system_checks.database_of_many_machines) == found


@pytest.mark.parametrize(
    ("debug", "hosts", "found"),
    [
        (True, ["localhost"], []),
        (True, ["cairn.example.com"], ["cairn.E002"]),
        (False, ["cairn.example.com"], []),
    ],
)
def test_debug_is_for_this_machine_alone(settings, debug, hosts, found):
    settings.DEBUG, settings.ALLOWED_HOSTS = debug, hosts
    assert ids(system_checks.debug_is_local) == found


@pytest.mark.parametrize(
    ("https", "proxy", "found"),
    [
        (True, False, ["cairn.W003"]),
        (True, True, []),
        (False, False, []),
    ],
)
def test_https_needs_somebody_who_tells_of_it(settings, https, proxy, found):
    settings.HTTPS, settings.TRUST_PROXY = https, proxy
    assert ids(system_checks.https_is_known) == found


def test_the_home_must_be_writable(settings, tmp_path):
    settings.EMBEDDED, settings.HOME = True, tmp_path
    assert ids(system_checks.home_is_writable) == []
    settings.HOME = tmp_path / "absent"
    assert ids(system_checks.home_is_writable) == ["cairn.E003"]
