"""Fixtures of the whole suite: which database, real services, the browser."""

import contextlib
import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from _pytest import runner
from django.conf import settings
from django.db import connection
from kombu import pools

from portal.celery import app as celery_app
from portal.children import stop_child
from tests.databases import (
    BROWSER_FIXTURES,
    is_left_out_on_postgres,
    runs_on_postgres,
    runs_on_sqlite,
)
from tests.services import brokers, portals, postgres, workers

ON_POSTGRES = os.environ.get("CAIRN_TEST_DATABASE") == "postgres"
IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}
SERVICE_FIXTURES = {"broker_url", "postgres_url", "service_environment"}
CHROMIUM = Path("/usr/bin/chromium")
LONGEST = ("/flow/", "/collectors/test_world.py", "/browser/", "/management/", "/emulator/")
"""Parts of paths, longest modules first: so no process ends alone with one of them."""


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    return True if ON_POSTGRES and is_left_out_on_postgres(collection_path) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Marks what the fixtures show.

    On PostgreSQL only tests with a database are worth a run, and Chromium sees no difference.
    The order stays random, but within what takes long and what does not.
    """
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if fixtures & BROWSER_FIXTURES:
            item.add_marker("browser")
        if fixtures & SERVICE_FIXTURES:
            item.add_marker("services")
    runs = runs_on_postgres if ON_POSTGRES else runs_on_sqlite
    chosen = {item: runs(item) for item in items}
    config.hook.pytest_deselected(items=[item for item in items if not chosen[item]])
    items[:] = [item for item in items if chosen[item]]
    items.sort(key=_length)


def pytest_collection_finish() -> None:
    """Thousands of tests stay until the end: the garbage collector need not look at them again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> object:
    return _with_room(runner.pytest_runtest_protocol, item, nextitem)


def _with_room(function: Callable[..., object], *given: object) -> object:
    """Calls it with a megabyte of the interpreter's stack ahead of it.

    CPython keeps frames in chunks of 16 KB, and gives one back as soon as its first frame ends:
    what a loop calls at the edge of one maps and unmaps memory each time. Below a test's many
    frames that took a sixth of the time (python/cpython#142183). A frame that claims a megabyte is
    given a chunk of two.
    """
    return function(*given)


_with_room.__code__ = _with_room.__code__.replace(co_stacksize=2**17 + 2**10)


def _length(item: pytest.Item) -> int:
    found = (place for place, part in enumerate(LONGEST) if part in item.nodeid)
    return next(found, len(LONGEST))


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A directory whose name is short enough for Unix sockets in it."""
    path = Path(tempfile.mkdtemp(prefix="cairn-"))
    yield path
    if "CAIRN_TEST_KEEP" not in os.environ:
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def broker_server() -> Iterator[str]:
    home = Path(tempfile.mkdtemp(prefix="cairn-"))
    server, url = brokers.start_broker(home)
    yield url
    stop_child(server, 5)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def broker_url(broker_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A real, empty broker, to which this process sends its tasks as long as the test runs."""
    brokers.empty(broker_server)
    monkeypatch.setattr(settings, "CELERY_BROKER_URL", broker_server)
    for name in ("broker_url", "broker_read_url", "broker_write_url"):
        monkeypatch.setitem(celery_app.conf.changes, name, broker_server)
    _forget_connections()
    yield broker_server
    _forget_connections()


def _forget_connections() -> None:
    pools.reset()
    celery_app._after_fork()


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[postgres.Cluster]:
    cluster = postgres.start_cluster()
    yield cluster
    cluster.stop()


@pytest.fixture
def postgres_url(postgres_cluster: postgres.Cluster, request: pytest.FixtureRequest) -> str:
    """The URL of an empty PostgreSQL database of this test alone."""
    return postgres_cluster.create(f"test_{abs(hash(request.node.nodeid))}")


@pytest.fixture
def service_environment(
    transactional_db: None, broker_url: str, short_path: Path
) -> dict[str, str]:
    """The environment in which another process works on this test's database and broker."""
    return {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "CAIRN_HOME": str(short_path / "home"),
        "SECRET_KEY": settings.SECRET_KEY,
        "DATABASE_URL": _database_url(),
        "BROKER_URL": broker_url,
        "CAIRN_VISIBILITY_TIMEOUT": "2",
    }


def _database_url() -> str:
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    base, _, _ = os.environ["CAIRN_TEST_DATABASE_URL"].rpartition("/")
    return f"{base}/{database['NAME']}"


@pytest.fixture
def start_worker(
    service_environment: dict[str, str], short_path: Path
) -> Iterator[Callable[..., workers.Worker]]:
    """Starts Celery workers on this test's database and broker, see services/workers.py."""
    with contextlib.ExitStack() as started:
        count = iter(range(1, 100))

        def start(environment: dict[str, str] | None = None, **options: Any) -> workers.Worker:
            whole = {**service_environment, **(environment or {})}
            worker = workers.start_worker(whole, short_path / f"{next(count)}.log", **options)
            started.callback(worker.stop)
            return worker

        yield start


@pytest.fixture
def celery_worker_process(start_worker: Callable[..., workers.Worker]) -> workers.Worker:
    """A running Celery worker for all queues."""
    return start_worker()


@pytest.fixture
def live_portal(service_environment: dict[str, str], short_path: Path) -> Iterator[str]:
    """The address of the portal, behind a real web server, on this test's database and broker."""
    server, url = portals.start_portal(service_environment, short_path / "web.log")
    yield url
    stop_child(server, 5)


@pytest.fixture
def eager_tasks() -> Iterator[None]:
    """Tasks run at once in this process, and their errors are raised here."""
    celery_app.conf.update(task_always_eager=True, task_eager_propagates=True)
    yield
    celery_app.conf.update(task_always_eager=False, task_eager_propagates=False)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium, which also runs as root and asks nothing of the network."""
    if not CHROMIUM.exists():
        message = f"{CHROMIUM} is not installed: apt-get install chromium"
        pytest.fail(message) if IN_CI else pytest.skip(message)
    switches = "no-sandbox disable-gpu disable-quic no-first-run disable-background-networking"
    switches += " disable-component-update disable-sync"
    return {
        **browser_type_launch_args,
        "executable_path": str(CHROMIUM),
        "headless": True,
        "args": [f"--{switch}" for switch in switches.split()],
    }
