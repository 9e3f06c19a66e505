"""Extensions of CloudFormation: public ones that are activated, and their versions."""

from simulator.facets.base import RARELY, Facet, default_answers
from simulator.facets.hooks import has_stack
from simulator.operations.cloudformation_types import TYPES
from simulator.places import Place, Record

extensions = Facet("cloudformation.extensions")

REGIONS = "cloudformation.regions_with_extensions"
CURRENT = "cloudformation_extensions_current"


def _activated(
    place: Place, name: str, version: str | None, latest: str | None, type_: str = "RESOURCE"
) -> Record:
    return place.put(
        TYPES,
        {
            "Type": type_,
            "TypeName": name,
            "TypeArn": place.arn("cloudformation", f"type/{type_.lower()}/{name}"),
            "PublisherId": "0a1b2c3d4e5f",
            "PublisherName": "Acme",
            "PublisherIdentity": "GitHub",
            "OriginalTypeName": name,
            "PublicVersionNumber": version,
            "LatestPublicVersion": latest,
            "IsActivated": True,
        },
    )


def _own(place: Place, name: str) -> None:
    """A private extension, which has no public version."""
    place.put(
        TYPES,
        {
            "Type": "RESOURCE",
            "TypeName": name,
            "TypeArn": place.arn("cloudformation", f"type/resource/{name}"),
            "DefaultVersionId": "00000001",
            "LastUpdated": place.ago(days=90),
            "IsActivated": False,
        },
    )


def _expect(place: Place, status: str) -> None:
    place.put(REGIONS, {"status": status})


@default_answers(REGIONS)
def usual(place: Place, region: Record) -> None:
    """An extension is used by stacks; without any it may be as old as it likes."""
    place.expect(CURRENT, region["status"] if has_stack(place) else "not_applicable")


@extensions.variant("none", characters={"ordinary": 2, "neglected": 2, "new": 3, "locked_down": 2})
def none(place: Place) -> None:
    _expect(place, "not_applicable")


@extensions.variant("own", characters={"exemplary": 1, "ordinary": 1})
def own(place: Place) -> None:
    _own(place, "Example::Team::Monitor")
    _expect(place, "not_applicable")


@extensions.variant("latest", characters={"exemplary": 3, "ordinary": 1, "locked_down": 1})
def latest(place: Place) -> None:
    """Among extensions of its own."""
    for name in ("Example::Team::Monitor", "Example::Team::Schedule"):
        _own(place, name)
    _activated(place, "Acme::Data::Bucket", "1.4.0", "1.4.0")
    _activated(place, "Acme::Net::Vpc::MODULE", "2.0.1", "2.0.1", "MODULE")
    _expect(place, "pass")


@extensions.variant("behind", characters={"neglected": 2, "ordinary": 1})
def behind(place: Place) -> None:
    _activated(place, "Acme::Data::Bucket", "1.4.0", "2.0.0")
    _expect(place, "fail")


@extensions.variant("module_behind", characters=RARELY)
def module_behind(place: Place) -> None:
    """Resources and hooks are the latest."""
    _activated(place, "Acme::Data::Bucket", "1.4.0", "1.4.0")
    _activated(place, "Acme::Tags::Hook", "1.0.0", "1.0.0", "HOOK")
    _activated(place, "Acme::Net::Vpc::MODULE", "2.0.1", "2.1.0", "MODULE")
    _expect(place, "fail")


@extensions.variant("latest_not_told", characters=RARELY)
def latest_not_told(place: Place) -> None:
    _activated(place, "Acme::Data::Bucket", "1.4.0", None)
    _expect(place, "unknown")
