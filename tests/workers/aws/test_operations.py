import csv

import pytest
from botocore import __path__ as botocore_path
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

from workers.aws.operations import (
    HUB_FILE,
    JOB_FILE,
    SCANNER_FILE,
    OperationNotAllowed,
    hub_operations,
    is_content_read,
    job_operations,
    load,
    scanner_operations,
)
from workers.aws.policy import ALWAYS
from workers.collectors.base import collectors

OTHER_PREFIX = {
    "apigatewayv2": "apigateway",
    "resourcegroupstaggingapi": "tag",
    "stepfunctions": "states",
}


def models():
    loader, found = Loader(extra_search_paths=[f"{botocore_path[0]}/data"]), {}
    for name in {*scanner_operations(), *hub_operations(), *job_operations()}:
        service = name.partition(":")[0]
        try:
            found.setdefault(service, loader.load_service_model(service, "service-2"))
        except UnknownServiceError:
            found[service] = {"operations": {}}
    return found


def test_the_list_is_what_the_collectors_declare():
    declared = {operation for r in collectors().values() for operation in r.operations}
    listed = set(scanner_operations())
    assert declared - listed == set(), "add these to workers/aws/operations.csv"
    assert listed - declared - set(ALWAYS) == set(), "no collector calls these any more"


def test_what_spares_calls_is_asked_for_its_own_sake():
    """A gate that no other collector asks for would be a call more in every region."""
    for kind, found in collectors().items():
        others = {name for k, r in collectors().items() if k != kind for name in r.operations}
        assert set(found.gates) <= others, kind


def test_every_operation_is_one_of_boto3s():
    known = models()
    wrong = {
        name
        for name in {*scanner_operations(), *hub_operations(), *job_operations()}
        if name.partition(":")[2] not in known[name.partition(":")[0]]["operations"]
    }
    assert wrong == set()


def test_actions_have_the_prefix_of_their_service():
    known = models()
    for entry in scanner_operations().values():
        service = entry.operation.partition(":")[0]
        metadata = known[service]["metadata"]
        prefixes = {metadata.get("signingName"), metadata["endpointPrefix"], service}
        expected = OTHER_PREFIX.get(service)
        assert entry.iam_action.partition(":")[0] in ({expected} if expected else prefixes)


@pytest.mark.parametrize("path", [SCANNER_FILE, HUB_FILE, JOB_FILE], ids=lambda path: path.name)
def test_the_lists_are_sorted_and_every_line_says_why(path):
    with path.open(newline="") as lines:
        entries = list(csv.DictReader(lines))
    names = [entry["operation"] for entry in entries]
    assert names == sorted(set(names))
    assert all(entry["reason"] for entry in entries)


def test_jobs_are_a_list_apart_of_which_collectors_may_call_nothing():
    assert set(job_operations()) == {
        "cloudformation:DescribeResourceScan",
        "cloudformation:DescribeStackDriftDetectionStatus",
        "cloudformation:DetectStackDrift",
        "cloudformation:StartResourceScan",
    }
    assert set(job_operations()) & {*scanner_operations(), *hub_operations()} == set()


def test_the_scanner_lists_and_reads_only():
    assert {entry.access for entry in scanner_operations().values()} <= {"List", "Read"}


@pytest.mark.parametrize(
    "name",
    [
        "s3:GetObject",
        "ssm:GetParameter",
        "ssm:GetParameters",
        "ssm:GetParametersByPath",
        "ssm:GetParameterHistory",
        "secretsmanager:GetSecretValue",
        "secretsmanager:BatchGetSecretValue",
        "lambda:GetFunction",
        "logs:GetLogEvents",
        "logs:FilterLogEvents",
    ],
)
def test_content_is_never_read(name):
    assert is_content_read(name)


@pytest.mark.parametrize(
    "name", ["s3:GetObjectLockConfiguration", "lambda:GetFunctionConfiguration"]
)
def test_settings_are_no_content(name):
    assert not is_content_read(name)


def test_a_list_that_holds_a_read_of_content_is_refused(tmp_path):
    path = tmp_path / "operations.csv"
    path.write_text("operation,iam_action,access,reason\ns3:GetObject,s3:GetObject,Read,because\n")
    with pytest.raises(OperationNotAllowed, match="s3:GetObject"):
        load(path)
