"""Topics for the tables of the checks."""

from findings.facts.sns import Subscription, Topic
from tests.findings.checks.cases import ACCOUNT, REGION


def topic(name="on-call", account=ACCOUNT, region=REGION, confirmed=1, pending=0, **fields):
    """A topic with so many subscriptions by mail."""
    subscriptions = [Subscription(protocol="email", is_confirmed=True)] * confirmed
    subscriptions += [Subscription(protocol="email", is_confirmed=False)] * pending
    given = {
        "arn": f"arn:aws:sns:{region}:{account}:{name}",
        "subscriptions": tuple(subscriptions),
        "logged_deliveries": (),
        "tracing": None,
    }
    return Topic(**(given | fields))


def subscribed(protocol, is_confirmed=True):
    return Subscription(protocol=protocol, is_confirmed=is_confirmed)
