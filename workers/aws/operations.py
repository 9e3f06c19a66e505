"""The AWS operations that Cairn may call, one a line, and those it never may.

``operations.csv`` lists what the scanner's role may call in an account, ``hub_operations.csv`` what
the hub's own credentials may, and ``job_operations.csv`` what starts and polls jobs of AWS, where
an organization has switched them on: no collector is let near those. Operations are named as boto3
names them: ``<client>:<Operation>``.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

SCANNER_FILE = Path(__file__).with_name("operations.csv")
HUB_FILE = Path(__file__).with_name("hub_operations.csv")
JOB_FILE = Path(__file__).with_name("job_operations.csv")

CONTENT_READS = re.compile(
    r"GetObject(Torrent)?|SelectObjectContent|GetParameters?|GetParameters?By\w+|"
    r"GetParameterHistory|(BatchGet|Get)SecretValue|GetFunction|(Get|Filter)LogEvents|GetLogRecord"
)
"""Reads that return what customers store: never called, whatever a list says."""


class OperationNotAllowed(Exception):
    """Code wanted to call an operation that is not on the list of the allowed ones."""

    def __init__(self, name: str) -> None:
        self.operation = name
        why = (
            "it returns the customer's content"
            if is_content_read(name)
            else "add it to workers/aws/operations.csv with its IAM action and reason"
        )
        super().__init__(f"{name} is not an allowed operation: {why}")


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One line of a list: access is List or Read for the scanner, as IAM classifies the action."""

    operation: str
    iam_action: str
    access: str
    reason: str


def is_content_read(name: str) -> bool:
    return CONTENT_READS.fullmatch(name.partition(":")[2]) is not None


def load(path: Path) -> Mapping[str, Operation]:
    """The operations of a list by name; raises OperationNotAllowed on one never to be called."""
    with path.open(newline="") as lines:
        listed = [Operation(**line) for line in csv.DictReader(lines)]
    for entry in listed:
        if is_content_read(entry.operation):
            raise OperationNotAllowed(entry.operation)
    return MappingProxyType({entry.operation: entry for entry in listed})


@cache
def scanner_operations() -> Mapping[str, Operation]:
    return load(SCANNER_FILE)


@cache
def hub_operations() -> Mapping[str, Operation]:
    return load(HUB_FILE)


@cache
def job_operations() -> Mapping[str, Operation]:
    return load(JOB_FILE)
