from findings.facts.base import Gap, GapReason
from tests.findings.checks.builders_config import rule
from tests.findings.checks.builders_config_remediation import remediation
from tests.findings.checks.cases import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, assert_outcomes
from tests.findings.checks.gaps import denied

NOT_TOLD = Gap(kind="x", reason=GapReason.NOT_SUPPLIED, operation="x:Y")
SOURCE = "S3_BUCKET_VERSIONING_ENABLED"


def versioned(**fields):
    return rule("versioned", **({"source": SOURCE} | fields))


TABLE = {
    "config_rule_remediation_configured": [
        Case("by a runbook", PASS, [versioned(), remediation()]),
        *(
            Case(f"state {state}", PASS, [versioned(state=state), remediation()])
            for state in ("EVALUATING", "DELETING_RESULTS", None)
        ),
        Case("none", FAIL, [versioned()], message="it has no remediation"),
        Case(
            "of another rule", FAIL, [versioned(), remediation("other")], message="no remediation"
        ),
        Case(
            "two, one of them right",
            PASS,
            [
                versioned(),
                remediation(resource_type="AWS::S3::Bucket"),
                remediation(target_version=None),
            ],
        ),
        *(
            Case(
                f"version {version}",
                FAIL,
                [versioned(), remediation(target_version=version)],
                message=f"fixed version: names version {version}",
            )
            for version in (None, "$DEFAULT", "$LATEST", "")
        ),
        Case(
            "something else than a runbook",
            FAIL,
            [versioned(), remediation(target_type="LAMBDA")],
            message="not met: runbook",
        ),
        Case(
            "a rule without a runbook", NOT_APPLICABLE, [versioned(source="EC2_STOPPED_INSTANCE")]
        ),
        Case(
            "a runbook of its own",
            FAIL,
            [versioned(source="EC2_STOPPED_INSTANCE")],
            parameters={"remediable_rules": ["EC2_STOPPED_INSTANCE"]},
        ),
        Case("a custom rule", NOT_APPLICABLE, [versioned(source=None)], message="no runbook"),
        *(
            Case(
                f"created by {service}",
                NOT_APPLICABLE,
                [versioned(created_by=f"{service}.amazonaws.com")],
                message=f"{service}.amazonaws.com created it",
            )
            for service in ("config-conforms", "config-multiaccountsetup", "securityhub")
        ),
        Case("on its way out", NOT_APPLICABLE, [versioned(state="DELETING")], message="deleted"),
        Case("no target told", UNKNOWN, [versioned(), remediation(target_type=NOT_TOLD)]),
        Case("denied", UNKNOWN, [versioned()], gaps=[denied(remediation())]),
    ]
}


def test_outcomes():
    assert_outcomes(TABLE)
