"""How builds sign in to where their source is."""

from simulator.facets.base import RARELY, Facet
from simulator.places import Place
from simulator.shapes import Undocumented

credentials = Facet("codebuild.credentials")

FEDERATED = "codebuild_source_credentials_federated"


def _credential(place: Place, server: str, kind: str | None) -> None:
    place.put(
        "codebuild.credentials",
        {
            "arn": place.arn("codebuild", f"token/{server.lower()}"),
            "serverType": server,
            "authType": kind,
        },
    )


def _connection(place: Place, name: str, status: str = "AVAILABLE") -> None:
    place.put(
        "codeconnections.connections",
        {
            "ConnectionName": name,
            "ConnectionArn": place.arn("codeconnections", f"connection/{place.uuid(name)}"),
            "ProviderType": "GitHub",
            "OwnerAccountId": place.account.id,
            "ConnectionStatus": status,
        },
    )


@credentials.variant("connected", characters={"exemplary": 3, "ordinary": 2, "locked_down": 2})
def connected(place: Place) -> None:
    _connection(place, "github")
    _connection(place, "github-tools")
    _credential(place, "GITHUB", "CODECONNECTIONS")
    _credential(place, "GITHUB_ENTERPRISE", "SECRETS_MANAGER")
    place.expect(FEDERATED, "pass")


@credentials.variant("by_token", characters={"neglected": 2, "ordinary": 1})
def by_token(place: Place) -> None:
    _connection(place, "github")
    _credential(place, "GITHUB", "CODECONNECTIONS")
    _credential(place, "GITLAB", "PERSONAL_ACCESS_TOKEN")
    place.expect(FEDERATED, "fail")


@credentials.variant("by_consent", characters={"exemplary": 1, "ordinary": 1})
def by_consent(place: Place) -> None:
    """Somebody has agreed in the console; there is no connection."""
    _credential(place, "BITBUCKET", "OAUTH")
    place.expect(FEDERATED, "pass")


@credentials.variant("by_password", characters={"neglected": 1})
def by_password(place: Place) -> None:
    _credential(place, "BITBUCKET", "BASIC_AUTH")
    place.expect(FEDERATED, "fail")


@credentials.variant("only_a_connection", characters={"exemplary": 1, "locked_down": 1})
def only_a_connection(place: Place) -> None:
    _connection(place, "github")
    place.expect(FEDERATED, "pass")


@credentials.variant("left_pending", characters={"neglected": 1, "ordinary": 1})
def left_pending(place: Place) -> None:
    """Nobody has finished the second connection."""
    _connection(place, "github")
    _connection(place, "gitlab", "PENDING")
    place.expect(FEDERATED, "fail")


@credentials.variant("nothing_external", characters={"new": 3, "locked_down": 1})
def nothing_external(place: Place) -> None:
    place.expect(FEDERATED, "not_applicable")


@credentials.variant("broken", characters=RARELY)
def broken(place: Place) -> None:
    _connection(place, "github", "ERROR")
    place.expect(FEDERATED, "fail")


@credentials.variant("unheard_of", characters=RARELY)
def unheard_of(place: Place) -> None:
    _credential(place, "GITHUB", Undocumented("MAGIC_LINK"))
    place.expect(FEDERATED, "fail")


@credentials.variant("untold", characters=RARELY)
def untold(place: Place) -> None:
    """AWS does not say how it signs in."""
    _credential(place, "GITHUB", None)
    place.expect(FEDERATED, "unknown")
