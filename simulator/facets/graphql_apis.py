"""GraphQL APIs, merged ones among them, and whether their requests are traced."""

from typing import Any

from simulator.facets.base import RARELY, Facet
from simulator.places import Place

apis = Facet("appsync.graphql_apis")

TRACED = "appsync_tracing_enabled"


def _api(place: Place, status: str | None, name: str = "shop", **changed: Any) -> str:
    """The ARN of an API; one of another account is not judged here."""
    id_ = place.hexadecimal(f"graphql api {name}", 26)
    arn = str(changed.get("arn") or place.arn("appsync", f"apis/{id_}"))
    place.put(
        "appsync.graphql_apis",
        {
            "apiId": id_,
            "name": name,
            "authenticationType": "AWS_IAM",
            "arn": arn,
            "xrayEnabled": False,
            "visibility": "GLOBAL",
            "apiType": "GRAPHQL",
            "owner": place.account.id,
            **changed,
        },
    )
    if status is not None:
        place.expect(TRACED, status, resource=arn)
    return arn


@apis.variant("traced", characters={"exemplary": 3, "ordinary": 1, "locked_down": 1})
def traced(place: Place) -> None:
    _api(place, "pass", xrayEnabled=True)


@apis.variant("untraced", characters={"neglected": 2, "ordinary": 1})
def untraced(place: Place) -> None:
    """Beside one that another account shares."""
    _api(place, "fail", apiType=None, owner=None)
    shared = f"arn:aws:appsync:{place.region}:999999999999:apis/shared"
    _api(place, None, "shared", arn=shared, owner="999999999999")


@apis.variant("merged", characters={"ordinary": 1})
def merged(place: Place) -> None:
    """Not traced itself, but all that it is made of; the other is traced itself."""
    source = _api(place, "pass", xrayEnabled=True)
    _api(place, "not_applicable", "all", apiType="MERGED", _sources=[source])
    _api(place, "pass", "both", apiType="MERGED", xrayEnabled=True, _sources=[])


@apis.variant("merged_of_untraced", characters=RARELY)
def merged_of_untraced(place: Place) -> None:
    """Of the three that it is made of one is not traced."""
    sources = [_api(place, "pass", name, xrayEnabled=True) for name in ("cart", "stock")]
    sources.append(_api(place, "fail"))
    _api(place, "fail", "all", apiType="MERGED", _sources=sources)


@apis.variant("merged_of_nothing", characters=RARELY)
def merged_of_nothing(place: Place) -> None:
    _api(place, "not_applicable", "all", apiType="MERGED")


@apis.variant("none", characters={"new": 3, "locked_down": 2, "ordinary": 4, "neglected": 2})
def no_api(place: Place) -> None:
    """Nothing is expected where there is no API."""
