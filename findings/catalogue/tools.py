"""Kinds of tools that do, outside AWS, what a check would look for inside it."""

from __future__ import annotations

from enum import StrEnum


class Tool(StrEnum):
    """What a tool is used for; a check names the kinds that may stand in for it."""

    INFRASTRUCTURE_AS_CODE = "infrastructure_as_code"
    CONFIGURATION_AUDIT = "configuration_audit"
    RUNBOOKS = "runbooks"
    SOURCE_CONTROL = "source_control"
    DELIVERY = "delivery"
    MONITORING = "monitoring"
    SYNTHETIC_MONITORING = "synthetic_monitoring"
    LOG_MANAGEMENT = "log_management"
    TRACING = "tracing"
    AUDIT_ANALYSIS = "audit_analysis"
    INCIDENT_RESPONSE = "incident_response"
    WORK_TRACKING = "work_tracking"

    @property
    def label(self) -> str:
        """The kind with examples, as people choose it."""
        return _LABELS[self]


_LABELS = {
    Tool.INFRASTRUCTURE_AS_CODE: "Infrastructure as code (Terraform, OpenTofu, Pulumi)",
    Tool.CONFIGURATION_AUDIT: "Configuration inventory and audit (Wiz, Prisma Cloud)",
    Tool.RUNBOOKS: "Runbooks and automated response (Ansible, Rundeck)",
    Tool.SOURCE_CONTROL: "Source control and review (GitHub, GitLab)",
    Tool.DELIVERY: "Build and delivery (GitHub Actions, GitLab CI, Argo CD)",
    Tool.MONITORING: "Metrics and alerts (Datadog, Grafana)",
    Tool.SYNTHETIC_MONITORING: "Synthetic monitoring (Datadog Synthetics, Checkly)",
    Tool.LOG_MANAGEMENT: "Log management (Splunk, Elastic)",
    Tool.TRACING: "Tracing (Datadog APM, Honeycomb, Jaeger)",
    Tool.AUDIT_ANALYSIS: "Analysis of audit logs (a SIEM)",
    Tool.INCIDENT_RESPONSE: "On-call and incidents (PagerDuty, Opsgenie)",
    Tool.WORK_TRACKING: "Work tracking (Jira, ServiceNow)",
}
