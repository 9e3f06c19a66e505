"""Service level objectives. Built after the graph of traces, which says whether services run."""

from datetime import timedelta

from simulator.facets.base import RARELY, Facet
from simulator.facets.production import in_production
from simulator.operations.application_signals import SLOS
from simulator.places import Place
from simulator.shapes import Undocumented

objectives = Facet("tracing.objectives")

CHECK = "applicationsignals_slo_healthy"
DAY, MOMENT = timedelta(days=1), timedelta(microseconds=1)


def _slo(place: Place, name: str, budget: str | None) -> None:
    place.put(
        SLOS,
        {
            "Arn": place.arn("application-signals", f"slo/{name}"),
            "Name": name,
            "KeyAttributes": {"Type": "Service", "Name": "orders", "Environment": "lambda"},
            "OperationName": "POST /orders",
            "CreatedTime": place.ago(days=100),
            "EvaluationType": "PeriodBased",
            "MetricSourceType": "ServiceOperation",
            "_budget": budget,
        },
    )


@objectives.variant("none", characters={"neglected": 3, "ordinary": 3, "new": 4})
def none(place: Place) -> None:
    """A fault where a service of the account itself sent a trace within a day."""
    own = [s for s in place.all("xray.services") if s.get("AccountId") in (None, place.account.id)]
    last = max((service.get("_seen_until", place.world.epoch) for service in own), default=None)
    if last is None or last < place.ago(days=1):
        place.expect(CHECK, "not_applicable")
    elif last == place.world.epoch:
        place.expect(CHECK, in_production(place, "fail"))
    else:
        until, then = last + DAY + MOMENT, "not_applicable"
        place.expect(CHECK, in_production(place, "fail"), until=until, then=then)


@objectives.variant("kept", characters={"exemplary": 5, "ordinary": 1, "locked_down": 3})
def kept(place: Place) -> None:
    """Each status of a budget that is not used up; they come on two pages."""
    _slo(place, "orders-latency", "OK")
    _slo(place, "orders-availability", "WARNING")
    _slo(place, "payments-latency", "INSUFFICIENT_DATA")
    place.expect(CHECK, in_production(place, "pass"))


@objectives.variant("used_up", characters={"ordinary": 2, "neglected": 1})
def used_up(place: Place) -> None:
    _slo(place, "orders-latency", "OK")
    _slo(place, "orders-availability", "BREACHED")
    place.expect(CHECK, in_production(place, "fail"))


@objectives.variant("without_report", characters=RARELY)
def without_report(place: Place) -> None:
    _slo(place, "orders-latency", None)
    place.expect(CHECK, in_production(place, "unknown"))


@objectives.variant("status_unheard_of", characters=RARELY)
def status_unheard_of(place: Place) -> None:
    _slo(place, "orders-latency", Undocumented("PAUSED"))
    place.expect(CHECK, in_production(place, "unknown"))
