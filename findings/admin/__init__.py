from findings.admin import evidence, findings, scans, settings

__all__ = ["evidence", "findings", "scans", "settings"]
