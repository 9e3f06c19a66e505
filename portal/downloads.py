"""Files that go out: streamed, never shown in the browser's own window, never kept by a cache."""

import base64
from pathlib import Path

from django.http import FileResponse


def download(path: Path, *, name: str, sha256: str) -> FileResponse:
    """The file as an attachment, with its digest (RFC 9530) for whoever verifies it."""
    response = FileResponse(path.open("rb"), as_attachment=True, filename=name)
    response.headers["Content-Type"] = "application/octet-stream"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    digest = base64.b64encode(bytes.fromhex(sha256)).decode()
    response.headers["Repr-Digest"] = f"sha-256=:{digest}:"
    return response
