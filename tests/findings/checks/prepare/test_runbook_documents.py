"""P3 runbooks: versions, reviews, secrets, logs."""

from datetime import timedelta

from findings.facts.ssm import SCRIPT_LOGS
from tests.findings.checks.builders_ssm import (
    description,
    document,
    document_secrets,
    setting,
    shared_document,
)
from tests.findings.checks.cases import (
    FAIL,
    NOT_APPLICABLE,
    NOW,
    PASS,
    UNKNOWN,
    Case,
    ago,
    assert_outcomes,
)
from tests.findings.checks.gaps import denied

OWNED = {"Owner": "web"}
OLD = ago(days=365, seconds=1)

SHARED = shared_document(tags=OWNED)

NOT_RUNBOOKS = [
    Case("a command", NOT_APPLICABLE, [document(type="Command"), description()]),
    Case("of AWS", NOT_APPLICABLE, [document("AWSQuickSetup-Patching")]),
    Case("of another account", NOT_APPLICABLE, [SHARED, description(SHARED.name)]),
    Case("deleted meanwhile", NOT_APPLICABLE, [document(), description("other")]),
    Case("denied", UNKNOWN, [document()], gaps=[denied(description())]),
]


def versioned(name, expect, **fields):
    message = fields.pop("message", "")
    parameters = fields.pop("parameters", {})
    given = [document(), description(**fields)]
    return Case(name, expect, given, message=message, parameters=parameters)


def reviewed(name, expect, tags=OWNED, **fields):
    message = fields.pop("message", "")
    parameters = fields.pop("parameters", {})
    given = [document(tags=tags), description(**fields)]
    return Case(name, expect, given, message=message, parameters=parameters)


def tagged(value, expect, **fields):
    tags = OWNED | {"LastReviewed": value}
    return reviewed(f"reviewed on {value}", expect, tags, latest_created_at=OLD, **fields)


TABLE = {
    "ssm_runbook_versioned": [
        *(
            versioned(f"named {name}", PASS, version_name=name)
            for name in ("1.4.0", "v2.0.11", "1.4.0-rc.1", "3f9d2c1", "a" * 40)
        ),
        *(
            versioned(f"named {name}", FAIL, version_name=name, message=f"named {name}")
            for name in ("draft", "1.4", "latest", "3f9d2c", "a" * 41, "1.4.0_x")
        ),
        versioned("no name", FAIL, version_name=None, message="its default version has no name"),
        versioned(
            "another pattern",
            PASS,
            version_name="2026-06",
            parameters={"name_pattern": r"\d{4}-\d{2}"},
        ),
        versioned("behind", FAIL, default_version="2", message="default version: version 2 of 3"),
        versioned("behind but approved", PASS, default_version="2", approved_version="2"),
        versioned("another one is approved", FAIL, default_version="2", approved_version="1"),
        *(
            versioned(f"status {status}", FAIL, status=status, message=f"status {status}")
            for status in ("Creating", "Updating", "Deleting", "Failed", "OfTomorrow")
        ),
        *NOT_RUNBOOKS,
    ],
    "ssm_runbook_reviewed_recently": [
        reviewed("a new version", PASS),
        reviewed("a version at the limit", PASS, latest_created_at=ago(days=365)),
        reviewed("a version beyond it", FAIL, latest_created_at=OLD, message="2025-06-15"),
        reviewed(
            "a shorter period",
            FAIL,
            latest_created_at=ago(days=31),
            parameters={"max_age_days": 30},
        ),
        tagged("2025-06-16", PASS),
        tagged("2025-06-15", FAIL),
        tagged("2025-06-15T12:00:00+00:00", PASS),
        tagged("2025-06-15T13:00:00+02:00", FAIL),
        tagged(" 2026-01-01 ", PASS),
        tagged("soon", FAIL),
        tagged("", FAIL),
        tagged("2026-06-16", PASS),
        tagged(f"{(NOW + timedelta(days=1)).isoformat()}", PASS),
        tagged(f"{(NOW + timedelta(days=1, seconds=1)).isoformat()}", FAIL),
        reviewed(
            "another tag",
            PASS,
            OWNED | {"checked": "2026-06-01"},
            latest_created_at=OLD,
            parameters={"review_tag": "checked"},
        ),
        reviewed("no owner", FAIL, {}, message="not met: owned"),
        reviewed("an empty owner", FAIL, {"Owner": " "}),
        reviewed("another owner", PASS, {"team": "web"}, parameters={"owner_tag": "team"}),
        reviewed("no description", FAIL, has_description=False, message="not met: described"),
        *NOT_RUNBOOKS,
    ],
    "ssm_document_no_secrets": [
        Case("no hit", PASS, [document(), document_secrets()]),
        Case(
            "a hit",
            FAIL,
            [document(), document_secrets(("line 7", "name of a secret"))],
            message="line 7 (name of a secret)",
        ),
        Case(
            "a hit in a command",
            FAIL,
            [document(type="Command"), document_secrets(("line 2", "AWS access key"))],
        ),
        Case("of another account", NOT_APPLICABLE, [shared_document(), document_secrets()]),
        Case("deleted meanwhile", NOT_APPLICABLE, [document(), document_secrets(name="other")]),
        Case("denied", UNKNOWN, [document()], gaps=[denied(document_secrets())]),
    ],
    "ssm_automation_logging_enabled": [
        Case("logged", PASS, [document(), setting("CloudWatch", SCRIPT_LOGS)]),
        Case("as by default", FAIL, [document(), setting("", SCRIPT_LOGS)], message="nowhere"),
        Case("elsewhere", FAIL, [document(), setting("S3", SCRIPT_LOGS)], message="goes to S3"),
        Case("another setting", UNKNOWN, [document(), setting("CloudWatch")]),
        Case("no runbook", NOT_APPLICABLE, [setting("", SCRIPT_LOGS)]),
        Case("a command", NOT_APPLICABLE, [document(type="Command"), setting("", SCRIPT_LOGS)]),
        Case("a shared one", NOT_APPLICABLE, [shared_document(), setting("", SCRIPT_LOGS)]),
        Case("denied", UNKNOWN, [setting("", SCRIPT_LOGS)], gaps=[denied(document())]),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
