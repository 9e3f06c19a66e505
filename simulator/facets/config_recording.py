"""What the recorder of a region records, how often, and with which role.

The recorders themselves are put by `config.recorders`; here some are set otherwise. The types of
IAM stay as they were there, since where those are recorded is judged over the account.
"""

from typing import Any

from simulator.facets.base import RARELY, Facet
from simulator.facets.config import WITHOUT_GLOBAL, WITHOUT_IAM
from simulator.facets.production import in_production
from simulator.places import Place

recording = Facet("config.recording")

ALL_TYPES = "config_recorder_all_resource_types"
CONTINUOUS = "config_recorder_continuous"
ROLE = "config_recorder_service_linked_role"
IAM = WITHOUT_IAM["exclusionByResourceTypes"]["resourceTypes"]  # type: ignore[index]  # a plain dict


def _own(place: Place) -> dict[str, Any] | None:
    found = place.all("config.recorders")
    return next((recorder for recorder in found if "servicePrincipal" not in recorder), None)


def _linked_role(place: Place) -> str:
    path = "role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
    return f"arn:aws:iam::{place.account.id}:{path}"


def _set(place: Place, continuous: str = "pass", role: str = "pass", **members: Any) -> None:
    recorder = _own(place)
    if recorder is None:
        for check in (ALL_TYPES, CONTINUOUS, ROLE):
            place.expect(check, "not_applicable")
        return
    recorder.update({"roleARN": _linked_role(place), **members})
    place.expect(CONTINUOUS, in_production(place, continuous))
    place.expect(ROLE, role)
    place.expect(ALL_TYPES, "fail" if recorder["recordingGroup"].get("_leaves_out") else "pass")


def _leave_out(place: Place, group: dict[str, Any]) -> None:
    """Only where it leaves the types of IAM as they are, and the home region as it is."""
    recorder = _own(place)
    if recorder is not None and recorder["recordingGroup"] is WITHOUT_GLOBAL:
        _set(place, recordingGroup=group | {"_leaves_out": True})
    else:
        _set(place)


@recording.variant("as_it_should_be", characters={"exemplary": 5, "ordinary": 3, "locked_down": 2})
def as_it_should_be(place: Place) -> None:
    _set(place)


@recording.variant("daily", characters={"neglected": 1, "ordinary": 1, "new": 1})
def daily(place: Place) -> None:
    _set(place, "fail", recordingMode={"recordingFrequency": "DAILY"})


@recording.variant("some_types_daily", characters={"ordinary": 1, "neglected": 1})
def some_types_daily(place: Place) -> None:
    _set(place, "fail", recordingMode=_mode("DAILY"))


@recording.variant("some_types_continuous", characters={"exemplary": 1, "ordinary": 1})
def some_types_continuous(place: Place) -> None:
    _set(place, recordingMode=_mode("CONTINUOUS"))


def _mode(frequency: str) -> dict[str, Any]:
    types = ["AWS::EC2::Volume", "AWS::EC2::NetworkInterface"]
    return {
        "recordingFrequency": "CONTINUOUS",
        "recordingModeOverrides": [{"resourceTypes": types, "recordingFrequency": frequency}],
    }


@recording.variant("with_a_role_of_its_own", characters={"ordinary": 1, "neglected": 2, "new": 1})
def with_a_role_of_its_own(place: Place) -> None:
    _set(place, role="fail", roleARN=f"arn:aws:iam::{place.account.id}:role/config")


@recording.variant("excluding", characters={"ordinary": 1, "neglected": 1})
def excluding(place: Place) -> None:
    types = {"resourceTypes": [*IAM, "AWS::EC2::NetworkInterface"]}
    _leave_out(place, WITHOUT_IAM | {"exclusionByResourceTypes": types})


@recording.variant("listing", characters={"neglected": 1, "new": 1})
def listing(place: Place) -> None:
    _leave_out(
        place,
        {
            "allSupported": False,
            "includeGlobalResourceTypes": False,
            "resourceTypes": ["AWS::EC2::Instance", "AWS::S3::Bucket"],
            "recordingStrategy": {"useOnly": "INCLUSION_BY_RESOURCE_TYPES"},
        },
    )


@recording.variant("mode_not_told", characters=RARELY)
def mode_not_told(place: Place) -> None:
    _set(place, "unknown", recordingMode=None)
