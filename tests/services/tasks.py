"""Tasks for the tests of the fixtures; a worker loads them through `include`."""

import threading
from pathlib import Path

from celery import shared_task
from django.contrib.auth.models import User

LONG = 120


@shared_task
def leave_mark(path: str) -> None:
    """Adds a line to a file."""
    with Path(path).open("a", encoding="utf-8") as file:
        file.write("ran\n")


@shared_task
def leave_mark_and_hang_the_first_time(path: str) -> None:
    """Adds a line to a file; its first run then never ends, so that it can be killed."""
    leave_mark(path)
    if marks(Path(path)) == 1:
        threading.Event().wait(LONG)


def marks(path: Path) -> int:
    """How often the tasks above have run."""
    return len(path.read_text(encoding="utf-8").splitlines()) if path.exists() else 0


@shared_task
def write_user_names(path: str) -> None:
    """Shows which database the worker sees."""
    draft = Path(f"{path}.draft")
    draft.write_text(",".join(User.objects.values_list("username", flat=True)), encoding="utf-8")
    draft.replace(path)
