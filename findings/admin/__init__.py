from findings.admin import aws_jobs, evidence, findings, scans, settings

__all__ = ["aws_jobs", "evidence", "findings", "scans", "settings"]
