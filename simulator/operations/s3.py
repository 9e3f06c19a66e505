"""Amazon S3: the buckets of an account, in `s3.buckets` of the account itself.

A bucket's own record holds the answers about it: `_policy` (JSON), `_public_access_block`,
`_versioning`, `_object_lock`, `_logging`, `_lifecycle` (rules); what is missing or None it has not.
"""

from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation

BUCKETS = "s3.buckets"


@operation("s3", "ListBuckets")
def list_buckets(call: Call) -> dict[str, Any]:
    """Pages for callers that ask for pages."""
    buckets = call.account_place.all(BUCKETS)
    return call.page(
        buckets,
        "Buckets",
        token_in="ContinuationToken",  # noqa: S106 - the name of a parameter
        token_out="ContinuationToken",  # noqa: S106 - the name of a parameter
        size=2 if call.parameters.get("MaxBuckets") else len(buckets),
        bad_token="InvalidArgument",  # noqa: S106 - the name of an error
    )


def _configuration(call: Call, member: str, missing: str = "") -> Any:
    """What a bucket of the caller holds; raises the error by which S3 says that it has none."""
    name = call.parameters["Bucket"]
    bucket = call.account_place.find(BUCKETS, Name=name)
    if bucket is None:
        raise AwsError("NoSuchBucket", "The specified bucket does not exist", 404)
    found = bucket.get(member)
    if found is None and missing:
        raise AwsError(missing, "The configuration does not exist", 404)
    return found


@operation("s3", "GetBucketPolicy")
def get_bucket_policy(call: Call) -> dict[str, Any]:
    return {"Policy": _configuration(call, "_policy", "NoSuchBucketPolicy")}


@operation("s3", "GetPublicAccessBlock")
def get_public_access_block(call: Call) -> dict[str, Any]:
    missing = "NoSuchPublicAccessBlockConfiguration"
    found = _configuration(call, "_public_access_block", missing)
    return {"PublicAccessBlockConfiguration": found}


@operation("s3", "GetBucketVersioning")
def get_bucket_versioning(call: Call) -> dict[str, Any]:
    return _configuration(call, "_versioning") or {}


@operation("s3", "GetObjectLockConfiguration")
def get_object_lock_configuration(call: Call) -> dict[str, Any]:
    found = _configuration(call, "_object_lock", "ObjectLockConfigurationNotFoundError")
    return {"ObjectLockConfiguration": found}


@operation("s3", "GetBucketLogging")
def get_bucket_logging(call: Call) -> dict[str, Any]:
    return {"LoggingEnabled": _configuration(call, "_logging")}


@operation("s3", "GetBucketLifecycleConfiguration")
def get_bucket_lifecycle_configuration(call: Call) -> dict[str, Any]:
    return {"Rules": _configuration(call, "_lifecycle", "NoSuchLifecycleConfiguration")}
