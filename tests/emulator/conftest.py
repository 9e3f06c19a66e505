"""Moto in this process, and moto behind HTTP on a free loopback port."""

import logging
import os
import urllib.request
from contextlib import contextmanager
from functools import cache

import pytest
from moto import backends, mock_aws
from moto.core import utils
from moto.server import ThreadedMotoServer

USER = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "only for tests"}


@pytest.fixture(scope="session", autouse=True)
def directories_read_once():
    """Moto reads its own directory for each request, and those of botocore for each service."""
    modules = tuple(backends.list_of_moto_modules())
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(backends, "list_of_moto_modules", lambda: modules)
        monkeypatch.setattr(utils, "create_loader", cache(utils.create_loader))
        yield


@contextmanager
def environment(**variables):
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


@contextmanager
def moto_in_process():
    with environment(**USER), mock_aws():
        yield


@contextmanager
def moto_over_http(url):
    """An empty world of moto, which boto3 and Cairn find by AWS_ENDPOINT_URL."""
    urllib.request.urlopen(urllib.request.Request(f"{url}/moto-api/reset", method="POST")).close()
    with environment(**USER, AWS_ENDPOINT_URL=url):
        yield


@pytest.fixture(scope="session")
def moto_server():
    """The address of a server of moto, which logs a traceback for all that it lacks."""
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    with environment(MOTO_EC2_LOAD_DEFAULT_AMIS="false"):
        server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
        server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def aws():
    """An empty world of moto in this process."""
    with moto_in_process():
        yield
