from findings.admin import (
    aws_jobs,
    deliveries,
    evidence,
    exports,
    findings,
    incidents,
    scans,
    scorecards,
    settings,
    suppressions,
    tickets,
    webhooks,
)

__all__ = [
    "aws_jobs",
    "deliveries",
    "evidence",
    "exports",
    "findings",
    "incidents",
    "scans",
    "scorecards",
    "settings",
    "suppressions",
    "tickets",
    "webhooks",
]
