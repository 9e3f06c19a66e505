"""What the simulator says of its organization: where to begin and with which credentials."""

import http.client
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields
from urllib.parse import urlsplit

from portal.supervisor import SOURCE


class BadWorld(Exception):
    """The simulator cannot build such a world; the message says why."""


@dataclass(frozen=True, kw_only=True)
class World:
    """The simulated organization as its management account would describe it."""

    management_account: str
    role_name: str
    external_id: str
    regions: tuple[str, ...]
    epoch: str
    day: int
    faults: tuple[str, ...]
    access_key_id: str
    secret_access_key: str

    @property
    def credentials(self) -> dict[str, str]:
        """Environment variables with which AWS's SDK enters the management account."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
        }


def require_world(arguments: Sequence[str]) -> None:
    """Raises BadWorld, in the words of the simulator, if it refuses these arguments."""
    ended = subprocess.run(  # noqa: S603  our own command line
        [sys.executable, "-m", "simulator", "check", *arguments],
        cwd=SOURCE,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        last = (ended.stderr.strip() or "the simulator does not start").splitlines()[-1]
        raise BadWorld(last.removeprefix("simulator: "))


def read_world(url: str) -> World:
    """Asks the simulator at this address. Raises OSError, also when something else answers."""
    return _world(url, "GET", "health", None)


def steer(url: str, **wanted: int | str) -> World:
    """Moves the world to another `day` or `epoch`. Raises OSError."""
    ((name, value),) = wanted.items()
    return _world(url, "POST", name, json.dumps({name: value}))


def _world(url: str, method: str, name: str, body: str | None) -> World:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request(method, f"/_simulator/{name}", body)
        told = json.load(connection.getresponse())
        lists = {name: tuple(told[name]) for name in ("regions", "faults")}
        return World(**{field.name: told[field.name] for field in fields(World)} | lists)
    except (ValueError, KeyError, TypeError, http.client.HTTPException) as error:
        raise OSError(f"{url} is not the address of a simulator.") from error
    finally:
        connection.close()
