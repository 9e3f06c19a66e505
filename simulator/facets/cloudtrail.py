"""How an account's trail is set up."""

from typing import Any

from simulator.facets.base import ACCOUNT, Facet
from simulator.places import AccountPlace

trail = Facet("cloudtrail.trail", level=ACCOUNT)


def _put_trail(account: AccountPlace, *, is_logging: bool = True, **changed: Any) -> None:
    home = account.home
    name = "management-events"
    home.put(
        "cloudtrail.trails",
        {
            "Name": name,
            "TrailARN": home.arn("cloudtrail", f"trail/{name}"),
            "S3BucketName": f"trail-logs-{account.account.id}",
            "IncludeGlobalServiceEvents": True,
            "IsMultiRegionTrail": True,
            "HomeRegion": home.region,
            "LogFileValidationEnabled": True,
            "HasCustomEventSelectors": False,
            "HasInsightSelectors": False,
            "IsOrganizationTrail": False,
            "_status": {
                "IsLogging": is_logging,
                "LatestDeliveryTime": home.moving(minutes=5) if is_logging else home.ago(days=9),
                "StartLoggingTime": home.ago(days=200),
            },
            "_selectors": {
                "EventSelectors": [
                    {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}
                ]
            },
            **changed,
        },
    )


@trail.variant("logging", characters={"exemplary": 5, "ordinary": 3, "new": 2, "locked_down": 3})
def logging(account: AccountPlace) -> None:
    _put_trail(account)
    account.expect("cloudtrail_multi_region_logging", "pass")


@trail.variant("stopped", characters={"ordinary": 1, "neglected": 2})
def stopped(account: AccountPlace) -> None:
    _put_trail(account, is_logging=False)
    account.expect("cloudtrail_multi_region_logging", "fail")


@trail.variant("absent", characters={"neglected": 1, "new": 1})
def absent(account: AccountPlace) -> None:
    account.expect("cloudtrail_multi_region_logging", "fail")
