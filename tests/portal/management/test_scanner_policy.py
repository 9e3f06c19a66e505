import json

import pytest
from django.core.management import CommandError, call_command

from workers.aws.templates import documents


def printed(capsys, *arguments):
    call_command("scanner_policy", *arguments)
    policy = json.loads(capsys.readouterr().out)
    assert policy["Version"] == "2012-10-17"
    return {action for statement in policy["Statement"] for action in statement["Action"]}


def test_the_whole_policy_is_printed_unless_a_role_is_named(capsys):
    whole, member = printed(capsys), printed(capsys, "--role", "member")
    assert member < whole
    assert "organizations:DescribeOrganization" in whole - member


def test_the_hub_reads_the_organization(capsys):
    assert "organizations:ListAccounts" in printed(capsys, "--role", "hub")


def test_jobs_are_granted_when_asked_for(capsys):
    whole, with_jobs = printed(capsys), printed(capsys, "--with-jobs")
    assert whole < with_jobs
    assert "cloudformation:StartResourceScan" in with_jobs - whole
    assert "cloudformation:DetectStackDrift" in printed(capsys, "--role", "member", "--with-jobs")


def test_the_hub_starts_no_jobs():
    with pytest.raises(CommandError, match="the hub starts no jobs"):
        call_command("scanner_policy", "--role", "hub", "--with-jobs")


def test_the_files_of_deploy_are_written(tmp_path):
    call_command("scanner_policy", "--write", str(tmp_path))
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == documents()


def test_a_directory_that_is_not_there_is_told(tmp_path):
    with pytest.raises(CommandError, match="is no directory"):
        call_command("scanner_policy", "--write", str(tmp_path / "none"))
