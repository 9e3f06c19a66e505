"""Exports: rows that a person asked to take away, from being asked for to the end of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import Q

from accounts.models import ApiToken, Organization
from accounts.models.base import Identified
from accounts.models.reach import reach_of

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Self

_LIVE = ("queued", "running")


class ExportKind(models.TextChoices):
    FINDINGS = "findings"
    SCORECARDS = "scorecards"
    COVERAGE = "coverage", "Coverage and gaps"
    INCIDENTS = "incidents"
    LEARNINGS = "learnings"
    ACTION_ITEMS = "action_items", "Action items"
    AUDIT = "audit", "Audit log"


class ExportFormat(models.TextChoices):
    CSV = "csv", "CSV"
    CSV_WITH_MARK = "csv_bom", "CSV for Excel (with a byte order mark)"
    JSON_LINES = "jsonl", "JSON lines"
    OCSF = "ocsf", "OCSF Compliance Finding"
    EVIDENCE = "evidence", "Evidence pack (zip)"


class ExportQuerySet(models.QuerySet["Export"]):
    def live(self) -> Self:
        return self.filter(state__in=Export.LIVE)

    def claimable(self, now: datetime) -> Self:
        """Waiting, or left behind by an owner whose lease has run out."""
        return self.live().filter(Q(lease_until=None) | Q(lease_until__lte=now))

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """The person's own, of organizations that they still see; others may see less of it.

        Through a limited token what was asked for with it: the others tell of more than it may.
        """
        reach = reach_of(user)
        if reach.everything:
            return self.all()
        seen = Organization.objects.visible_to(user)
        own = self.filter(asked_by=user.pk, asked_by__isnull=False, organization__in=seen)
        return own.filter(limited_by=reach.limit.token) if reach.limit else own


class Export(Identified):
    """What was asked for, by whom, how far it is, and the file that came of it.

    ``file`` is a name below CAIRN_HOME/exports that nobody can guess; ``accounts`` are the
    (internal) ids of those that the file tells of, ``of_whole`` whether it tells of what is for
    those alone who see the whole organization, so that who has lost some of it is not given it.
    """

    Kind = ExportKind
    Format = ExportFormat

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"
        EXPIRED = "expired"

    LIVE = (State.QUEUED, State.RUNNING)

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="exports")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="exports"
    )
    asked_at = models.DateTimeField()
    limited_by = models.ForeignKey(
        ApiToken,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="The limited token with which it was asked for: it reaches no more than that.",
    )
    kind = models.CharField(max_length=16, choices=ExportKind.choices)
    format = models.CharField(max_length=16, choices=ExportFormat.choices)
    filters = models.JSONField(default=dict, blank=True, help_text="Those of the findings list.")
    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    rows_done = models.PositiveBigIntegerField(default=0)
    rows_expected = models.PositiveBigIntegerField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    file = models.CharField(max_length=64, blank=True, editable=False)
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes.")
    sha256 = models.CharField(max_length=64, blank=True)
    manifest = models.JSONField(default=dict, blank=True)
    accounts = models.JSONField(default=list, blank=True, editable=False)
    of_whole = models.BooleanField(default=False, editable=False)
    token = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at=None, state__in=_LIVE)
                | Q(finished_at__isnull=False) & ~Q(state__in=_LIVE),
                name="export_has_an_end_when_ended",
            ),
            models.CheckConstraint(
                condition=Q(state="done") & ~Q(file="") & ~Q(sha256="")
                | ~Q(state="done") & Q(file=""),
                name="export_has_a_file_only_when_done",
            ),
            models.CheckConstraint(
                condition=Q(state="running", token__isnull=False, lease_until__isnull=False)
                | ~Q(state="running") & Q(token=None),
                name="export_running_has_an_owner",
            ),
            models.CheckConstraint(
                condition=~Q(format__in=("ocsf", "evidence")) | Q(kind="findings"),
                name="export_format_fits_its_kind",
                violation_error_message="Only findings are exported in this format.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["lease_until"], condition=Q(state__in=_LIVE), name="export_unfinished"
            ),
            models.Index(fields=["finished_at"], name="export_finished_at"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.organization}, {self.asked_at:%F %H:%M}"

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE

    @property
    def is_whole(self) -> bool:
        return self.state == self.State.DONE

    @property
    def file_name(self) -> str:
        """What a browser calls it when it is saved."""
        return f"cairn-{self.kind}-{self.asked_at:%Y%m%d-%H%M}.{ENDINGS[self.format]}"


ENDINGS = {
    ExportFormat.CSV.value: "csv",
    ExportFormat.CSV_WITH_MARK.value: "csv",
    ExportFormat.JSON_LINES.value: "jsonl",
    ExportFormat.OCSF.value: "ocsf.jsonl",
    ExportFormat.EVIDENCE.value: "zip",
}
