"""Facts of S3: the buckets that hold the files of trails."""

from __future__ import annotations

from datetime import datetime

from findings.facts.base import Fact, Record, Scope


class LifecycleRule(Record):
    """What becomes of objects under ``prefix``; ``has_tags`` where only tagged ones are meant.

    ``expires_on`` is a date on which they expire, whatever their age. What becomes of versions that
    are no longer current is not kept.
    """

    is_enabled: bool
    prefix: str
    has_tags: bool
    moves: bool
    expiration_days: int | None
    expires_on: datetime | None


class TrailBucket(Fact, kind="s3.trail_bucket", scope=Scope.ACCOUNT, identity=("name",)):
    """A bucket of the account that CloudTrail writes to, as far as the account itself can tell.

    ``blocked`` are the settings of its public access block that are on. ``versioning`` is Enabled,
    Suspended, or None where it was never on. ``log_bucket`` is where its access logs go.
    """

    name: str
    blocked: tuple[str, ...]
    versioning: str | None
    has_mfa_delete: bool
    has_object_lock: bool
    log_bucket: str | None
    lifecycle_rules: tuple[LifecycleRule, ...]
