"""`manage.py demo`: Cairn over a simulated AWS Organization, in one command.

It begins a second time in an environment of its own, so that no setting, credential or database of
a real Cairn can be reached from it.
"""

import json
import os
import sys
from argparse import SUPPRESS, ArgumentParser, BooleanOptionalAction
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import CommandError
from django.core.management.base import BaseCommand
from django.utils import timezone
from rich.console import Console

from accounts.models import Organization
from accounts.services.organization_sync import SnapshotRefused
from findings.models import Scan
from findings.selectors.summary import truth
from findings.services.scans import ScanRefused
from portal import processes
from portal.demo import place, scenario
from portal.demo.incidents import Incidents
from portal.demo.story import LeftOut
from portal.demo.telling import sentences
from portal.demo.world import BadWorld, World, read_world, require_world
from portal.home import Occupied, occupied
from portal.management.commands.up import address, migrate
from portal.ports import free_port, listen, port_number
from portal.scan_summary import scan_summary
from portal.supervisor import NotReady, Supervisor, stopped_by_signals
from workers.aws.sessions import AccessError

SIMULATOR_PORT = 5555
Told = list[dict[str, Any]] | None


class Command(BaseCommand):
    help = "Shows Cairn with a simulated AWS Organization, until Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("--once", action="store_true", help="scan, say what was found and end")
        add("--json", action="store_true", help="end with one JSON object on standard output")
        add("--keep", action="store_true", help="go on with the database of the last demo")
        add("--day", type=int, help="the day of the simulated world, from 1; 1, or as it was left")
        add(
            "--incidents",
            action=BooleanOptionalAction,
            help="tell two incidents, which takes the world to day 3; unless --once",
        )
        add("--accounts", type=int, default=24, help="of the first day, up to 2000; default 24")
        add("--regions", type=int, default=3, help="up to 17; default 3")
        add(
            "--fault",
            action="append",
            default=[],
            metavar="SPEC",
            help="kind[:service[:operation]][@account[/region]][%%rate], for example"
            " throttle:cloudtrail%%30; may be repeated",
        )
        add("--port", type=port_number, default=8000, help="of the portal; any other if taken")
        add("--attach", action="store_true", help="use the simulator and workers that run already")
        add("--stop-with-parent", action="store_true", help="end when make ends")
        add("--prepared", type=Path, help=SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["attach"] and options["prepared"] != settings.HOME:
            refuse_bad_world(options)
            begin_apart(settings.HOME)
        console = Console(file=sys.stderr if options["json"] else sys.stdout, highlight=False)
        try:
            with stopped_by_signals():
                if options["attach"]:
                    self._attach(console, options)
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
            password = scenario.demo_user()
            organization = scenario.demo_organization(world)
            scenario.end_scans(organization)
            story = begin_story(console, organization, world, options)
            served = [] if options["once"] else [processes.web(listener, settings.WEB_THREADS)]
            workers = [processes.scan_worker(settings.WORKER_PROCESSES), processes.other_worker()]
            supervisor.start([*workers, processes.beat(settings.HOME), *served])
            if served:
                greet(console, address(listener), password)
            scan = scenario.demo_scan(scenario.demo_sync(organization), console)
            say_truth(console)
            told = tell_story(console, organization, story) if options["once"] else None
            self._end(scan, told, as_json=options["json"])
            if served:
                greet(console, address(listener), password)
                tell_story(console, organization, story, portal=address(listener))
                supervisor.wait()

    def _attach(self, console: Console, options: dict[str, Any]) -> None:
        world = read_world(simulator_url())
        show_password(console, scenario.demo_user())
        organization = scenario.demo_organization(world)
        story = begin_story(console, organization, world, options)
        scan = scenario.demo_scan(scenario.demo_sync(organization), console)
        say_truth(console)
        told = tell_story(console, organization, story)
        self._end(scan, told, as_json=options["json"])

    def _end(self, scan: Scan, told: Told, *, as_json: bool) -> None:
        if as_json:
            summary = scan_summary(scan) | ({} if told is None else {"incidents": told})
            self.stdout.write(json.dumps(summary))
            self.stdout.flush()
        if scan.state == Scan.State.FAILED:
            raise CommandError(f"The scan failed: {why_failed(scan)}")


class PortTaken(Exception):
    """Another program listens where the simulator was to listen."""


def wanted_world(options: dict[str, Any]) -> list[str]:
    """The arguments of the simulator but for what is remembered of an earlier demo."""
    sizes = [f"--{name}={options[name]}" for name in ("accounts", "regions")]
    return sizes + [f"--fault={spec}" for spec in options["fault"]]


def refuse_bad_world(options: dict[str, Any]) -> None:
    """Before anything starts, and while all is still there that an earlier demo left."""
    day = [] if options["day"] is None else [f"--day={options['day']}"]
    try:
        require_world([*wanted_world(options), *day])
    except BadWorld as error:
        raise CommandError(str(error)) from error


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
    remembered = {name: place.remembered(settings.HOME, name) for name in ("epoch", "day")}
    day = remembered["day"] or 1 if options["day"] is None else options["day"]
    arguments = [f"--day={day}", *wanted_world(options)]
    if remembered["epoch"]:
        arguments.append(f"--epoch={remembered['epoch']}")
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
    place.remember(settings.HOME, "epoch", world.epoch)
    place.remember(settings.HOME, "day", str(world.day))
    os.environ.update(world.credentials)
    return world


def begin_story(
    console: Console, organization: Organization, world: World, options: dict[str, Any]
) -> Incidents | None:
    """The incidents, if they are wanted and can be told in this world."""
    if not (options["incidents"] or (options["incidents"] is None and not options["once"])):
        return None
    story = Incidents(
        world=world,
        simulator=simulator_url(),
        remember=lambda day: place.remember(settings.HOME, "day", str(day)),
    )
    try:
        story.begin(organization)
    except (AccessError, LeftOut, OSError, ScanRefused, SnapshotRefused) as reason:
        leave_out(console, reason)
        return None
    return story


def tell_story(
    console: Console, organization: Organization, story: Incidents | None, *, portal: str = ""
) -> Told:
    """What became of the incidents, also in one line; None where they are left out."""
    if story is None:
        return None
    try:
        told = story.tell(organization, console, portal=portal)
    except (AccessError, LeftOut, OSError, ScanRefused, SnapshotRefused) as reason:
        leave_out(console, reason)
        return None
    line = f"It is day {story.world.day} of the organization now. {sentences(told)}"
    console.print(line, markup=False, soft_wrap=True)
    return told


def leave_out(console: Console, reason: Exception) -> None:
    console.print(f"The two incidents are left out: {reason}", markup=False, soft_wrap=True)


def simulator_url() -> str:
    if not settings.AWS_ENDPOINT_URL:
        raise CommandError("Set CAIRN_AWS_ENDPOINT_URL to the address of a simulator.")
    return str(settings.AWS_ENDPOINT_URL)


def why_failed(scan: Scan) -> str:
    """In the scan's own words, or in those of the first account that could not be entered."""
    errors = scan.scan_accounts.exclude(error="").values_list("error", flat=True)
    return scan.error or errors.first() or "nothing could be collected."


def say_truth(console: Console) -> None:
    console.print(truth(User.objects.get(username=scenario.USER), timezone.now()), soft_wrap=True)


def greet(console: Console, url: str, password: str) -> None:
    console.print(f"Cairn is at {url}")
    show_password(console, password)


def show_password(console: Console, password: str) -> None:
    console.print(f"Sign in as {scenario.USER} with the password {password}", markup=False)
