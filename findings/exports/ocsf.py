"""Findings as events of the class Compliance Finding (2003) of OCSF 1.9.0, the cloud profile on.

Source: https://schema.ocsf.io/1.9.0/classes/compliance_finding?profiles=cloud and
https://github.com/ocsf/ocsf-schema (events/findings, objects). An export tells how findings stand,
so each is one event: created, or updated since, or closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from findings.catalogue.pillar import Severity
from findings.exports.values import json_text

VERSION = "1.9.0"
CATEGORY, CLASS = 2, 2003
STANDARD = "AWS Well-Architected Framework, Operational Excellence Pillar"
AWS_ACCOUNT = 10
CREATE, UPDATE, CLOSE = 1, 2, 3
OTHER = 99
ACTIVITIES = {CREATE: "Create", UPDATE: "Update", CLOSE: "Close"}
SEVERITIES = {
    Severity.INFORMATIONAL: (1, "Informational"),
    Severity.LOW: (2, "Low"),
    Severity.MEDIUM: (3, "Medium"),
    Severity.HIGH: (4, "High"),
    Severity.CRITICAL: (5, "Critical"),
}
IN_PROGRESS = (2, "In Progress")
SUPPRESSED = (3, "Suppressed")
STATUSES = {
    "": (1, "New"),
    "new": (1, "New"),
    "triaged": IN_PROGRESS,
    "in_progress": IN_PROGRESS,
    "fix_claimed": IN_PROGRESS,
    "resolved": (4, "Resolved"),
}
RESULTS = {"pass": (1, "Pass"), "fail": (3, "Fail")}
WARNING = (2, "Warning")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckTold:
    """What the catalogue says of a check."""

    title: str
    remediation: str
    best_practices: tuple[str, ...]
    version: int


def compliance_finding(row: Mapping[str, Any], check: CheckTold | None) -> dict[str, Any]:
    """The event of a finding; without a check, which the catalogue has no longer, its id alone.

    ``row`` is one of ``selectors.export_findings.FINDING_COLUMNS``.
    """
    activity = _activity(row)
    severity_id, severity = SEVERITIES[Severity(row["severity"])]
    status_id, status = _status(row)
    event: dict[str, Any] = {
        "activity_id": activity,
        "activity_name": ACTIVITIES[activity],
        "category_uid": CATEGORY,
        "category_name": "Findings",
        "class_uid": CLASS,
        "class_name": "Compliance Finding",
        "type_uid": CLASS * 100 + activity,
        "type_name": f"Compliance Finding: {ACTIVITIES[activity]}",
        "time": _milliseconds(row["opened_at"]),
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
        "message": row["message"] or row["check_id"],
        "metadata": {
            "version": VERSION,
            "profiles": ["cloud"],
            "product": {"name": "Cairn", "vendor_name": "Cairn"},
        },
        "finding_info": _finding_info(row, check),
        "compliance": _compliance(row, check),
        "resources": [_resource(row)],
        "cloud": _cloud(row),
    }
    if check is not None and check.remediation:
        event["remediation"] = {"desc": check.remediation}
    event["metadata"]["uid"] = _uid(row["uid"], event)
    return event


def _uid(finding: UUID, event: Mapping[str, Any]) -> str:
    """Of the event, not of its finding: the same while nothing that it tells has changed.

    Whoever reads two exports keeps each event once, and misses no change.
    """
    return str(uuid5(finding, json_text(event)))


def _activity(row: Mapping[str, Any]) -> int:
    if not row["is_open"]:
        return CLOSE
    return UPDATE if row["changed_at"] > row["opened_at"] else CREATE


def _status(row: Mapping[str, Any]) -> tuple[int, str]:
    """Closed without a fix is none of the statuses of OCSF: its cause is told in words.

    OCSF has one status where Cairn has two: a suppressed finding keeps its workflow, untold here.
    """
    if not row["is_open"] and row["workflow"] != "resolved":
        return OTHER, (row["close_cause"] or "closed").replace("_", " ")
    if row["is_open"] and row["suppressed_until"] is not None:
        return SUPPRESSED
    return STATUSES[row["workflow"]]


def _finding_info(row: Mapping[str, Any], check: CheckTold | None) -> dict[str, Any]:
    return {
        "uid": str(row["uid"]),
        "uid_alt": row["fingerprint"],
        "title": check.title if check else row["check_id"],
        "desc": row["message"],
        "types": [row["row"]],
        "created_time": _milliseconds(row["opened_at"]),
        "modified_time": _milliseconds(row["changed_at"]),
        "last_seen_time": _milliseconds(row["facts_at"]),
    }


def _compliance(row: Mapping[str, Any], check: CheckTold | None) -> dict[str, Any]:
    """A check whose outcome the last scans could not see did not yield a result: a warning."""
    status_id, status = RESULTS.get(
        row["evidence_status"], (OTHER, row["evidence_status"].replace("_", " "))
    )
    if row["unverified_since"] is not None:
        status_id, status = WARNING
    return {
        "standards": [STANDARD],
        "control": row["check_id"],
        "requirements": list(check.best_practices) if check else [],
        "status_id": status_id,
        "status": status,
        "status_details": [row["message"]] if row["message"] else [],
    }


def _resource(row: Mapping[str, Any]) -> dict[str, Any]:
    """What is judged: the resource, or the account where the check judges a wider place."""
    told = {"uid": row["resource"] or row["account_id"], "cloud_partition": row["partition"]}
    if not row["resource"]:
        told["type"] = "AWS Account"
    return told | _region(row)


def _cloud(row: Mapping[str, Any]) -> dict[str, Any]:
    account = {"uid": row["account_id"], "type": "AWS Account", "type_id": AWS_ACCOUNT}
    return {"provider": "AWS", "account": account} | _region(row)


def _region(row: Mapping[str, Any]) -> dict[str, str]:
    """Nothing for aws-global and aws-organization, which are no regions of AWS."""
    region: str = row["region"]
    return {} if region.startswith("aws-") else {"region": region}


def _milliseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(milliseconds=1)
