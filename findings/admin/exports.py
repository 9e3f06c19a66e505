from django.contrib import admin

from accounts.admin.organizations import BY_ORGANIZATION
from accounts.admin.scoped import ScopedAdmin
from findings.models import Export


@admin.register(Export)
class ExportAdmin(ScopedAdmin):
    list_display = ("asked_at", "asked_by", "organization", "kind", "format", "state", "rows_done")
    list_filter = (BY_ORGANIZATION, "kind", "format", "state")
    list_select_related = ("organization", "asked_by")
    date_hierarchy = "asked_at"
    exclude = ("token", "file", "accounts")
