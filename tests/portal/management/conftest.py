import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def run_cairn(home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs manage.py in this home, with no other setting than those given, to its end."""
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        cwd=home.parent,
        env=environment_of(home) | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def environment_of(home: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "CAIRN_ENV_FILE": "", "CAIRN_HOME": str(home)}
