"""Facts of KMS."""

from __future__ import annotations

from findings.facts.base import Fact


class Key(Fact, kind="kms.key", identity=("arn",)):
    """A key that the customer manages; those that AWS manages are not collected.

    ``state`` is Creating, Enabled, Disabled, PendingDeletion, PendingImport,
    PendingReplicaDeletion, Unavailable or Updating.
    """

    arn: str
    state: str
