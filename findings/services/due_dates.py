"""By when findings are to be remedied, by the organization's rules and the clocks of episodes."""

from __future__ import annotations

from datetime import date

from accounts.models import Organization
from findings.models import Episode, SlaRule
from findings.ticketing.sla import Rules, days_of, due_date


def rules_of(organization: Organization) -> Rules:
    rows = SlaRule.objects.filter(organization=organization)
    return {
        (severity, environment): days
        for severity, environment, days in rows.values_list("severity", "environment", "days")
    }


def episode_due(episode: Episode, organization: Organization, rules: Rules) -> date | None:
    """The last day on which its remedy is in time; None where it is never due."""
    finding = episode.finding
    days = days_of(rules, finding.severity, finding.account.environment)
    return due_date(episode.clock_starts_at, days, organization.time_zone)
