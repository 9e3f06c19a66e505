"""What the internet reaches of an account, and the canaries that try it."""

from datetime import datetime, timedelta
from typing import Any

from simulator.answers import AWS_GLOBAL
from simulator.facets.base import ACCOUNT, RARELY, Facet
from simulator.operations.apigatewayv2 import APIS
from simulator.operations.load_balancers import BALANCERS, CLASSIC, DISTRIBUTIONS
from simulator.operations.synthetics import CANARIES, CURRENT, ENDED, ENDING, ENDS_IN
from simulator.places import AccountPlace, Place, Record

canaries = Facet("synthetics.canaries", level=ACCOUNT)
endpoints = Facet("endpoints.public", level=ACCOUNT)
judged = Facet("watching.public")  # after the facets that put what is public

CHECK = "synthetics_canary_passing"
DAY, MOMENT = timedelta(days=1), timedelta(microseconds=1)


@endpoints.variant("none", characters={"new": 4, "ordinary": 3, "exemplary": 2, "neglected": 1})
def no_endpoint(account: AccountPlace) -> None:
    """Nothing but what others put."""


@endpoints.variant("internal", characters={"new": 2, "locked_down": 2})
def internal(account: AccountPlace) -> None:
    """A load balancer for the account alone, and a distribution that is off."""
    _balancer(account, BALANCERS, "internal")
    _distribution(account, is_enabled=False)


@endpoints.variant("public", characters={"exemplary": 1, "ordinary": 1, "neglected": 2})
def public(account: AccountPlace) -> None:
    _balancer(account, BALANCERS, "internet-facing")


@endpoints.variant("classic", characters={"neglected": 1, "ordinary": 1})
def classic(account: AccountPlace) -> None:
    _balancer(account, CLASSIC, "internet-facing")


@endpoints.variant("distribution", characters={"new": 1, "neglected": 1})
def distribution(account: AccountPlace) -> None:
    _distribution(account, is_enabled=True)


def _balancer(account: AccountPlace, collection: str, scheme: str) -> None:
    account.home.put(collection, {"LoadBalancerName": "shop", "Scheme": scheme})


def _distribution(account: AccountPlace, *, is_enabled: bool) -> None:
    name = account.hexadecimal("distribution", 13)
    none: Record = {"Quantity": 0}
    origin = {"Id": "site", "DomainName": "site.example.com"}
    account.put(
        DISTRIBUTIONS,
        {
            "Id": name.upper(),
            "ARN": f"arn:aws:cloudfront::{account.account.id}:distribution/{name.upper()}",
            "Status": "Deployed",
            "LastModifiedTime": account.ago(days=90),
            "DomainName": f"{name}.cloudfront.net",
            "Aliases": none,
            "Origins": {"Quantity": 1, "Items": [origin]},
            "DefaultCacheBehavior": {
                "TargetOriginId": "site",
                "ViewerProtocolPolicy": "redirect-to-https",
            },
            "CacheBehaviors": none,
            "CustomErrorResponses": none,
            "Comment": "",
            "PriceClass": "PriceClass_100",
            "Enabled": is_enabled,
            "ViewerCertificate": {"CloudFrontDefaultCertificate": True},
            "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
            "WebACLId": "",
            "HttpVersion": "http2",
            "IsIPV6Enabled": True,
            "Staging": False,
        },
    )


def _canary(
    place: Place,
    name: str = "shop",
    *,
    passes: bool,
    until: datetime | None = None,
    runtime: str = CURRENT,
    state: str = "RUNNING",
    run: Record | None,
) -> None:
    place.put(
        CANARIES,
        {
            "Id": place.uuid(f"canary {name}"),
            "Name": name,
            "Schedule": {"Expression": "rate(5 minutes)"},
            "Status": {"State": state},
            "RuntimeVersion": runtime,
            "Tags": {"Team": "web"},
            "_passes": passes,
            "_until": until,
            "_last_run": run,
        },
    )


def _run(completed: Any, state: str = "PASSED") -> Record:
    return {"Status": {"State": state}, "Timeline": {"Completed": completed}}


@canaries.variant("none", characters={"neglected": 3, "ordinary": 2, "new": 4, "locked_down": 1})
def no_canary(account: AccountPlace) -> None:
    """Nobody tries anything."""


@canaries.variant("passing", characters={"exemplary": 4, "ordinary": 2, "locked_down": 3})
def passing(account: AccountPlace) -> None:
    """One passes; others fail, have stopped or never ran, which come on a second page."""
    home = account.home
    now = home.moving(minutes=4)
    _canary(home, "orders", passes=False, run=_run(now, "FAILED"))
    _canary(home, "retired", passes=False, state="STOPPED", run=_run(home.ago(days=90)))
    _canary(home, "shop", passes=True, run=_run(now))
    _canary(home, "new-shop", passes=False, state="READY", run=None)


@canaries.variant("failing", characters={"neglected": 1, "ordinary": 1})
def failing(account: AccountPlace) -> None:
    _canary(account.home, passes=False, run=_run(account.moving(minutes=4), "FAILED"))


@canaries.variant("stopped", characters={"neglected": 1, "ordinary": 1})
def stopped(account: AccountPlace) -> None:
    """Its last run was only just."""
    _canary(account.home, passes=False, state="STOPPED", run=_run(account.ago(hours=1)))


@canaries.variant("stale", characters=RARELY)
def stale(account: AccountPlace) -> None:
    """A second too old."""
    _canary(account.home, passes=False, run=_run(account.ago(hours=24, seconds=1)))


@canaries.variant("going_stale", characters=RARELY)
def going_stale(account: AccountPlace) -> None:
    last = account.ago(hours=20)
    _canary(account.home, passes=True, until=last + DAY + MOMENT, run=_run(last))


@canaries.variant("old_runtime", characters={"neglected": 1})
def old_runtime(account: AccountPlace) -> None:
    _canary(account.home, passes=False, runtime=ENDED, run=_run(account.moving(minutes=4)))


@canaries.variant("runtime_that_ends", characters={"ordinary": 1})
def runtime_that_ends(account: AccountPlace) -> None:
    end = account.world.epoch + ENDS_IN
    run = _run(account.moving(minutes=4))
    _canary(account.home, passes=True, until=end, runtime=ENDING, run=run)


@judged.variant("as_they_are")
def as_they_are(place: Place) -> None:
    """Once for each account, from its home region, after all that is public stands."""
    account = place.parent
    if place is not account.home:
        return
    found = place.all(CANARIES)
    good = [canary for canary in found if canary["_passes"]]
    if good:
        until = good[0]["_until"]
        then = None if until is None else "fail"
        place.expect(CHECK, "pass", region=AWS_GLOBAL, until=until, then=then)
    elif found or _is_public(account):
        place.expect(CHECK, "fail", region=AWS_GLOBAL)
    else:
        place.expect(CHECK, "not_applicable", region=AWS_GLOBAL)


def _is_public(account: AccountPlace) -> bool:
    world = account.world
    places = [p for p in account.regions() if world.is_collected(account.account, p.region)]
    records = [r for p in places for kind in (BALANCERS, CLASSIC) for r in p.all(kind)]
    apis = [api for p in places for api in (*p.all("apigateway.rest_apis"), *p.all(APIS))]
    return (
        any(record["Scheme"] == "internet-facing" for record in records)
        or any(api.get("endpointConfiguration") != {"types": ["PRIVATE"]} for api in apis)
        or any(one["Enabled"] for one in account.all(DISTRIBUTIONS))
    )
