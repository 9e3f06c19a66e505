"""What a check tells people to do: commands that exist, templates that deploy."""

import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

import botocore.session
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


@cache
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


def refusal_of(line):
    """Why the AWS CLI would refuse a command; empty where it would take it."""
    program, service, command, *arguments = shlex.split(line)
    if program != "aws":
        return f"{program} is not the AWS CLI"
    if (service, command) in HIGH_LEVEL:
        return ""
    if service in CLI_NAMES.values():
        return f"{service} is called otherwise"
    service = CLI_NAMES.get(service, service)
    operation = operations_of(service).get(command)
    if operation is None:
        return f"{service} has no {command}"
    given = {word.partition("=")[0] for word in arguments if word.startswith("--")}
    added = ADDED_OPTIONS.get((service, command), set())
    known = options_of(operation) if operation.input_shape else set()
    required = operation.input_shape.required_members if operation.input_shape else []
    lacking = {f"--{xform_name(name, '-')}" for name in required} - given
    strange = given - GLOBAL_OPTIONS - added - known
    return f"unknown {strange}, missing {lacking}" if strange or lacking else ""


def test_commands_are_those_of_the_aws_cli():
    refused = [f"{check}: {line}: {why}" for check, line in COMMANDS if (why := refusal_of(line))]
    assert COMMANDS
    assert not refused, "\n".join(refused)


def test_every_check_has_a_command():
    assert [check for check, d in built_in().items() if not d.check.cli] == []


def test_every_snippet_is_of_a_check():
    assert snippets().keys() <= built_in().keys()


def test_the_snippets_pass_the_linter_of_cloudformation():
    paths = list(snippets().values())
    assert paths
    linter = Path(sys.executable).with_name("cfn-lint")
    lint = [linter, "--non-zero-exit-code", "informational", *paths]
    done = subprocess.run(lint, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_snippets_say_what_they_are_and_hold_no_account():
    texts = {check: path.read_text() for check, path in snippets().items()}
    described = re.compile(r"^Description: ", re.MULTILINE)
    account = re.compile(r"\b\d{12}\b")
    assert [check for check, text in texts.items() if not described.search(text)] == []
    assert [check for check, text in texts.items() if account.search(text)] == []
