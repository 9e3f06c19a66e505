"""O1: patches of nodes and patch baselines."""

from findings.facts.base import not_told
from tests.findings.checks.builders_ssm_patching import (
    association,
    baseline,
    managed,
    patch_state,
    platform,
)
from tests.findings.checks.cases import (
    FAIL,
    NOT_APPLICABLE,
    PASS,
    UNKNOWN,
    Case,
    ago,
    assert_outcomes,
)
from tests.findings.checks.gaps import denied

POLICY = association("AWS-QuickSetup-PatchPolicy-ScanForPatches-LA-abcde")
UNTOLD = not_told("ssm.node_platform", "ssm:DescribeInstanceInformation")


def patched(name, expect, **fields):
    message = fields.pop("message", "")
    return Case(name, expect, [managed(), patch_state(**fields)], message=message)


TABLE = {
    "ssm_patch_compliant": [
        patched("patched", PASS),
        patched("critical", FAIL, critical=2, message="not met: critical patches: 2 missing"),
        patched("of security", FAIL, security=1, message="not met: security patches: 1 missing"),
        patched("failed", FAIL, failed=3, message="not met: installation: 3 failed"),
        patched("restart", FAIL, pending_reboot=1, message="restart: 1 waiting for a restart"),
        patched("scanned at the limit", PASS, ended_at=ago(days=7)),
        patched(
            "scanned before it",
            FAIL,
            ended_at=ago(days=7, seconds=1),
            message="not met: scanned: last on 2026-06-08",
        ),
        Case(
            "a longer limit",
            PASS,
            [managed(), patch_state(ended_at=ago(days=9))],
            parameters={"max_scan_age_days": 9},
        ),
        patched("a count that is not told", UNKNOWN, critical=UNTOLD),
        patched("and another that fails", FAIL, critical=UNTOLD, failed=1),
        Case("never scanned", FAIL, [managed()], message="it was never scanned for patches"),
        Case("another node was", FAIL, [managed(), patch_state("mi-2")]),
        Case("denied", UNKNOWN, [managed()], gaps=[denied(patch_state())]),
    ],
    "ssm_patch_baseline_defined": [
        Case("a default of its own", PASS, [platform(), baseline()]),
        Case(
            "one for a group of nodes",
            PASS,
            [platform(), baseline(is_default=False, patch_groups=("web",))],
        ),
        Case(
            "one that nobody uses",
            FAIL,
            [platform(), baseline(is_default=False)],
            message="own baselines: no baseline of its own serves UBUNTU",
        ),
        Case("one of another system", FAIL, [platform(), baseline("WINDOWS")]),
        Case("none", FAIL, [platform()]),
        Case(
            "one of two systems",
            FAIL,
            [platform(), platform("WINDOWS", "mi-2"), baseline()],
            message="serves WINDOWS",
        ),
        Case(
            "both", PASS, [platform(), platform("DEBIAN", "mi-2"), baseline(), baseline("DEBIAN")]
        ),
        Case("a patch policy", PASS, [platform(), POLICY]),
        Case("another association", FAIL, [platform(), association()]),
        Case("one without a name", FAIL, [platform(), association(None)]),
        Case("a system that is not told", UNKNOWN, [platform(UNTOLD), baseline()]),
        Case("groups that are not told", UNKNOWN, [platform(), baseline(is_default=UNTOLD)]),
        Case("no node", NOT_APPLICABLE, [baseline()]),
        Case(
            "those of AWS are accepted",
            NOT_APPLICABLE,
            [platform()],
            parameters={"accept_aws_default": True},
        ),
        Case("nodes were denied", UNKNOWN, [baseline()], gaps=[denied(platform())]),
        Case("baselines were denied", UNKNOWN, [platform()], gaps=[denied(baseline())]),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
