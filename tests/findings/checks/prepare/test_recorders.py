from findings.facts.base import Gap, GapReason
from findings.facts.config import IAM_TYPES
from tests.findings.checks.builders_config import recorder, service_recorder
from tests.findings.checks.cases import (
    FAIL,
    NOT_APPLICABLE,
    PASS,
    UNKNOWN,
    Case,
    account,
    assert_outcomes,
)
from tests.findings.checks.gaps import denied

NOT_TOLD = Gap(kind="config.recorder", reason=GapReason.NOT_SUPPLIED, operation="x:Y")
LINKED = (
    "arn:aws:iam::111111111111:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
)
CHINESE = LINKED.replace("arn:aws:", "arn:aws-cn:")
OWN = "arn:aws:iam::111111111111:role/config"
ENI = "AWS::EC2::NetworkInterface"
VOLUME = "AWS::EC2::Volume"
TEST = account(environment="test", ou_path="Workloads/NonProd")


def excluding(*types):
    return recorder(
        strategy="EXCLUSION_BY_RESOURCE_TYPES", all_supported=False, excluded_types=types
    )


def listing(*types, strategy="INCLUSION_BY_RESOURCE_TYPES"):
    return recorder(strategy=strategy, all_supported=False, recorded_types=types)


def without_recorder(fail):
    """What holds for every check here: a recorder of the account's own must be there."""
    return [
        Case("no recorder", NOT_APPLICABLE, message="no recorder"),
        Case("a service's recorder only", NOT_APPLICABLE, [service_recorder(**fail)]),
        Case("denied", UNKNOWN, gaps=[denied(recorder())]),
    ]


TABLE = {
    "config_recorder_all_resource_types": [
        Case("all supported", PASS, [recorder()]),
        Case("all supported, without a strategy", PASS, [recorder(strategy=None)]),
        Case(
            "the strategy says all",
            PASS,
            [recorder(strategy="ALL_SUPPORTED_RESOURCE_TYPES", all_supported=False)],
        ),
        Case("listed", FAIL, [listing(ENI, VOLUME)], message="records 2 listed types only"),
        Case("listed, without a strategy", FAIL, [listing(ENI, strategy=None)], message="1 listed"),
        Case("a strategy of tomorrow", FAIL, [listing(strategy="BY_TAG")]),
        Case("excluding nothing", PASS, [excluding()]),
        Case(
            "excluding two",
            FAIL,
            [excluding(VOLUME, ENI)],
            message=f"excludes {ENI}, {VOLUME}",
        ),
        Case(
            "excluding one too many",
            FAIL,
            [excluding(ENI, VOLUME)],
            parameters={"allowed_exclusions": [ENI]},
            message=f"excludes {VOLUME}",
        ),
        Case(
            "excluding what is allowed",
            PASS,
            [excluding(ENI, VOLUME)],
            parameters={"allowed_exclusions": [ENI, VOLUME, "AWS::S3::Bucket"]},
        ),
        Case("excluding the types of IAM", PASS, [excluding(*sorted(IAM_TYPES))]),
        Case("and another", FAIL, [excluding(*sorted(IAM_TYPES), ENI)], message=f"excludes {ENI}"),
        Case("a service's recorder beside it", PASS, [recorder(), service_recorder(strategy="X")]),
        *without_recorder({"strategy": "X"}),
    ],
    "config_recorder_continuous": [
        Case("continuous", PASS, [recorder()]),
        Case("daily", FAIL, [recorder(frequency="DAILY")], message="continuous: records DAILY"),
        Case("not told", UNKNOWN, [recorder(frequency=NOT_TOLD)]),
        Case(
            "some types daily",
            FAIL,
            [recorder(daily_types=(ENI, VOLUME))],
            message=f"daily types: records daily {ENI}, {VOLUME}",
        ),
        Case(
            "one of them is allowed",
            FAIL,
            [recorder(daily_types=(ENI, VOLUME))],
            parameters={"allowed_daily_types": [ENI]},
            message=f"daily {VOLUME}",
        ),
        Case(
            "both are allowed",
            PASS,
            [recorder(daily_types=(ENI, VOLUME))],
            parameters={"allowed_daily_types": [ENI, VOLUME]},
        ),
        Case(
            "a frequency not told, a type daily",
            FAIL,
            [recorder(frequency=NOT_TOLD, daily_types=(ENI,))],
        ),
        Case("not in production", NOT_APPLICABLE, [recorder(frequency="DAILY")], account=TEST),
        Case(
            "an account that counts as production",
            FAIL,
            [recorder(frequency="DAILY")],
            account=TEST,
            parameters={"production_selector": {"environments": ["test"]}},
        ),
        Case(
            "a service's recorder beside it",
            PASS,
            [recorder(), service_recorder(frequency="DAILY")],
        ),
        *without_recorder({"frequency": "DAILY"}),
    ],
    "config_recorder_service_linked_role": [
        Case("linked", PASS, [recorder(role_arn=LINKED)]),
        Case("linked, in another partition", PASS, [recorder(role_arn=CHINESE)]),
        Case("its own", FAIL, [recorder(role_arn=OWN)], message=f"runs with {OWN}"),
        Case("a name like it", FAIL, [recorder(role_arn=f"{LINKED}2")]),
        Case(
            "its own, which is allowed",
            PASS,
            [recorder(role_arn=OWN)],
            parameters={"allow_custom_role": True},
            message="allowed",
        ),
        Case("none", FAIL, [recorder(role_arn=None)]),
        Case("not told", UNKNOWN, [recorder(role_arn=NOT_TOLD)]),
        Case(
            "a service's recorder beside it",
            PASS,
            [recorder(role_arn=LINKED), service_recorder(role_arn=OWN)],
        ),
        *without_recorder({"role_arn": OWN}),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
