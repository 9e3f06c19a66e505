"""A worker that includes this, and is told a file, hangs in an export while there is the file."""

import os
import threading
from pathlib import Path
from typing import Any

from findings.selectors import export_batches
from findings.services import export_writing
from tests.services.tasks import LONG

HANGS = "HANGS_WHILE_THERE_IS"
_progress = export_writing.export_progress


def _progress_and_hang(**course: Any) -> bool:
    is_wanted = _progress(**course)
    sign = Path(os.environ[HANGS])
    if course["done"] and sign.exists():
        sign.with_suffix(".hangs").touch()
        threading.Event().wait(LONG)
    return is_wanted


if HANGS in os.environ:
    export_batches.BATCH = 1
    export_writing.export_progress = _progress_and_hang
