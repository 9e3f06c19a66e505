"""How functions are traced, which traces arrive, and how they are sampled and grouped.

Facets are built in the order of their names: functions stand before the graph, which says whether
the region has traces, and the graph before groups and sampling rules, which are judged where it
has.
"""

from datetime import datetime, timedelta
from typing import Any

from simulator.facets.base import RARELY, Facet
from simulator.facets.production import in_production
from simulator.places import Place

functions = Facet("lambda.functions")
graph = Facet("tracing.graph")
groups = Facet("tracing.groups")
sampling = Facet("tracing.sampling")

MOMENT = timedelta(microseconds=1)
DAY = timedelta(hours=24)


# functions
def _function(place: Place, status: str, name: str = "orders", **changed: Any) -> None:
    arn = place.arn("lambda", f"function:{name}")
    place.put(
        "lambda.functions",
        {
            "FunctionName": name,
            "FunctionArn": arn,
            "_arn": arn,
            "Runtime": "python3.13",
            "Role": f"arn:aws:iam::{place.account.id}:role/{name}",
            "Handler": "app.handler",
            "PackageType": "Zip",
            "Version": "$LATEST",
            "LastModified": "2026-01-05T09:30:00.000+0000",
            "Environment": {"Variables": {"STAGE": "prod"}},
            "TracingConfig": {"Mode": "PassThrough"},
            **changed,
        },
    )
    place.expect("lambda_tracing_active", status, resource=name)


@functions.variant("active", characters={"exemplary": 4, "ordinary": 2, "locked_down": 3})
def active(place: Place) -> None:
    _function(place, in_production(place, "pass"), TracingConfig={"Mode": "Active"})
    _function(
        place,
        in_production(place, "pass"),
        "payments",
        TracingConfig={"Mode": "Active"},
        Layers=[{"Arn": place.arn("lambda", "layer:shared-python:7"), "CodeSize": 4096}],
    )


@functions.variant("passing_through", characters={"neglected": 3, "ordinary": 2, "new": 1})
def passing_through(place: Place) -> None:
    _function(place, in_production(place, "fail"))


@functions.variant("with_layer", characters={"exemplary": 1, "ordinary": 1, "locked_down": 1})
def with_layer(place: Place) -> None:
    layer = "arn:aws:lambda:{}:901920570463:layer:aws-otel-python-amd64-ver-1-32-0:1"
    _function(
        place,
        in_production(place, "pass"),
        Layers=[{"Arn": layer.format(place.region), "CodeSize": 1048576}],
    )


@functions.variant("unsaid", characters={"ordinary": 1, "neglected": 1})
def unsaid(place: Place) -> None:
    """The function says nothing of tracing; beside it a replica of Lambda@Edge."""
    _function(place, in_production(place, "fail"), TracingConfig=None)
    _function(
        place,
        "not_applicable",
        "us-east-1.rewrite",
        MasterArn=f"arn:aws:lambda:us-east-1:{place.account.id}:function:rewrite:3",
    )


@functions.variant("tagged")
def tagged(place: Place) -> None:
    """Production by its own tag, wherever it stands; the next one is not, but in its account."""
    _function(place, "fail", _tags={"Environment": "Production", "Team": "web"})
    _function(place, in_production(place, "fail"), "reports", _tags={"Environment": "test"})


@functions.variant("none", characters={"new": 3, "neglected": 1})
def no_functions(place: Place) -> None:
    """Nothing is expected of a region without functions."""


def _has_traced_function(place: Place) -> bool:
    modes = (f["TracingConfig"] or {} for f in place.all("lambda.functions"))
    return any(mode.get("Mode") == "Active" for mode in modes)


# the graph
def put_node(
    place: Place,
    name: str = "orders",
    requests: int = 60,
    faults: int = 0,
    throttles: int = 0,
    **changed: Any,
) -> None:
    place.put(
        "xray.services",
        {
            "ReferenceId": len(place.all("xray.services")),
            "Name": name,
            "Names": [name],
            "Root": True,
            "Type": "AWS::Lambda::Function",
            "State": "active",
            "Edges": [],
            "_hourly": {"TotalCount": requests, "Faults": faults, "Throttles": throttles},
            **changed,
        },
    )


def _expect_graph(
    place: Place, traces: str, budget: str, until: datetime | None = None, then: str | None = None
) -> None:
    place.expect("xray_traces_received_recently", traces, until=until, then=then)
    after = None if until is None else "not_applicable"
    place.expect("xray_service_fault_rate_within_budget", budget, until=until, then=after)


@graph.variant("steady", characters={"exemplary": 4, "ordinary": 3, "locked_down": 3})
def steady(place: Place) -> None:
    """Within budget, at the limits exactly; the caller itself is not judged."""
    put_node(place, Type="AWS::Lambda")
    put_node(place, requests=200, faults=2, throttles=2)
    put_node(place, "shop.example.com", requests=0, Type="client")
    _expect_graph(place, "pass", "pass")


@graph.variant("faulty", characters={"ordinary": 1, "neglected": 2})
def faulty(place: Place) -> None:
    put_node(place, requests=200, faults=3)
    put_node(place, "payments")
    _expect_graph(place, "pass", "fail")


@graph.variant("rarely_called", characters={"ordinary": 1, "new": 1})
def rarely_called(place: Place) -> None:
    """Three requests an hour are 72 a day."""
    put_node(place, requests=3, faults=3)
    _expect_graph(place, "pass", "not_applicable")


@graph.variant("throttled", characters={"neglected": 1, "ordinary": 1})
def throttled(place: Place) -> None:
    put_node(place, requests=5)
    put_node(place, "payments", requests=100, throttles=2, AccountId=place.account.id)
    _expect_graph(place, "pass", "fail")


@graph.variant("silent", characters={"neglected": 2, "new": 2})
def silent(place: Place) -> None:
    """No trace at all: a fault where a function is traced, else nothing to expect."""
    _expect_graph(place, _without_traces(place), "not_applicable")


@graph.variant("going_silent", characters={"neglected": 1})
def going_silent(place: Place) -> None:
    """The last trace came 23 hours ago."""
    last = place.ago(hours=23)
    put_node(place, _seen_until=last)
    _expect_graph(place, "pass", "pass", until=last + DAY + MOMENT, then=_without_traces(place))


@graph.variant("silent_since_yesterday", characters=RARELY)
def silent_since_yesterday(place: Place) -> None:
    """The last trace came a second too long ago."""
    put_node(place, _seen_until=place.ago(hours=24, seconds=1))
    _expect_graph(place, _without_traces(place), "not_applicable")


@graph.variant("shared", characters={"exemplary": 1, "locked_down": 1})
def shared(place: Place) -> None:
    """A monitoring account sees services of another account."""
    put_node(place, requests=500, faults=400, AccountId="999999999999")
    _expect_graph(place, _without_traces(place), "not_applicable")


def _without_traces(place: Place) -> str:
    return "fail" if _has_traced_function(place) else "not_applicable"


def expect_where_traced(
    place: Place,
    check: str,
    status: str,
    until: datetime | None = None,
    then: str | None = None,
) -> None:
    """What is judged only in a region that had a trace of its own account in the last day."""
    own = [s for s in place.all("xray.services") if s.get("AccountId") in (None, place.account.id)]
    last = max((service.get("_seen_until", place.world.epoch) for service in own), default=None)
    if last is None or last < place.ago(hours=24):
        place.expect(check, "not_applicable")
    elif last == place.world.epoch:
        place.expect(check, status, until=until, then=then)
    else:
        place.expect(check, status, until=last + DAY + MOMENT, then="not_applicable")


# groups
def _group(place: Place, name: str = "orders", **insights: Any) -> None:
    place.put(
        "xray.groups",
        {
            "GroupName": name,
            "GroupARN": place.arn("xray", f"group/{name}/{place.hexadecimal(name, 12)}"),
            "FilterExpression": None if name == "Default" else f'service("{name}")',
            "InsightsConfiguration": insights or None,
        },
    )


@groups.variant("watched", characters={"exemplary": 4, "locked_down": 2, "ordinary": 1})
def watched(place: Place) -> None:
    _group(place, "Default", InsightsEnabled=False, NotificationsEnabled=False)
    _group(place, InsightsEnabled=True, NotificationsEnabled=True)
    expect_where_traced(place, "xray_groups_with_insights", "pass")


@groups.variant("default_only", characters={"ordinary": 2, "neglected": 3, "new": 3})
def default_only(place: Place) -> None:
    """Insights of the default group do not count."""
    _group(place, "Default", InsightsEnabled=True, NotificationsEnabled=True)
    expect_where_traced(place, "xray_groups_with_insights", "fail")


@groups.variant("unnotified", characters={"ordinary": 1})
def unnotified(place: Place) -> None:
    _group(place, InsightsEnabled=True, NotificationsEnabled=False)
    _group(place, "payments")
    expect_where_traced(place, "xray_groups_with_insights", "fail")


@groups.variant("unfiltered", characters=RARELY)
def unfiltered(place: Place) -> None:
    _group(place, InsightsEnabled=True, NotificationsEnabled=True)
    place.all("xray.groups")[-1]["FilterExpression"] = None
    expect_where_traced(place, "xray_groups_with_insights", "fail")


@groups.variant("none", characters={"new": 1})
def no_groups(place: Place) -> None:
    expect_where_traced(place, "xray_groups_with_insights", "fail")


# sampling rules
def _rule(
    place: Place,
    name: str = "orders",
    rate: float = 0.05,
    reservoir: int = 1,
    requests: int | None = 40,
    created: datetime | None = None,
) -> None:
    created = created or place.ago(days=90)
    place.put(
        "xray.sampling_rules",
        {
            "SamplingRule": {
                "RuleName": name,
                "RuleARN": place.arn("xray", f"sampling-rule/{name}"),
                "ResourceARN": "*",
                "Priority": 10000 if name == "Default" else 100,
                "FixedRate": rate,
                "ReservoirSize": reservoir,
                "ServiceName": "*",
                "ServiceType": "*",
                "Host": "*",
                "HTTPMethod": "*",
                "URLPath": "*" if name == "Default" else f"/{name}/*",
                "Version": 1,
                "Attributes": {},
            },
            "CreatedAt": created,
            "ModifiedAt": created,
            "_requests": requests,
        },
    )


def _default_rule(place: Place) -> None:
    """AWS dates it to the beginning of time."""
    beginning = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    _rule(place, "Default", requests=None, created=beginning)


SAMPLING = "xray_sampling_rules_tuned"


@sampling.variant("tuned", characters={"exemplary": 4, "locked_down": 2, "ordinary": 1})
def tuned(place: Place) -> None:
    _default_rule(place)
    _rule(place, rate=0.5, reservoir=0)
    _rule(place, "payments", rate=0, reservoir=5)
    expect_where_traced(place, SAMPLING, "pass")


@sampling.variant("default_rule_only", characters={"ordinary": 2, "neglected": 3, "new": 3})
def default_rule_only(place: Place) -> None:
    _default_rule(place)
    expect_where_traced(place, SAMPLING, "fail")


@sampling.variant("samples_all", characters={"ordinary": 1})
def samples_all(place: Place) -> None:
    _default_rule(place)
    _rule(place, rate=0.51)
    expect_where_traced(place, SAMPLING, "fail")


@sampling.variant("samples_nothing", characters={"ordinary": 1})
def samples_nothing(place: Place) -> None:
    _default_rule(place)
    _rule(place)
    _rule(place, "health", rate=0, reservoir=0)
    expect_where_traced(place, SAMPLING, "fail")


@sampling.variant("unused", characters={"neglected": 1, "ordinary": 1})
def unused(place: Place) -> None:
    """Matched nothing, and is a second too old to be excused."""
    _default_rule(place)
    _rule(place)
    _rule(place, "retired", requests=0, created=place.ago(days=30, seconds=1))
    expect_where_traced(place, SAMPLING, "fail")


@sampling.variant("not_yet_used", characters={"ordinary": 1, "exemplary": 1})
def not_yet_used(place: Place) -> None:
    created = place.ago(days=20)
    _default_rule(place)
    _rule(place, "checkout", requests=None, created=created)
    excused_until = created + timedelta(days=30) + MOMENT
    expect_where_traced(place, SAMPLING, "pass", until=excused_until, then="fail")
