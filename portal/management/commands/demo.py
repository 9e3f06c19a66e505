"""`manage.py demo`: Cairn over a simulated AWS Organization, in one command.

It begins a second time in an environment of its own, so that no setting, credential or database of
a real Cairn can be reached from it.
"""

import json
import os
import sys
from argparse import SUPPRESS, ArgumentParser
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import CommandError
from django.core.management.base import BaseCommand
from django.utils import timezone
from rich.console import Console

from accounts.services.organization_sync import SnapshotRefused
from findings.models import Scan
from findings.selectors.summary import truth
from findings.services.scans import ScanRefused
from portal import processes
from portal.demo import place, scenario
from portal.demo.world import World, read_world
from portal.home import Occupied, occupied
from portal.management.commands.up import address, migrate
from portal.ports import free_port, listen
from portal.scan_summary import scan_summary
from portal.supervisor import NotReady, Supervisor, stopped_by_signals
from workers.aws.sessions import AccessError

SIMULATOR_PORT = 5555


class Command(BaseCommand):
    help = "Shows Cairn with a simulated AWS Organization, until Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("--once", action="store_true", help="scan, say what was found and end")
        add("--json", action="store_true", help="end with one JSON object on standard output")
        add("--keep", action="store_true", help="go on with the database of the last demo")
        add("--day", type=int, default=1, help="the day of the simulated world, from 1")
        add("--accounts", type=int, default=24)
        add("--regions", type=int, default=3)
        add("--fault", action="append", default=[], metavar="SPEC", help="may be repeated")
        add("--port", type=int, default=8000, help="of the portal; any other if taken")
        add("--attach", action="store_true", help="use the simulator and workers that run already")
        add("--stop-with-parent", action="store_true", help="end when make ends")
        add("--prepared", type=Path, help=SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["attach"] and options["prepared"] != settings.HOME:
            begin_apart(settings.HOME)
        console = Console(file=sys.stderr if options["json"] else sys.stdout, highlight=False)
        try:
            with stopped_by_signals():
                if options["attach"]:
                    self._attach(console, as_json=options["json"])
                    return
                with occupied(settings.HOME):
                    self._run(console, options)
        except (Occupied, PortTaken):
            # Another was faster between our choice and its use: choose again.
            begin_apart(settings.HOME.parent)
        except (AccessError, NotReady, OSError, ScanRefused, SnapshotRefused) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            console.print("The demo has stopped.")

    def _run(self, console: Console, options: dict[str, Any]) -> None:
        if not options["keep"]:
            place.forget(settings.HOME)
        logs, parent = settings.HOME / "logs", options["stop_with_parent"]
        write = partial(console.print, markup=False, soft_wrap=True)
        with (
            listen("127.0.0.1", 0 if options["once"] else options["port"]) as listener,
            Supervisor(logs, write, stop_with_parent=parent) as supervisor,
        ):
            world = start_world(supervisor, options)
            migrate()
            served = [] if options["once"] else [processes.web(listener, settings.WEB_THREADS)]
            workers = [processes.scan_worker(settings.WORKER_PROCESSES), processes.other_worker()]
            supervisor.start([*workers, processes.beat(settings.HOME), *served])
            password = scenario.demo_user()
            if served:
                greet(console, address(listener), password)
            scan = scenario.demo_scan(scenario.demo_organization(world), console)
            self._tell(console, scan, as_json=options["json"])
            if served:
                greet(console, address(listener), password)
                supervisor.wait()

    def _attach(self, console: Console, *, as_json: bool) -> None:
        world = read_world(simulator_url())
        show_password(console, scenario.demo_user())
        scan = scenario.demo_scan(scenario.demo_organization(world), console)
        self._tell(console, scan, as_json=as_json)

    def _tell(self, console: Console, scan: Scan, *, as_json: bool) -> None:
        console.print(
            truth(User.objects.get(username=scenario.USER), timezone.now()), soft_wrap=True
        )
        if as_json:
            self.stdout.write(json.dumps(scan_summary(scan)))
            self.stdout.flush()
        if scan.state == Scan.State.FAILED:
            raise CommandError(f"The scan failed: {scan.error}")


class PortTaken(Exception):
    """Another program listens where the simulator was to listen."""


def begin_apart(homes: Path) -> None:
    """Begins this command again in an environment and a home of its own; does not return."""
    home = place.free_home(homes)
    apart = place.environment(
        os.environ,
        settings=settings.ENVIRONMENT_NAMES,
        home=home,
        simulator=free_port(SIMULATOR_PORT),
    )
    command = [sys.executable, *sys.argv, f"--prepared={home}"]
    os.execve(sys.executable, command, apart)  # noqa: S606  our own command line


def start_world(supervisor: Supervisor, options: dict[str, Any]) -> World:
    """Starts broker and simulator; from here on this process has the simulator's credentials."""
    url = simulator_url()
    port = int(url.rpartition(":")[2])
    remembered = settings.HOME / "epoch"
    arguments = [f"--{name}={options[name]}" for name in ("day", "accounts", "regions")]
    arguments += [f"--fault={spec}" for spec in options["fault"]]
    if remembered.exists():
        arguments.append(f"--epoch={remembered.read_text(encoding='utf-8')}")
    try:
        supervisor.start(
            [processes.embedded_broker(settings.HOME), processes.simulator(port, arguments)]
        )
    except NotReady as error:
        if free_port(port) != port:
            raise PortTaken from error
        raise
    world = read_world(url)
    # A later day of the same world, with --keep, counts from the same moment.
    remembered.write_text(world.epoch, encoding="utf-8")
    os.environ.update(world.credentials)
    return world


def simulator_url() -> str:
    if not settings.AWS_ENDPOINT_URL:
        raise CommandError("Set CAIRN_AWS_ENDPOINT_URL to the address of a simulator.")
    return str(settings.AWS_ENDPOINT_URL)


def greet(console: Console, url: str, password: str) -> None:
    console.print(f"Cairn is at {url}")
    show_password(console, password)


def show_password(console: Console, password: str) -> None:
    console.print(f"Sign in as {scenario.USER} with the password {password}", markup=False)
