"""The keys of an embedded Cairn: made once, kept in its home, readable by its owner only."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet
from django.core.management.utils import get_random_secret_key


def secret_key_of(home: Path) -> str:
    """The key kept in this home; the first caller makes it, callers at the same moment agree."""
    return _kept(home / "secret_key", get_random_secret_key)


def credential_key_of(home: Path) -> str:
    """The key that encrypts stored credentials, kept likewise."""
    return _kept(home / "credential_key", lambda: Fernet.generate_key().decode())


def _kept(path: Path, make: Callable[[], str]) -> str:
    if not path.exists():
        _write_once(path, make())
    return path.read_text(encoding="utf-8").strip()


def _write_once(path: Path, key: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent)  # for its owner alone
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(key)
    try:
        os.link(draft, path)  # unlike a rename, never replaces the key of another process
    except FileExistsError:
        return
    finally:
        Path(draft).unlink()
