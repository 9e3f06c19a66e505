"""Who is told what by which channel: choices, what happened, and the messages that tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import Q

from accounts.models import Organization, Team
from accounts.models.base import Identified
from accounts.models.reach import reach_of
from accounts.roles import Permission
from accounts.validators import validate_time_zone
from findings.models.delivery import Delivery
from findings.models.scan import Scan
from findings.notifying.events import Channel, NotificationEvent
from findings.notifying.matrix import Matrix

if TYPE_CHECKING:
    from typing import Self

EVENTS = [(event.value, event.value) for event in NotificationEvent]
CHANNELS = [(channel.value, channel.label) for channel in Channel]


class SubscriberQuerySet(models.QuerySet["Subscriber"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Oneself, and the teams of organizations that one administers.

        None by a limited token: what is told reaches as far as its person does.
        """
        if reach_of(user).limit:
            return self.none()
        administered = reach_of(user, Permission.ADMINISTER)
        return self.filter(
            Q(user=user.pk, user__isnull=False)
            | Q(team__isnull=False) & administered.on_whole_organizations("team__organization")
        )


class Subscriber(Identified):
    """A person or a team, how they are reached, and what they chose to hear of.

    ``slack`` is the URL of an incoming webhook, encrypted as credentials are. ``webhook`` is one of
    the endpoints that sign and log for themselves.
    """

    class Covers(models.TextChoices):
        OWNED = "owned", "Accounts of my teams"
        SEEN = "seen", "All accounts that I may see"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="subscriber",
        editable=False,
    )
    team = models.OneToOneField(
        Team, models.CASCADE, null=True, blank=True, related_name="subscriber", editable=False
    )
    matrix = models.JSONField(default=dict, blank=True, help_text="Event, channel, how often.")
    covers = models.CharField(
        "my accounts are",
        max_length=8,
        choices=Covers.choices,
        default=Covers.OWNED,
        help_text="Whose findings, incidents and suppressions concern you.",
    )
    email = models.EmailField("e-mail", blank=True, help_text="A mailbox that the team reads.")
    slack = models.BinaryField(default=bytes, blank=True, editable=False)
    webhook = models.ForeignKey(
        "findings.WebhookEndpoint",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="subscribers",
    )
    time_zone = models.CharField(
        max_length=64,
        blank=True,
        validators=[validate_time_zone],
        help_text="Such as Europe/Paris. Empty: that of the organization.",
    )

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(user=None) ^ Q(team=None), name="subscriber_is_a_person_or_a_team"
            ),
            models.CheckConstraint(
                condition=Q(email="") | Q(user=None), name="subscriber_person_has_no_second_address"
            ),
        ]

    def __str__(self) -> str:
        return str(self.user or self.team)

    @property
    def is_team(self) -> bool:
        return self.team_id is not None

    @property
    def organization(self) -> Organization | None:
        """None for a person, who may hear of several."""
        return self.team.organization if self.team else None

    @property
    def address(self) -> str:
        """Where e-mail goes; empty for nowhere."""
        return self.user.email if self.user else self.email

    @property
    def choices(self) -> Matrix:
        return Matrix.parse(self.matrix, is_team=self.is_team)

    def zone(self, organization: Organization) -> str:
        return self.time_zone or organization.time_zone


class NoticeQuerySet(models.QuerySet["Notice"]):
    def standing(self) -> Self:
        return self.filter(over_at=None)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """By administrators: they name what happened anywhere in the organization."""
        administered = reach_of(user, Permission.ADMINISTER)
        return self.filter(administered.on_whole_organizations("organization"))


class Notice(models.Model):
    """That something happened of which people may be told: once for each ``key``.

    ``about`` and ``about_id`` name what it is about; that it may be seen is asked whenever it is
    told. What is a state, such as being overdue, stands until ``over_at`` and may then come again.
    """

    class About(models.TextChoices):
        FINDING = "finding"
        ACCOUNT = "account"
        SCAN = "scan"
        ALERT = "alert"
        TICKET = "ticket"
        SUPPRESSION = "suppression"
        ATTESTATION = "attestation"
        INCIDENT = "incident"
        ACTION_ITEM = "action_item"

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="notices")
    key = models.CharField(max_length=200)
    event = models.CharField(max_length=32, choices=EVENTS)
    about = models.CharField(max_length=16, choices=About.choices)
    about_id = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    note = models.CharField(max_length=64, blank=True, help_text="How, in a word of ours.")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    scan = models.ForeignKey(
        Scan,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="What a scan sees is told when it has ended.",
    )
    is_calm = models.BooleanField(
        default=False, help_text="Caused by a change of checks or settings: told in digests alone."
    )
    made_at = models.DateTimeField()
    over_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "key"], condition=Q(over_at=None), name="notice_once"
            ),
        ]
        indexes = [models.Index(fields=["made_at"], name="notice_made_at")]

    def __str__(self) -> str:
        return f"{self.event} {self.about} {self.about_id}"


class NotificationMessageQuerySet(models.QuerySet["NotificationMessage"]):
    def waiting(self) -> Self:
        return self.filter(status=NotificationMessage.Status.WAITING)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(subscriber__in=Subscriber.objects.visible_to(user))


class NotificationMessage(Delivery):
    """One mail, one post to Slack, one call of a webhook. What it says is written when it is sent.

    Only its subject is kept, with how many things it told.
    """

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="messages")
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="notification_messages"
    )
    channel = models.CharField(max_length=8, choices=CHANNELS)
    is_test = models.BooleanField("test", default=False)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    subject = models.CharField(max_length=200, blank=True, help_text="As it was sent.")
    told = models.PositiveIntegerField(default=0, help_text="How many things it told.")
    last_error = models.TextField(blank=True)

    objects = NotificationMessageQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="delivered") | Q(sent_at__isnull=False),
                name="notification_message_delivered_at_an_instant",
            ),
        ]
        indexes = [
            models.Index(
                fields=["not_before"],
                condition=Q(status="waiting"),
                name="notification_message_due",
            ),
            models.Index(
                fields=["subscriber", "channel", "-created_at"],
                name="notification_message_latest",
            ),
            models.Index(fields=["created_at"], name="notification_message_created"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} to {self.subscriber}"


class NotificationQuerySet(models.QuerySet["Notification"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(subscriber__in=Subscriber.objects.visible_to(user))


class Notification(models.Model):
    """A notice for one subscriber by one channel: it is told once, in one message, or never."""

    class Status(models.TextChoices):
        WAITING = "waiting"
        TOLD = "told"
        WITHHELD = "withheld", "Not told: no longer seen, wanted or so"

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="notifications")
    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="notifications")
    channel = models.CharField(max_length=8, choices=CHANNELS)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    not_before = models.DateTimeField()
    message = models.ForeignKey(
        NotificationMessage,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="notifications",
    )

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "subscriber", "channel"], name="notification_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["not_before"],
                condition=Q(status="waiting", message=None),
                name="notification_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice} for {self.subscriber}"


class NotificationFeed(models.Model):
    """Up to which events of an organization notices were made, and how often any were."""

    organization = models.OneToOneField(
        Organization, models.CASCADE, primary_key=True, related_name="+"
    )
    finding_event = models.PositiveBigIntegerField(default=0)
    account_event = models.PositiveBigIntegerField(default=0)
    ticket_event = models.PositiveBigIntegerField(default=0)
    suppression_event = models.PositiveBigIntegerField(default=0)
    incident_event = models.PositiveBigIntegerField(default=0)
    began_at = models.DateTimeField()
    turn = models.PositiveBigIntegerField(
        default=0, help_text="Grows with each look that made notices, so that no two are made."
    )

    def __str__(self) -> str:
        return f"{self.organization}: {self.turn}"
