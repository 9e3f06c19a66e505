"""Collector of KMS: keys that the customer manages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from findings.facts.base import Gap
from findings.facts.kms import Key
from workers.collectors.base import Collector, Response, Session, pick, told

_DETAILS = "kms:DescribeKey"
OF_AWS = "alias/aws/"


@Collector(fact=Key, operations=("kms:ListKeys", "kms:ListAliases", _DETAILS))
def keys(session: Session) -> Iterator[Key]:
    """Keys of AWS's own, which are most of them, are told apart by their aliases."""
    client = session.client("kms")
    listed = list(session.items("kms", "list_keys", "Keys"))
    if not listed:
        return
    aliases = session.items("kms", "list_aliases", "Aliases")
    of_aws = {a.get("TargetKeyId") for a in aliases if a.get("AliasName", "").startswith(OF_AWS)}
    for raw in listed:
        if raw.get("KeyId") in of_aws:
            continue
        try:
            detail = session.detail(client.describe_key, KeyId=raw["KeyArn"])
        except client.exceptions.NotFoundException:
            continue  # it was deleted after it was listed
        if pick(detail, "KeyMetadata", "KeyManager") != "AWS":
            yield parse_key(raw, detail)


def parse_key(listed: Response, detail: Response | Gap) -> Key:
    state: Any = detail
    if not isinstance(detail, Gap):
        state = told(detail.get("KeyMetadata") or {}, "KeyState", Key, _DETAILS)
    return Key(arn=listed["KeyArn"], state=state)
