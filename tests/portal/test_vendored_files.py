import hashlib
import json
from pathlib import Path

import portal

VENDOR = Path(portal.__file__).parent / "static" / "vendor"


def test_vendored_files_are_the_ones_of_the_manifest():
    manifest = json.loads((VENDOR / "manifest.json").read_text())
    listed = {name: digest for entry in manifest for name, digest in entry["files"].items()}
    present = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert present == listed


def test_every_vendored_package_carries_its_licence():
    manifest = json.loads((VENDOR / "manifest.json").read_text())
    assert all(any(name.endswith("LICENSE") for name in entry["files"]) for entry in manifest)
