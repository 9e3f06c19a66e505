"""Aggregators that accounts make for themselves, and how fresh their sources are."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from simulator.facets.base import ACCOUNT, RARELY, Facet
from simulator.places import AccountPlace

aggregators = Facet("config.own_aggregators", level=ACCOUNT)

FRESH = "config_aggregator_sources_fresh"
DAY = timedelta(hours=24)
MOMENT = timedelta(microseconds=1)
Time = datetime | Callable[[], datetime] | None


def _source(
    account: AccountPlace, number: int, status: str | None = "SUCCEEDED", at: Time = None
) -> dict[str, Any]:
    return {
        "SourceId": account.account.id,
        "SourceType": "ACCOUNT",
        "AwsRegion": f"eu-west-{number}",
        "LastUpdateStatus": status,
        "LastUpdateTime": at,
        "LastErrorCode": "ACCOUNT_NOT_AUTHORIZED" if status == "FAILED" else None,
    }


def _put(account: AccountPlace, sources: list[dict[str, Any]], status: str, **change: Any) -> None:
    home = account.home
    arn = home.arn("config", "config-aggregator/team")
    home.put(
        "config.aggregators",
        {
            "ConfigurationAggregatorName": "team",
            "ConfigurationAggregatorArn": arn,
            "AccountAggregationSources": [
                {"AccountIds": [account.account.id], "AllAwsRegions": True}
            ],
            "_sources": sources,
        },
    )
    home.expect(FRESH, status, resource=arn, **change)


def _fresh(account: AccountPlace, count: int) -> list[dict[str, Any]]:
    return [_source(account, number, at=account.moving(hours=1)) for number in range(count)]


@aggregators.variant("none", characters={"ordinary": 3, "new": 3, "neglected": 2, "exemplary": 2})
def none(account: AccountPlace) -> None:
    """Most accounts aggregate nothing."""


@aggregators.variant("fresh", characters={"exemplary": 1, "ordinary": 1})
def fresh(account: AccountPlace) -> None:
    """Of fifty sources one may fail."""
    failed = _source(account, 50, "FAILED", account.ago(days=90))
    _put(account, [*_fresh(account, 49), failed], "pass")


@aggregators.variant("outdated", characters={"neglected": 1, "ordinary": 1})
def outdated(account: AccountPlace) -> None:
    late = _source(account, 50, "OUTDATED", account.moving(hours=1))
    _put(account, [*_fresh(account, 48), late], "fail")


@aggregators.variant("at_the_limit", characters={"ordinary": 1, "locked_down": 1})
def at_the_limit(account: AccountPlace) -> None:
    at = account.ago(hours=23)
    _put(account, [_source(account, 1, at=at)], "pass", until=at + DAY + MOMENT, then="fail")


@aggregators.variant("beyond_it", characters={"neglected": 1})
def beyond_it(account: AccountPlace) -> None:
    _put(account, [_source(account, 1, at=account.ago(hours=24, seconds=1))], "fail")


@aggregators.variant("without_sources", characters={"new": 1})
def without_sources(account: AccountPlace) -> None:
    _put(account, [], "not_applicable")


@aggregators.variant("not_told", characters=RARELY)
def not_told(account: AccountPlace) -> None:
    """A source that was never updated has neither status nor time."""
    _put(account, [_source(account, 1, None)], "unknown")
