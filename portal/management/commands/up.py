"""`manage.py up`: the whole of Cairn on this machine."""

import socket
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.db import DatabaseError

from portal import processes
from portal.home import Occupied, occupied
from portal.ports import listen, port_number
from portal.supervisor import NotReady, Service, Supervisor, stopped_by_signals


class Command(BaseCommand):
    help = "Runs Cairn on this machine: broker, workers, beat and web, until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--host", default=settings.WEB_HOST, help="where the web server listens"
        )
        parser.add_argument(
            "--port", type=port_number, default=settings.WEB_PORT, help="any other if taken"
        )
        parser.add_argument("--stop-with-parent", action="store_true", help="end when make ends")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with stopped_by_signals(), occupied(settings.HOME):
                self._run(options["host"], options["port"], options["stop_with_parent"])
        except Occupied as error:
            raise CommandError(
                f"Cairn already runs in {settings.HOME} (process {error}). Stop it first, or give "
                "this one a home of its own with CAIRN_HOME."
            ) from None
        except (NotReady, OSError) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self.stdout.write("Cairn has stopped.")

    def _run(self, host: str, port: int, stop_with_parent: bool) -> None:
        with (
            listen(host, port) as listener,
            Supervisor(
                settings.HOME / "logs", self._write, stop_with_parent=stop_with_parent
            ) as supervisor,
        ):
            if settings.EMBEDDED:
                supervisor.start([processes.embedded_broker(settings.HOME)])
            migrate()
            supervisor.start(services(listener))
            self._greet(address(listener))
            supervisor.wait()

    def _greet(self, url: str) -> None:
        self._write(f"Cairn is at {url} - Ctrl-C stops it.")
        if not get_user_model().objects.exists():
            self._write("Nobody can sign in yet: make a user with manage.py createsuperuser.")

    def _write(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def migrate() -> None:
    """Brings the database up to date; raises CommandError when it cannot be reached."""
    try:
        call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as error:
        raise CommandError(
            f"The database cannot be used: {error}Check DATABASE_URL, and that it is running."
        ) from error


def services(listener: socket.socket) -> list[Service]:
    """Everything that works once broker and database are there."""
    return [
        processes.web(listener, settings.WEB_THREADS),
        processes.scan_worker(settings.WORKER_PROCESSES),
        processes.other_worker(),
        processes.beat(settings.HOME),
    ]


def address(listener: socket.socket) -> str:
    """Where a browser on this machine finds the portal."""
    host, port = listener.getsockname()[:2]
    shown = "localhost" if host in {"0.0.0.0", "::"} else host  # noqa: S104  compared, not bound
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}{settings.BASE_PATH}/"
