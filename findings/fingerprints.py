"""What makes a failing thing the same finding at the next scan."""

import hashlib
import json


def fingerprint(
    *, check: str, account: str, region: str, resource: str = "", sub_key: str = ""
) -> str:
    """``v1:`` and the SHA-256 of check id, account id, region, resource and sub-key.

    They are written as a JSON list, so that no two different lists give one text.
    """
    text = json.dumps([check, account, region, resource, sub_key], ensure_ascii=False)
    return f"v1:{hashlib.sha256(text.encode()).hexdigest()}"
