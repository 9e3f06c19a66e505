"""Serves below a base path whether or not the proxy in front strips it."""

from collections.abc import Callable, Iterable
from typing import Any


class BasePath:
    """WSGI middleware: removes the base path from a request that still carries it."""

    def __init__(self, application: Callable[..., Iterable[bytes]], base_path: str) -> None:
        self.application = application
        self.base_path = base_path

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if self.base_path and f"{path}/".startswith(f"{self.base_path}/"):
            environ["PATH_INFO"] = path.removeprefix(self.base_path) or "/"
        return self.application(environ, start_response)
