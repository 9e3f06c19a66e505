from cryptography.fernet import Fernet

from findings.models import Notice, NotificationMessage
from findings.services.notification_feed import notifications_follow
from findings.services.notification_messages import messages_gather
from findings.services.subscribers import (
    subscriber_change,
    subscriber_of_person,
    subscriber_of_team,
)
from tests.factories.accounts import NOW


def reachable(settings):
    """An installation that can send mail, keep credentials, and make links."""
    settings.EMAIL_HOST = "127.0.0.1"
    settings.PUBLIC_URL = "https://cairn.example.com"
    settings.DEFAULT_FROM_EMAIL = "Cairn <cairn@example.com>"
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]


def hears(who, *events, channel="email", mode="instant", slack=None, **fields):
    """A person who hears of these events alone, by one channel."""
    subscriber = subscriber_of_person(who)
    return _choose(who, subscriber, events, channel, mode, slack, fields)


def team_hears(administrator, team, *events, channel="slack", mode="instant", **fields):
    slack = fields.pop("slack", "https://hooks.example.com/services/T/B/secret")
    subscriber = subscriber_of_team(team)
    return _choose(administrator, subscriber, events, channel, mode, slack, fields)


def _choose(actor, subscriber, events, channel, mode, slack, fields):
    whole = subscriber.choices.whole()
    subscriber.matrix = {event: dict.fromkeys(modes, "off") for event, modes in whole.items()}
    for event in events:
        subscriber.matrix[event][channel] = mode
    for name, value in fields.items():
        setattr(subscriber, name, value)
    return subscriber_change(actor=actor, subscriber=subscriber, slack_url=slack, now=NOW)


def followed(organization, now):
    """All that happened is noticed, and messages are made of what is due."""
    while notifications_follow(organization=organization, now=now):
        pass
    messages_gather(now=now)
    return list(NotificationMessage.objects.order_by("id"))


def notices():
    return sorted(Notice.objects.values_list("event", flat=True))


def dead_message(user, organization):
    """A mail to a person that was given up."""
    return NotificationMessage.objects.create(
        subscriber=subscriber_of_person(user),
        organization=organization,
        channel="email",
        status="dead",
        last_error="The mail server refused the address (550).",
        attempts=1,
        created_at=NOW,
        changed_at=NOW,
        not_before=NOW,
    )
