"""What workloads publish of themselves as custom metrics."""

from simulator.facets.base import ACCOUNT, Facet
from simulator.facets.production import in_production
from simulator.places import AccountPlace, Place

kpis = Facet("cloudwatch.kpis", level=ACCOUNT)

CHECK = "cloudwatch_business_kpi_published"
METRICS = "cloudwatch.metrics"


def _metric(place: Place, namespace: str, name: str, **dimensions: str) -> None:
    place.put(
        METRICS,
        {
            "Namespace": namespace,
            "MetricName": name,
            "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
        },
    )


def _put_everyones(account: AccountPlace) -> None:
    """What AWS and its agents publish in every account."""
    for place in account.regions():
        _metric(place, "AWS/Lambda", "Invocations", FunctionName="orders")
        _metric(place, "AWS/Lambda", "Errors", FunctionName="orders")
        _metric(place, "CWAgent", "mem_used_percent", host="web-1")
        _metric(place, "CloudWatchSynthetics", "SuccessPercent", CanaryName="shop")


@kpis.variant("published", characters={"exemplary": 4, "ordinary": 2, "locked_down": 2})
def published(account: AccountPlace) -> None:
    _put_everyones(account)
    _metric(account.home, "Shop/Orders", "OrdersPlaced", Channel="web")
    _metric(account.home, "Shop/Orders", "OrdersPlaced", Channel="app")
    account.expect(CHECK, in_production(account, "pass"))


@kpis.variant("agents_only", characters={"neglected": 2, "ordinary": 2, "new": 1})
def agents_only(account: AccountPlace) -> None:
    _put_everyones(account)
    account.expect(CHECK, in_production(account, "fail"))


@kpis.variant("no_longer_published", characters={"ordinary": 1, "neglected": 1})
def no_longer_published(account: AccountPlace) -> None:
    """The metric is still listed, but got no data lately."""
    _put_everyones(account)
    _metric(account.home, "Shop/Orders", "OrdersPlaced", Channel="web")
    account.home.all(METRICS)[-1]["_is_quiet"] = True
    account.expect(CHECK, in_production(account, "fail"))


@kpis.variant("nothing", characters={"new": 2})
def nothing(account: AccountPlace) -> None:
    account.expect(CHECK, in_production(account, "fail"))
