from django.urls import path

from portal.web import (
    accounts,
    attestations,
    catalogue,
    findings,
    overview,
    scans,
    schedules,
    tools,
)

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("accounts/", accounts.account_list, name="account-list"),
    path("accounts/<uuid:uid>/", accounts.account_detail, name="account-detail"),
    path("findings/", findings.finding_list, name="finding-list"),
    path("findings/<uuid:uid>/", findings.finding_detail, name="finding-detail"),
    path("findings/<uuid:uid>/recheck/", findings.finding_recheck, name="finding-recheck"),
    path("scans/", scans.scan_list, name="scan-list"),
    path("scans/start/", scans.scan_start, name="scan-start"),
    path("scans/<uuid:uid>/", scans.scan_detail, name="scan-detail"),
    path("scans/<uuid:uid>/progress/", scans.scan_progress, name="scan-progress"),
    path("scans/<uuid:uid>/cancel/", scans.scan_cancel, name="scan-cancel"),
    path("scans/<uuid:uid>/retry/", scans.scan_retry, name="scan-retry"),
    path("catalogue/", catalogue.catalogue, name="catalogue"),
    path("catalogue/<slug:check>/", catalogue.check_detail, name="check-detail"),
    path("schedules/", schedules.schedule_list, name="schedule-list"),
    path("schedules/new/", schedules.schedule_create, name="schedule-create"),
    path("schedules/<uuid:uid>/", schedules.schedule_edit, name="schedule-edit"),
    path("schedules/<uuid:uid>/delete/", schedules.schedule_delete, name="schedule-delete"),
    path("tools/", tools.tool_list, name="tool-list"),
    path("tools/declare/", tools.tool_declare, name="tool-declare"),
    path("tools/<uuid:uid>/end/", tools.tool_end, name="tool-end"),
    path("attestations/", attestations.attestation_list, name="attestation-list"),
    path("attestations/make/", attestations.attestation_make, name="attestation-make"),
    path(
        "attestations/<uuid:uid>/withdraw/",
        attestations.attestation_withdraw,
        name="attestation-withdraw",
    ),
]
