"""What people and teams hear of is chosen by them; here that and what was sent are read."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet

from accounts.admin.organizations import BY_ORGANIZATION
from accounts.admin.scoped import ScopedAdmin
from findings.models import (
    Notice,
    Notification,
    NotificationFeed,
    NotificationMessage,
    Subscriber,
)


class HeardAdmin(ScopedAdmin):
    """Of oneself and of teams that one administers; operators, who are superusers, see all."""

    def visible(self, queryset: QuerySet[Any], user: User) -> QuerySet[Any]:
        return queryset if user.is_superuser else super().visible(queryset, user)


@admin.register(Subscriber)
class SubscriberAdmin(HeardAdmin):
    list_display = ("__str__", "covers", "time_zone")
    list_filter = ("covers",)
    list_select_related = ("user", "team")
    search_fields = ("user__username", "team__name", "email")


@admin.register(NotificationMessage)
class NotificationMessageAdmin(HeardAdmin):
    list_display = ("__str__", "subject", "status", "told", "attempts", "created_at", "last_error")
    list_filter = (BY_ORGANIZATION, "status", "channel", "is_test")
    list_select_related = ("subscriber__user", "subscriber__team", "organization")
    search_fields = ("uid", "subject", "subscriber__user__username", "subscriber__team__name")
    date_hierarchy = "created_at"


@admin.register(Notification)
class NotificationAdmin(HeardAdmin):
    list_display = ("__str__", "channel", "status", "not_before")
    list_filter = ("status", "channel")
    list_select_related = ("notice", "subscriber__user", "subscriber__team")


@admin.register(Notice)
class NoticeAdmin(ScopedAdmin):
    list_display = ("__str__", "organization", "at", "made_at", "over_at")
    list_filter = (BY_ORGANIZATION, "event")
    list_select_related = ("organization",)
    search_fields = ("key",)
    date_hierarchy = "made_at"


@admin.register(NotificationFeed)
class NotificationFeedAdmin(ScopedAdmin):
    list_display = ("organization", "finding_event", "ticket_event", "turn")
    list_select_related = ("organization",)

    def visible(self, queryset: QuerySet[Any], user: User) -> QuerySet[Any]:
        return queryset if user.is_superuser else queryset.none()
