"""Build projects: their secrets, privileges and visibility."""

from typing import Any

from simulator.facets.base import RARELY, Facet
from simulator.facets.build_records import (
    BRANCH,
    PRIVILEGED,
    SECRETS,
    environment,
    put_project,
)
from simulator.places import Place
from simulator.shapes import Undocumented

project = Facet("codebuild.project")


def _project(
    place: Place,
    *,
    secrets: str = "pass",
    privileges: str = "pass",
    name: str = "shop-build",
    **fields: Any,
) -> None:
    put_project(place, name, **fields)
    place.expect(SECRETS, secrets, resource=name)
    place.expect(PRIVILEGED, privileges, resource=name)


@project.variant("clean", characters={"exemplary": 3, "ordinary": 2, "locked_down": 2})
def clean(place: Place) -> None:
    """Two projects; absent fields are what AWS does by default."""
    _project(place)
    _project(
        place,
        name="shop-lint",
        source={"type": "CODEPIPELINE"},
        environment=environment(privilegedMode=None),
        projectVisibility=None,
        tags=None,
    )


@project.variant("secret_by_name", characters={"neglected": 2, "ordinary": 1})
def secret_by_name(place: Place) -> None:
    variable = {"name": "DB_PASSWORD", "value": "correct horse", "type": "PLAINTEXT"}
    _project(place, secrets="fail", environment=environment(BRANCH, variable))


@project.variant("secret_from_a_store", characters={"exemplary": 2, "ordinary": 1})
def secret_from_a_store(place: Place) -> None:
    """Names of secrets are right where the value comes from a store or is a reference."""
    _project(
        place,
        environment=environment(
            {"name": "DB_PASSWORD", "value": "shop/db:password", "type": "SECRETS_MANAGER"},
            {"name": "NPM_TOKEN", "value": "/shop/npm-token", "type": "PARAMETER_STORE"},
            {"name": "TOKEN_URL", "value": "https://sign-in.example.com", "type": "PLAINTEXT"},
            {"name": "SECRET_ARN", "value": place.arn("secretsmanager", "secret:shop")},
        ),
    )


@project.variant("secret_by_value", characters={"neglected": 1, "ordinary": 1})
def secret_by_value(place: Place) -> None:
    """A variable without a type is plain text."""
    variable = {"name": "REGISTRY", "value": "https://ci:hunter2@registry.example.com"}
    _project(place, secrets="fail", environment=environment(variable))


@project.variant("builds_images", characters={"exemplary": 1, "ordinary": 1})
def builds_images(place: Place) -> None:
    tags = [{"key": "BuildsImages", "value": "True"}]
    _project(place, environment=environment(privilegedMode=True), tags=tags)


@project.variant("privileged", characters={"ordinary": 1, "neglected": 2})
def privileged(place: Place) -> None:
    _project(place, privileges="fail", environment=environment(privilegedMode=True))


@project.variant("secret_in_source", characters={"neglected": 1})
def secret_in_source(place: Place) -> None:
    """In the second source only."""
    _project(
        place,
        secrets="fail",
        secondarySources=[
            {
                "type": "BITBUCKET",
                "location": "https://ci:hunter2@bitbucket.org/example/tools.git",
                "sourceIdentifier": "tools",
            }
        ],
    )


@project.variant("public", characters={"neglected": 1})
def public(place: Place) -> None:
    _project(place, privileges="fail", projectVisibility="PUBLIC_READ")


@project.variant("visibility_unheard_of", characters=RARELY)
def visibility_unheard_of(place: Place) -> None:
    _project(place, privileges="fail", projectVisibility=Undocumented("PUBLIC_BUILD"))


@project.variant("none", characters={"new": 3, "locked_down": 1})
def no_project(place: Place) -> None:
    """Nothing is expected where nothing is built."""
