"""Topics, and who is subscribed to them."""

from typing import Any

from simulator.facets.base import ORGANIZATION, RARELY, Facet, default_answers
from simulator.facets.production import in_production
from simulator.places import OrganizationPlace, Place

TOPICS = "sns.topics"
CENTRAL = "central-alerts"

TRACED = "sns_topic_tracing_active"

central = Facet("sns.central", level=ORGANIZATION)
events = Facet("sns.events")


def put_topic(
    place: Place,
    name: str,
    *,
    confirmed: int = 1,
    pending: int = 0,
    protocols: tuple[str, ...] = (),
    **attributes: str,
) -> str:
    """A topic with so many subscriptions by mail, and those by other protocols, once; its ARN."""
    arn = place.arn("sns", name)
    if place.find(TOPICS, TopicArn=arn) is None:
        subscriptions = [_subscription(place, arn, f"{arn}:{n}") for n in range(confirmed)]
        subscriptions += [_subscription(place, arn, f"{arn}:{p}", p) for p in protocols]
        subscriptions += [_subscription(place, arn, "PendingConfirmation")] * pending
        place.put(
            TOPICS, {"TopicArn": arn, "_subscriptions": subscriptions, "_attributes": attributes}
        )
    return arn


def _subscription(
    place: Place, topic_arn: str, arn: str, protocol: str = "email"
) -> dict[str, Any]:
    return {
        "SubscriptionArn": arn,
        "Owner": place.account.id,
        "Protocol": protocol,
        "Endpoint": f"on-call+{place.account.id}@example.com",
        "TopicArn": topic_arn,
    }


def central_topic(place: Place) -> str:
    """The ARN of the topic of the security account that any account may notify."""
    owner = place.world.organization.delegated_administrator or place.account.id
    return f"arn:aws:sns:{place.region}:{owner}:{CENTRAL}"


def listeners(place: Place, arn: str) -> int | None:
    """Confirmed subscriptions: -1 if there is no such topic, None if no scan sees its owner."""
    _, _, _, region, owner, _ = arn.split(":")
    stands = place
    if owner != place.account.id:
        account = place.world.account(owner)
        if account is None or not place.world.is_collected(account, region):
            return None
        stands = place.world.organization_place.member(owner).region(region)
    found = stands.find(TOPICS, TopicArn=arn)
    if found is None:
        return -1
    return len([s for s in found["_subscriptions"] if s["SubscriptionArn"].startswith("arn:")])


def _put_central(organization: OrganizationPlace, confirmed: int, pending: int = 0) -> None:
    owner = organization.world.organization.delegated_administrator
    if owner is not None:
        for region in organization.world.regions:
            put_topic(
                organization.member(owner).region(region),
                CENTRAL,
                confirmed=confirmed,
                pending=pending,
            )


@central.variant("heard")
def heard(organization: OrganizationPlace) -> None:
    _put_central(organization, confirmed=2)


@central.variant("unheard")
def unheard(organization: OrganizationPlace) -> None:
    """The one person who was subscribed has left; the new one has not confirmed."""
    _put_central(organization, confirmed=0, pending=1)


@default_answers(TOPICS)
def untraceable(place: Place, topic: dict[str, Any]) -> None:
    """Nothing follows a message to a mailbox."""
    place.expect(TRACED, "not_applicable", resource=topic["TopicArn"])


def _events(
    place: Place,
    status: str,
    tracing: str | None,
    *protocols: str,
    name: str = "order-events",
    **changed: Any,
) -> None:
    """A topic with a confirmed subscriber of each protocol."""
    arn = place.arn("sns", name)
    subscriptions = [
        {**_subscription(place, arn, f"{arn}:{number}"), "Protocol": protocol}
        for number, protocol in enumerate(protocols)
    ]
    place.put(
        TOPICS,
        {
            "TopicArn": arn,
            "_arn": arn,
            "_subscriptions": subscriptions,
            "_tracing": tracing,
            **changed,
        },
    )
    place.expect(TRACED, status, resource=arn)


@events.variant("traced", characters={"exemplary": 3, "ordinary": 1, "locked_down": 1})
def traced(place: Place) -> None:
    _events(place, in_production(place, "pass"), "Active", "email", "lambda")


@events.variant("untraced", characters={"neglected": 2, "ordinary": 1})
def untraced(place: Place) -> None:
    """One says so, the other was never asked."""
    _events(place, in_production(place, "fail"), "PassThrough", "sqs")
    _events(place, in_production(place, "fail"), None, "https", name="stock-events")


@events.variant("tagged", characters={"ordinary": 1, "new": 1})
def tagged(place: Place) -> None:
    """Production by its own tag, wherever it stands."""
    _events(place, "fail", None, "firehose", _tags={"Environment": "prod"})


@events.variant("fifo", characters=RARELY)
def fifo(place: Place) -> None:
    _events(place, "not_applicable", None, "sqs", name="order-events.fifo")


@events.variant("none", characters={"new": 2, "locked_down": 2, "ordinary": 3, "neglected": 1})
def no_events(place: Place) -> None:
    """Nothing is expected where no messages are sent to workloads."""
