from findings.admin import aws_jobs, evidence, findings, scans, scorecards, settings

__all__ = ["aws_jobs", "evidence", "findings", "scans", "scorecards", "settings"]
