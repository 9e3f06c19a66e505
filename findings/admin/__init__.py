from findings.admin import aws_jobs, evidence, findings, scans, scorecards, settings, tickets

__all__ = ["aws_jobs", "evidence", "findings", "scans", "scorecards", "settings", "tickets"]
