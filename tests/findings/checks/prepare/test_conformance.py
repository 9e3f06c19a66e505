from findings.facts.base import Gap, GapReason, Place
from tests.findings.checks.builders_config import (
    administrator,
    organization,
    recorder,
    service_recorder,
)
from tests.findings.checks.builders_config_compliance import organization_pack, pack
from tests.findings.checks.cases import (
    ACCOUNT,
    FAIL,
    NOT_APPLICABLE,
    OTHER,
    OTHER_REGION,
    PASS,
    REGION,
    UNKNOWN,
    Case,
    assert_outcomes,
    judged,
)
from tests.findings.checks.gaps import denied

NOT_TOLD = Gap(kind="x", reason=GapReason.NOT_SUPPLIED, operation="x:Y")
MULTI = "config-multiaccountsetup.amazonaws.com"
ELSEWHERE = Place(ACCOUNT, OTHER_REGION)
ADMINISTRATOR = Place(OTHER, REGION)
THIRD = "333333333333"
FAILED = organization_pack("CREATE_FAILED")


def required(*names):
    return {"required_packs": list(names)}


TABLE = {
    "config_conformance_pack_deployed": [
        *(
            Case(state, PASS, [recorder(), pack(state=state)])
            for state in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
        ),
        *(
            Case(state, FAIL, [recorder(), pack(state=state)], message=f"baseline is {state}")
            for state in (
                "CREATE_IN_PROGRESS",
                "CREATE_FAILED",
                "UPDATE_IN_PROGRESS",
                "UPDATE_FAILED",
                "DELETE_IN_PROGRESS",
                "DELETE_FAILED",
            )
        ),
        Case("none", FAIL, [recorder()], message="enough packs: 0 found, 1 expected"),
        Case("one of two fails", PASS, [recorder(), pack(), pack("other", "UPDATE_FAILED")]),
        Case(
            "two are expected",
            FAIL,
            [recorder(), pack()],
            parameters={"min_packs": 2},
            message="1 found, 2 expected",
        ),
        Case("none is expected", PASS, [recorder()], parameters={"min_packs": 0}),
        Case("a required one", PASS, [recorder(), pack()], parameters=required("baseline")),
        Case(
            "a required one of the organization",
            PASS,
            [recorder(), pack("OrgConformsPack-baseline-a1b2c3d4")],
            parameters=required("baseline"),
        ),
        Case(
            "a name that only begins like it",
            FAIL,
            [recorder(), pack("OrgConformsPack-baseline-two-a1b2c3d4")],
            parameters=required("baseline"),
            message="required packs: baseline is not deployed",
        ),
        Case(
            "a required one is missing",
            FAIL,
            [recorder(), pack()],
            parameters=required("baseline", "pci"),
            message="required packs: pci is not deployed",
        ),
        Case(
            "a required one failed",
            FAIL,
            [recorder(), pack(), pack("pci", "UPDATE_FAILED")],
            parameters=required("pci"),
            message="pci is not deployed",
        ),
        Case("a state not told", UNKNOWN, [recorder(), pack(state=NOT_TOLD)]),
        Case("packs denied", UNKNOWN, [recorder()], gaps=[denied(pack())]),
        Case("no recorder", NOT_APPLICABLE, [pack()], message="no recorder"),
        Case("a service's recorder", NOT_APPLICABLE, [service_recorder(), pack()]),
    ],
    "config_conformance_pack_score_minimum": [
        Case("above", PASS, [pack(score=95.5)], message="scores 95 percent, at least 90 expected"),
        Case("the limit", PASS, [pack(score=90.0)]),
        Case("just below", FAIL, [pack(score=89.99)], message="scores 89 percent"),
        Case("nothing", FAIL, [pack(score=0.0)]),
        Case("a lower limit", PASS, [pack(score=50.0)], parameters={"min_score": 50}),
        Case("not evaluated", NOT_APPLICABLE, [pack(score=None)], message="nothing was evaluated"),
        Case("not told", UNKNOWN, [pack(score=NOT_TOLD)]),
    ],
    "config_organization_conformance_packs_rolled_out": [
        *(
            Case(
                f"by the management account, {status}",
                PASS,
                [organization(), organization_pack(status, status)],
            )
            for status in ("CREATE_SUCCESSFUL", "UPDATE_SUCCESSFUL")
        ),
        *(
            Case(status, FAIL, [organization(), organization_pack(status)], message=f"is {status}")
            for status in (
                "CREATE_IN_PROGRESS",
                "CREATE_FAILED",
                "UPDATE_IN_PROGRESS",
                "UPDATE_FAILED",
                "DELETE_FAILED",
            )
        ),
        *(
            Case(
                status,
                NOT_APPLICABLE,
                [organization(), organization_pack(status, "DELETE_FAILED")],
                message="it is being deleted",
            )
            for status in ("DELETE_IN_PROGRESS", "DELETE_SUCCESSFUL")
        ),
        *(
            Case(
                f"{status} in two accounts",
                FAIL,
                [organization(), organization_pack("CREATE_SUCCESSFUL", status, "X", status)],
                message="accounts: failed in 2 accounts: 000000000000, 000000000002",
            )
            for status in ("CREATE_FAILED", "UPDATE_FAILED", "DELETE_FAILED")
        ),
        Case(
            "still in progress in an account",
            PASS,
            [organization(), organization_pack("UPDATE_SUCCESSFUL", "UPDATE_IN_PROGRESS")],
        ),
        Case(
            "in another region",
            FAIL,
            [organization(), organization_pack()],
            {ELSEWHERE: [organization_pack("CREATE_FAILED", region=OTHER_REGION)]},
            message="baseline/us-east-1",
        ),
        Case(
            "by the delegated administrator",
            PASS,
            [organization(), administrator(OTHER, MULTI)],
            {ADMINISTRATOR: [organization_pack()]},
        ),
        Case(
            "failed by the delegated administrator",
            FAIL,
            [organization(), organization_pack(), administrator(OTHER, MULTI)],
            {ADMINISTRATOR: [FAILED]},
            message="delegated administrators: not met: 222222222222",
        ),
        Case(
            "by one of two administrators",
            FAIL,
            [organization(), administrator(OTHER, MULTI), administrator(THIRD, MULTI)],
            {ADMINISTRATOR: [organization_pack()], Place(THIRD, REGION): [FAILED]},
            message="333333333333",
        ),
        Case(
            "by the administrator of another service",
            NOT_APPLICABLE,
            [organization(), administrator(OTHER)],
            {ADMINISTRATOR: [FAILED]},
        ),
        Case(
            "the administrator was not collected",
            UNKNOWN,
            [organization(), organization_pack(), administrator(THIRD, MULTI)],
        ),
        Case("no pack", NOT_APPLICABLE, [organization()], message="packs: 0 listed"),
        Case("no organization", NOT_APPLICABLE, [organization_pack()], message="no organization"),
        Case("accounts denied", UNKNOWN, [organization(), organization_pack(rollouts=NOT_TOLD)]),
        Case("packs denied", UNKNOWN, [organization()], gaps=[denied(organization_pack())]),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)


def test_at_most_ten_accounts_are_named():
    found = organization_pack("CREATE_SUCCESSFUL", *["CREATE_FAILED"] * 11)
    case = Case("", FAIL, [organization(), found])
    message = judged("config_organization_conformance_packs_rolled_out", case).message
    assert "failed in 11 accounts" in message
    assert "000000000009" in message
    assert "000000000010" not in message
