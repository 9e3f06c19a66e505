import http.client
import socket
from urllib.parse import urlsplit

import pytest
import urllib3

from simulator.gateway import Gateway
from simulator.server import serve
from simulator.world import World


def test_connections_are_kept(default):
    target = urlsplit(default.url)
    with socket.create_connection((target.hostname, target.port)) as connection:
        for _ in range(2):
            connection.sendall(b"GET /_simulator/calls HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.recv(4096).startswith(b"HTTP/1.1 200")


def test_a_bug_of_the_server_is_logged_and_the_next_call_answered(default, monkeypatch, caplog):
    with monkeypatch.context() as broken:
        broken.setattr(Gateway, "reply", lambda self, request: 1 / 0)
        with pytest.raises(urllib3.exceptions.HTTPError):
            urllib3.request("POST", default.url, retries=False)
    assert "the simulator failed" in caplog.text
    assert default.client("sts").get_caller_identity()


def test_a_truncated_reply_announces_more_than_it_sends(simulator):
    target = urlsplit(simulator(faults=["truncated"]).url)
    scope = f"{World().credentials.access_key_id}/20260101/us-east-1/account/aws4_request"
    connection = http.client.HTTPConnection(target.hostname, target.port)
    headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, Signature=x"}
    connection.request("POST", "/listRegions", "{}", headers)
    with pytest.raises(http.client.IncompleteRead):
        connection.getresponse().read()
    connection.close()


def test_kept_connections_end_with_the_server():
    with urllib3.PoolManager(retries=False) as pool:
        with serve(World(accounts=1)) as url:
            assert pool.request("GET", f"{url}/_simulator/health").status == 200
        with pytest.raises(urllib3.exceptions.HTTPError):
            pool.request("GET", f"{url}/_simulator/health")
