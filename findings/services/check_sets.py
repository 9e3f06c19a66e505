"""Which checks in which versions: stored once by content, so that scans and evaluations pin it."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from findings.models import CheckSet


def check_set_digest(versions: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(versions, sort_keys=True).encode()).hexdigest()


def check_set_store(*, versions: Mapping[str, str], now: datetime) -> CheckSet:
    sha256 = check_set_digest(versions)
    known = CheckSet.objects.filter(sha256=sha256).order_by().first()
    if known:
        return known
    fresh = CheckSet(sha256=sha256, body=dict(versions), created_at=now)
    CheckSet.objects.bulk_create([fresh], ignore_conflicts=True)
    return CheckSet.objects.get(sha256=sha256)
