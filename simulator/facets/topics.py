"""Topics, and who is subscribed to them."""

from typing import Any

from simulator.facets.base import ORGANIZATION, Facet
from simulator.places import OrganizationPlace, Place

TOPICS = "sns.topics"
CENTRAL = "central-alerts"

central = Facet("sns.central", level=ORGANIZATION)


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
