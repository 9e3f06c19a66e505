"""CloudWatch Synthetics: canaries, on which their `_last_run` hangs, and runtimes of all accounts.

The one runtime whose end is near ends ten days after the epoch.
"""

from datetime import timedelta
from typing import Any

from simulator.operations.base import Call, operation

CANARIES = "synthetics.canaries"
CURRENT, ENDING, ENDED = (f"syn-nodejs-puppeteer-{version}" for version in ("9.1", "8.0", "5.2"))
ENDS_IN = timedelta(days=10)
BAD_TOKEN = "ValidationException"  # noqa: S105 - the name of an error


@operation("synthetics", "DescribeCanaries")
def describe_canaries(call: Call) -> dict[str, Any]:
    return call.page(call.place.all(CANARIES), "Canaries", size=2, bad_token=BAD_TOKEN)


@operation("synthetics", "DescribeCanariesLastRun")
def describe_canaries_last_run(call: Call) -> dict[str, Any]:
    """Canaries that never ran are left out."""
    found = [
        {"CanaryName": canary["Name"], "LastRun": canary["_last_run"]}
        for canary in call.place.all(CANARIES)
        if canary["_last_run"]
    ]
    return call.page(found, "CanariesLastRun", size=2, bad_token=BAD_TOKEN)


@operation("synthetics", "DescribeRuntimeVersions")
def describe_runtime_versions(call: Call) -> dict[str, Any]:
    epoch = call.world.epoch
    ends = {CURRENT: None, ENDING: epoch + ENDS_IN, ENDED: epoch - timedelta(days=200)}
    released = epoch - timedelta(days=700)
    found = [
        {"VersionName": name, "ReleaseDate": released, "DeprecationDate": end}
        for name, end in ends.items()
    ]
    return call.page(found, "RuntimeVersions", size=2, bad_token=BAD_TOKEN)
