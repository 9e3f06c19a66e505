"""Post-incident analyses with every version that was kept of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import Q

from accounts.models.base import Identified
from findings.models.incident import Incident, PartQuerySet

if TYPE_CHECKING:
    from typing import Self

SECTIONS = {
    "correction_of_error": (
        ("impact", "Impact: who noticed what, for how long"),
        ("background", "How it works and how it was meant to work"),
        ("detection", "How it was detected, and how that could take half the time"),
        ("response", "How it was mitigated, and how that could take half the time"),
        ("went_well", "What went well"),
        ("luck", "Where luck helped"),
        ("went_badly", "What made it worse or longer"),
        ("conclusion", "What is learnt"),
    ),
    "light": (
        ("what_happened", "What happened"),
        ("went_well", "What went well"),
        ("luck", "Where luck helped"),
        ("conclusion", "What is learnt"),
    ),
}
"""Template -> keys and headings of its parts, each in Markdown.

Source: https://aws.amazon.com/blogs/mt/why-you-should-develop-a-correction-of-error-coe/
"""


class Analysis(Identified):
    """What people make of an incident. ``version`` grows with each change of its words."""

    class Template(models.TextChoices):
        CORRECTION_OF_ERROR = "correction_of_error"
        LIGHT = "light"

    class State(models.TextChoices):
        DRAFT = "draft"
        IN_REVIEW = "in_review"
        PUBLISHED = "published"

    incident = models.OneToOneField(Incident, models.CASCADE, related_name="analysis")
    template = models.CharField(max_length=24, choices=Template.choices)
    state = models.CharField(max_length=16, choices=State.choices, default=State.DRAFT)
    version = models.PositiveIntegerField(default=1)
    sections = models.JSONField(default=dict, blank=True, help_text="Key of a part -> Markdown.")
    whys = models.JSONField(
        default=list, blank=True, help_text="Tree of {why, because}: answers that are asked again."
    )
    begun_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = PartQuerySet["Analysis"].as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "analyses"
        constraints = [
            models.CheckConstraint(
                condition=Q(state="published", published_at__isnull=False)
                | ~Q(state="published") & Q(published_at=None),
                name="analysis_published_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"Analysis of {self.incident}"

    @property
    def parts(self) -> list[tuple[str, str, str]]:
        """Key, heading and Markdown of each part."""
        return [(key, label, self.sections.get(key, "")) for key, label in SECTIONS[self.template]]


class AnalysisVersionQuerySet(models.QuerySet["AnalysisVersion"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(analysis__incident__in=Incident.objects.visible_to(user))


class AnalysisVersion(models.Model):
    """The words of an analysis as they were saved; of a run of autosaves the last is kept."""

    analysis = models.ForeignKey(Analysis, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    sections = models.JSONField(default=dict, blank=True)
    whys = models.JSONField(default=list, blank=True)
    is_autosave = models.BooleanField(default=False)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = AnalysisVersionQuerySet.as_manager()

    class Meta:
        ordering = ["analysis", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["analysis", "number"], name="analysis_version_number_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"Version {self.number} of {self.analysis}"
