"""Steps of a benchmark, each in a process of its own: so its peak of memory is its own, too."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

STEP = "BENCHMARK_STEP"


def run_step(module: str, home: Path, url: str, *step: str) -> str:
    """Run a step of a module over a database; what it prints, without the last line end."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CAIRN_", "AWS_"))}
    kept |= {
        "CAIRN_ENV_FILE": "",
        "CAIRN_HOME": str(home / "home"),
        "DATABASE_URL": url,
        "BROKER_URL": "memory://",
        "SECRET_KEY": "only for benchmarks",
        "CAIRN_LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        STEP: step[0],
    }
    command = [sys.executable, "-m", module, *step[1:]]
    done = subprocess.run(command, check=True, env=kept, stdout=subprocess.PIPE, text=True)  # noqa: S603
    return done.stdout.rstrip()


def run_program(main: Callable[[], None], **steps: Callable[..., None]) -> None:
    """What the module does as a program: all of it, or the step that it was started for."""
    step = os.environ.get(STEP)
    if step is None:
        main()
        return
    import django

    django.setup()
    steps[step](*sys.argv[1:])


def peak() -> float:
    """The peak of this process's resident memory so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
