"""AWS Systems Manager: single documents, their content, and calendars.

A record of `ssm.documents` is told by all of its versions; `_default` holds what its default
version says besides, `_latest` what the latest one says otherwise, `_content` its text, and
`_state` the state of a calendar, None for one that does not answer.
"""

from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation

Record = dict[str, Any]
CONTENT = """\
schemaVersion: "0.3"
description: Restarts what hangs
mainSteps:
  - name: restart
    action: aws:changeInstanceState
    inputs: {DesiredState: running}
"""


@operation("ssm", "DescribeDocument")
def describe_document(call: Call) -> Record:
    document = _document(call, call.parameters["Name"])
    version = document.get("DocumentVersion")
    told = {
        **document,
        "Status": "Active",
        "Description": "Restarts what hangs",
        "DefaultVersion": version,
        "LatestVersion": version,
        **document.get("_default", {}),
    }
    if call.parameters.get("DocumentVersion") == "$LATEST":
        told |= {"DocumentVersion": told["LatestVersion"], **document.get("_latest", {})}
    return {"Document": told}


@operation("ssm", "GetDocument")
def get_document(call: Call) -> Record:
    document = _document(call, call.parameters["Name"])
    content = document.get("_content", CONTENT)
    return {"Name": document["Name"], "Status": "Active", "Content": content}


@operation("ssm", "GetCalendarState")
def get_calendar_state(call: Call) -> Record:
    (name,) = call.parameters["CalendarNames"]
    calendar = call.place.find("ssm.documents", Name=name)
    if calendar is None:
        raise AwsError("InvalidDocument", "The specified SSM document doesn't exist.")
    if calendar["DocumentType"] != "ChangeCalendar":
        raise AwsError("InvalidDocumentType", "The document is no calendar.")
    state = calendar.get("_state")
    if state is None:
        raise AwsError("UnsupportedCalendarException", "The calendar isn't supported.")
    return {"State": state, "AtTime": "2026-03-01T12:00:00Z"}


def _document(call: Call, name: str) -> Record:
    document = call.place.find("ssm.documents", Name=name)
    if document is None or document["Owner"] != call.account.id:
        raise AwsError("InvalidDocument", "The specified SSM document doesn't exist.")
    return document
