"""Repositories of container images, and whether tags can be moved to other images."""

from typing import Any

from simulator.facets.base import RARELY, Facet
from simulator.places import Place
from simulator.shapes import Undocumented

repositories = Facet("ecr.repositories")

IMMUTABLE = "ecr_tags_immutable"


def _repository(place: Place, status: str, name: str = "shop", **changed: Any) -> None:
    arn = place.arn("ecr", f"repository/{name}")
    registry = f"{place.account.id}.dkr.ecr.{place.region}.amazonaws.com"
    place.put(
        "ecr.repositories",
        {
            "repositoryArn": arn,
            "_arn": arn,
            "registryId": place.account.id,
            "repositoryName": name,
            "repositoryUri": f"{registry}/{name}",
            "createdAt": place.ago(days=400),
            "imageTagMutability": "MUTABLE",
            "imageScanningConfiguration": {"scanOnPush": True},
            "encryptionConfiguration": {"encryptionType": "AES256"},
            **changed,
        },
    )
    place.expect(IMMUTABLE, status, resource=name)


def _except(*filters: str, mutability: str = "IMMUTABLE_WITH_EXCLUSION") -> dict[str, Any]:
    return {
        "imageTagMutability": mutability,
        "imageTagMutabilityExclusionFilters": [
            {"filterType": "WILDCARD", "filter": one} for one in filters
        ],
    }


@repositories.variant("immutable", characters={"exemplary": 4, "ordinary": 2, "locked_down": 2})
def immutable(place: Place) -> None:
    _repository(place, "pass", imageTagMutability="IMMUTABLE")


@repositories.variant("mutable", characters={"neglected": 3, "ordinary": 2, "new": 1})
def mutable(place: Place) -> None:
    _repository(place, "fail")


@repositories.variant("excluding", characters={"exemplary": 1, "ordinary": 1})
def excluding(place: Place) -> None:
    """All but some are immutable, or only some, or by an asterisk none or all."""
    _repository(place, "pass", **_except("latest", "dev-*"))
    _repository(place, "fail", "tools", **_except("v*", mutability="MUTABLE_WITH_EXCLUSION"))


@repositories.variant("excluding_all", characters=RARELY)
def excluding_all(place: Place) -> None:
    _repository(place, "fail", **_except("latest", "*"))
    _repository(place, "pass", "tools", **_except("*", mutability="MUTABLE_WITH_EXCLUSION"))


@repositories.variant("exempt", characters={"ordinary": 1, "neglected": 1})
def exempt(place: Place) -> None:
    """What is tagged for development or as a cache may be overwritten."""
    _repository(place, "not_applicable", "sketches", _tags={"Environment": "Development"})
    _repository(place, "not_applicable", "layers", _tags={"Purpose": "cache"})
    _repository(place, "fail", _tags={"Environment": "production", "Purpose": "release"})


@repositories.variant("unheard_of", characters=RARELY)
def unheard_of(place: Place) -> None:
    _repository(place, "fail", imageTagMutability=Undocumented("SOMETIMES"))


@repositories.variant("none", characters={"new": 3, "locked_down": 2, "ordinary": 1})
def no_repository(place: Place) -> None:
    """Nothing is expected where no images are kept."""
