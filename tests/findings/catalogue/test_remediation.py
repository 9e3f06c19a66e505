"""What a check tells people to do: commands that exist, templates that deploy."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

from findings.catalogue.snippets import snippets
from findings.checks.base import built_in

SESSION = botocore.session.get_session()
GLOBAL_OPTIONS = {"--region", "--profile", "--query", "--output"}
COMMANDS = [(d.id, line) for d in built_in().values() for line in d.check.cli]
CLI_NAMES = {"configservice": "config", "deploy": "codedeploy", "s3api": "s3"}
"""Services that the AWS CLI calls otherwise than botocore."""
HIGH_LEVEL = {("s3", "cp"), ("s3", "sync"), ("cloudformation", "deploy")}
"""Commands that the AWS CLI adds to the operations of the API."""

ADDED_OPTIONS = {("config", "put-configuration-recorder"): {"--recording-group"}}
"""Options that the AWS CLI takes out of a member of the operation."""


def operations_of(service):
    model = SESSION.get_service_model(service)
    names = {xform_name(name, "-"): name for name in model.operation_names}
    return {cli: model.operation_model(name) for cli, name in names.items()}


def options_of(operation):
    found = set()
    for name, shape in operation.input_shape.members.items():
        option = f"--{xform_name(name, '-')}"
        found.add(option)
        if shape.type_name == "boolean":
            found.add(option.replace("--", "--no-", 1))
    return found


@pytest.mark.parametrize(("check", "line"), COMMANDS)
def test_a_command_is_one_of_the_aws_cli(check, line):
    program, service, command, *arguments = shlex.split(line)
    assert program == "aws"
    if (service, command) in HIGH_LEVEL:
        return
    assert service not in CLI_NAMES.values()
    service = CLI_NAMES.get(service, service)
    operation = operations_of(service).get(command)
    assert operation is not None, f"{check}: {service} has no {command}"
    added = ADDED_OPTIONS.get((service, command), set())
    given = {word.partition("=")[0] for word in arguments if word.startswith("--")}
    known = options_of(operation) if operation.input_shape else set()
    assert given - GLOBAL_OPTIONS - added <= known
    required = operation.input_shape.required_members if operation.input_shape else []
    assert {f"--{xform_name(name, '-')}" for name in required} <= given


@pytest.mark.parametrize("check", built_in())
def test_every_check_has_a_command(check):
    assert built_in()[check].check.cli


def test_every_snippet_is_of_a_check():
    assert snippets().keys() <= built_in().keys()


def test_the_snippets_pass_the_linter_of_cloudformation():
    paths = list(snippets().values())
    assert paths
    linter = Path(sys.executable).with_name("cfn-lint")
    lint = [linter, "--non-zero-exit-code", "informational", *paths]
    done = subprocess.run(lint, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("check", snippets())
def test_a_snippet_says_what_it_is_and_holds_no_account(check):
    text = snippets()[check].read_text()
    assert re.search(r"^Description: ", text, re.MULTILINE)
    assert not re.search(r"\b\d{12}\b", text)
