"""Who may start builds from outside, and so decides what is run."""

from typing import Any

from simulator.facets.base import RARELY, Facet
from simulator.facets.build_records import CONTROLLED, put_project
from simulator.places import Place
from simulator.shapes import Undocumented

webhooks = Facet("codebuild.webhooks")


def _only(kind: str, pattern: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, "pattern": pattern, **fields}


PUSH = _only("EVENT", "PUSH")
OPENED = _only("EVENT", "PULL_REQUEST_CREATED, PULL_REQUEST_UPDATED")
MAIN = _only("HEAD_REF", "^refs/heads/main$")


def _review(
    place: Place, status: str, *groups: list[dict[str, Any]], approval: str | None = None
) -> None:
    webhook: dict[str, Any] = {
        "url": "https://api.github.com/repos/example/shop/hooks/1",
        "payloadUrl": "https://codebuild.example.com/webhooks",
        "filterGroups": list(groups),
        "status": "ACTIVE",
    }
    if approval:
        webhook["pullRequestBuildPolicy"] = {"requiresCommentApproval": approval}
    put_project(place, "shop-review", webhook=webhook)
    place.expect(CONTROLLED, status, resource="shop-review")


@webhooks.variant("pushes", characters={"exemplary": 2, "ordinary": 2, "locked_down": 2})
def pushes(place: Place) -> None:
    _review(place, "pass", [PUSH, MAIN])


@webhooks.variant("anybody", characters={"neglected": 2, "ordinary": 1})
def anybody(place: Place) -> None:
    """Pushes are filtered, pull requests are not."""
    _review(place, "fail", [PUSH, MAIN], [OPENED])


@webhooks.variant("approved", characters={"exemplary": 1, "ordinary": 1})
def approved(place: Place) -> None:
    _review(place, "pass", [OPENED], approval="FORK_PULL_REQUESTS")


@webhooks.variant("loose", characters={"neglected": 1, "ordinary": 1})
def loose(place: Place) -> None:
    """Who is meant is also everybody whose number holds theirs."""
    _review(place, "fail", [OPENED, _only("ACTOR_ACCOUNT_ID", "755743|234567")])


@webhooks.variant("known_people", characters={"exemplary": 1})
def known_people(place: Place) -> None:
    _review(place, "pass", [OPENED, _only("ACTOR_ACCOUNT_ID", "^(755743|234567)$")])


@webhooks.variant("not_approved", characters={"neglected": 1})
def not_approved(place: Place) -> None:
    _review(place, "fail", [OPENED, MAIN], approval="DISABLED")


@webhooks.variant("all_approved", characters={"exemplary": 1})
def all_approved(place: Place) -> None:
    """Without any filter."""
    _review(place, "pass", approval="ALL_PULL_REQUESTS")


@webhooks.variant("unheard_of", characters=RARELY)
def unheard_of(place: Place) -> None:
    _review(place, "fail", [OPENED], approval=Undocumented("SOME_PULL_REQUESTS"))


@webhooks.variant("none", characters={"new": 1, "locked_down": 1})
def no_review(place: Place) -> None:
    """Nothing is expected where nothing is built."""
