from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from accounts.models.base import Identified
from accounts.models.organization import Organization
from accounts.models.reach import reach_of
from accounts.roles import Permission

if TYPE_CHECKING:
    from typing import Self


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Entries of organizations that the person administers as a whole."""
        reach = reach_of(user, Permission.ADMINISTER)
        return self.filter(reach.on_whole_organizations("organization"))


class AuditEntry(Identified):
    """One change that a person made: who, what, on which object, before and after. Only added.

    ``organization`` is null for changes to the installation itself; superusers see those.
    """

    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    actor_name = models.CharField(
        max_length=150, help_text="Kept when the user is deleted; empty for the system.", blank=True
    )
    action = models.CharField(max_length=64, help_text="<noun>.<verb>, as in account.exclude")
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="audit_entries"
    )
    target_type = models.CharField(max_length=64)
    target_uid = models.CharField(max_length=64)
    target_name = models.CharField(max_length=256)
    before = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder)
    request_id = models.CharField(max_length=128, blank=True)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["organization", "at"], name="audit_by_organization"),
            models.Index(fields=["target_type", "target_uid"], name="audit_by_target"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name or 'system'}: {self.action} {self.target_name}"
