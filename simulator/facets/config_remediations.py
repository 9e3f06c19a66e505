"""Remediations of Config rules, and how their executions went.

The rules stand in the home region; those of `config.rules` have none, and find nothing that a
runbook repairs.
"""

from datetime import datetime, timedelta
from typing import Any

from simulator.facets.base import ACCOUNT, RARELY, Facet, default_answers
from simulator.facets.config_rules import put_rule
from simulator.places import AccountPlace, Place

remediations = Facet("config.remediations", level=ACCOUNT)

CONFIGURED = "config_rule_remediation_configured"
AUTOMATIC = "config_remediation_automatic"
SUCCEEDING = "config_remediation_executions_succeed"
WINDOW = timedelta(days=30)
MOMENT = timedelta(microseconds=1)
SAFE = {
    "s3-versioned": "S3_BUCKET_VERSIONING_ENABLED",
    "rotated": "CMK_BACKING_KEY_ROTATION_ENABLED",
}
NOT_SAFE = {"ssh": "INCOMING_SSH_DISABLED"}
BY_ITSELF = {"Automatic": True, "MaximumAutomaticAttempts": 3, "RetryAttemptSeconds": 300}


@default_answers("config.rules")
def no_runbook_is_known(place: Place, rule: dict[str, Any]) -> None:
    place.expect(CONFIGURED, "not_applicable", resource=rule["ConfigRuleName"])


def _put(
    account: AccountPlace,
    name: str,
    configured: str,
    executions: list[dict[str, Any]] | None = None,
    **members: Any,
) -> None:
    """A rule with a remediation, whose executions are answered for by `_expect_history`."""
    _put_bare(account, name, configured)
    remediation = {
        "ConfigRuleName": name,
        "TargetType": "SSM_DOCUMENT",
        "TargetId": f"AWSConfigRemediation-{name}",
        "TargetVersion": "1",
        "Automatic": False,
        "_executions": executions or [],
    }
    account.home.put("config.remediations", remediation | members)


def _put_bare(account: AccountPlace, name: str, configured: str, **changed: Any) -> None:
    source = {"Owner": "AWS", "SourceIdentifier": (SAFE | NOT_SAFE)[name]}
    put_rule(account.home, name, Source=source, **changed)
    account.home.expect(CONFIGURED, configured, resource=name)


def _expect_history(account: AccountPlace, name: str, status: str, **change: Any) -> None:
    account.home.expect(SUCCEEDING, status, resource=name, **change)


def _executions(
    account: AccountPlace, count: int, state: str = "SUCCEEDED", at: datetime | None = None
) -> list[dict[str, Any]]:
    steps = [{"Name": "enable", "State": "FAILED", "ErrorMessage": "the role is not allowed to"}]
    return [
        {
            "ResourceKey": {"resourceType": "AWS::S3::Bucket", "resourceId": f"{state}-{number}"},
            "State": state,
            "InvocationTime": at or account.moving(days=3),
            "StepDetails": steps if state == "FAILED" else None,
        }
        for number in range(count)
    ]


@remediations.variant("none", characters={"ordinary": 3, "new": 3, "neglected": 2})
def none(account: AccountPlace) -> None:
    account.expect(AUTOMATIC, "not_applicable")


@remediations.variant("automatic", characters={"exemplary": 3, "ordinary": 1, "locked_down": 1})
def automatic(account: AccountPlace) -> None:
    """One in ten executions fails, and one of two remediations starts by itself: both suffice."""
    executions = [*_executions(account, 9), *_executions(account, 1, "FAILED")]
    _put(account, "s3-versioned", "pass", executions, **BY_ITSELF)
    _expect_history(account, "s3-versioned", "pass")
    _put(account, "rotated", "pass")
    _expect_history(account, "rotated", "not_applicable")
    account.expect(AUTOMATIC, "pass")


@remediations.variant("by_hand", characters={"ordinary": 2, "exemplary": 1})
def by_hand(account: AccountPlace) -> None:
    """The executions leave the window 30 days after they were."""
    at = account.ago(days=29)
    _put(account, "s3-versioned", "pass", _executions(account, 2, at=at))
    _expect_history(
        account, "s3-versioned", "pass", until=at + WINDOW + MOMENT, then="not_applicable"
    )
    account.expect(AUTOMATIC, "fail")


@remediations.variant("failing", characters={"neglected": 1, "ordinary": 1})
def failing(account: AccountPlace) -> None:
    """One in nine fails; and nothing limits how often it is tried."""
    executions = [*_executions(account, 8), *_executions(account, 1, "FAILED")]
    given = {"Automatic": True, "TargetVersion": None}
    _put(account, "s3-versioned", "fail", executions, **given)
    _expect_history(account, "s3-versioned", "fail")
    account.expect(AUTOMATIC, "fail")


@remediations.variant("missing", characters={"neglected": 2, "new": 1, "ordinary": 1})
def missing(account: AccountPlace) -> None:
    """A pack's rule is the pack's; what is not safe need not start by itself."""
    _put_bare(account, "rotated", "fail")
    pack = {"CreatedBy": "config-conforms.amazonaws.com"}
    _put_bare(account, "s3-versioned", "not_applicable", **pack)
    _put(account, "ssh", "fail", _executions(account, 1, "QUEUED"), TargetVersion="$DEFAULT")
    _expect_history(account, "ssh", "pass")
    account.expect(AUTOMATIC, "not_applicable")


@remediations.variant("of_long_ago", characters={"ordinary": 1, "new": 1})
def of_long_ago(account: AccountPlace) -> None:
    at = account.ago(days=30, seconds=1)
    _put(account, "rotated", "pass", _executions(account, 3, "FAILED", at), **BY_ITSELF)
    _expect_history(account, "rotated", "not_applicable")
    account.expect(AUTOMATIC, "pass")


@remediations.variant("not_told", characters=RARELY)
def not_told(account: AccountPlace) -> None:
    executions = [*_executions(account, 1), *_executions(account, 1, "UNKNOWN")]
    _put(account, "rotated", "pass", executions, Automatic=None)
    _expect_history(account, "rotated", "unknown")
    account.expect(AUTOMATIC, "fail")
