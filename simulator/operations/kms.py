"""AWS KMS: the keys of a region, in `kms.keys`, whose `_alias` is the name they have."""

from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation

KEYS = "kms.keys"
BAD_MARKER = "InvalidMarkerException"


@operation("kms", "ListKeys")
def list_keys(call: Call) -> dict[str, Any]:
    listed = [{"KeyId": key["KeyId"], "KeyArn": key["Arn"]} for key in call.place.all(KEYS)]
    return _page(call, listed, "Keys")


@operation("kms", "ListAliases")
def list_aliases(call: Call) -> dict[str, Any]:
    aliases = [
        {
            "AliasName": key["_alias"],
            "AliasArn": call.place.arn("kms", key["_alias"]),
            "TargetKeyId": key["KeyId"],
        }
        for key in call.place.all(KEYS)
        if key.get("_alias")
    ]
    return _page(call, aliases, "Aliases")


def _page(call: Call, items: list[dict[str, Any]], key: str) -> dict[str, Any]:
    page = call.page(items, key, "Marker", "NextMarker", size=2, bad_token=BAD_MARKER)
    return {**page, "Truncated": "NextMarker" in page}


@operation("kms", "DescribeKey")
def describe_key(call: Call) -> dict[str, Any]:
    """By id or ARN; the keys of other accounts say nothing."""
    wanted = call.parameters["KeyId"]
    for key in call.place.all(KEYS):
        if wanted in (key["KeyId"], key["Arn"]):
            return {"KeyMetadata": key}
    raise AwsError("NotFoundException", f"Key '{wanted}' does not exist")
