"""AWS Config in an account: what its recorders record, deliver and compare with rules."""

from typing import Any

from simulator.facets.base import ACCOUNT, RARELY, Facet
from simulator.places import AccountPlace, Place
from simulator.shapes import Undocumented

recorders = Facet("config.recorders", level=ACCOUNT)
delivery = Facet("config.delivery")

RECORDING = "config_recorder_recording_all_regions"
GLOBAL_TYPES = "config_recorder_global_types_single_region"
DELIVERING = "config_delivery_channel_healthy"

ALL = {"allSupported": True, "recordingStrategy": {"useOnly": "ALL_SUPPORTED_RESOURCE_TYPES"}}
WITH_GLOBAL = ALL | {"includeGlobalResourceTypes": True}
WITHOUT_GLOBAL = ALL | {"includeGlobalResourceTypes": False}
WITHOUT_IAM = {
    "allSupported": False,
    "includeGlobalResourceTypes": False,
    "recordingStrategy": {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"},
    "exclusionByResourceTypes": {
        "resourceTypes": [f"AWS::IAM::{name}" for name in ("Group", "Policy", "Role", "User")]
    },
}


def has_recorder(place: Place) -> bool:
    """Whether a recorder of the account's own stands here; recorders come before what they feed."""
    return any("servicePrincipal" not in found for found in place.all("config.recorders"))


def _put_recorder(
    place: Place, group: dict[str, Any], *, is_recording: bool = True, **status: Any
) -> None:
    place.put(
        "config.recorders",
        {
            "name": "default",
            "arn": place.arn("config", f"configuration-recorder/default/{place.hexadecimal('r')}"),
            "roleARN": f"arn:aws:iam::{place.account.id}:role/config",
            "recordingGroup": group,
            "recordingMode": {"recordingFrequency": "CONTINUOUS"},
            "recordingScope": "PAID",
            "_status": {
                "recording": is_recording,
                "lastStatus": "Success",
                "lastStartTime": place.ago(days=150),
                "lastStatusChangeTime": place.moving(minutes=9),
                **status,
            },
        },
    )


def _put_everywhere(account: AccountPlace, home: dict[str, Any] = WITH_GLOBAL) -> None:
    """Recorders in all regions, of which that of the home region may differ."""
    for place in account.regions():
        _put_recorder(place, home if place is account.home else WITHOUT_GLOBAL)


def _put_elsewhere(account: AccountPlace, group: dict[str, Any] = WITHOUT_GLOBAL) -> None:
    for place in account.regions()[1:]:
        _put_recorder(place, group)


def _expect(account: AccountPlace, recording: str, global_types: str) -> None:
    account.expect(RECORDING, recording)
    account.expect(GLOBAL_TYPES, global_types)


@recorders.variant("recording", characters={"exemplary": 5, "ordinary": 3, "locked_down": 3})
def recording(account: AccountPlace) -> None:
    _put_everywhere(account)
    _expect(account, "pass", "pass")


@recorders.variant("stopped", characters={"ordinary": 1, "neglected": 2})
def stopped(account: AccountPlace) -> None:
    _put_recorder(account.home, WITH_GLOBAL, is_recording=False)
    _put_elsewhere(account)
    _expect(account, "fail", "pass")


@recorders.variant("nowhere", characters={"new": 3, "neglected": 2})
def nowhere(account: AccountPlace) -> None:
    _expect(account, "fail", "not_applicable")


@recorders.variant("pending", characters={"exemplary": 1, "ordinary": 1})
def pending(account: AccountPlace) -> None:
    """The spellings of AWS differ; and the global types are recorded wherever something is."""
    first, *others = account.regions()
    _put_recorder(first, WITH_GLOBAL, lastStatus="Pending")
    for place in others:
        _put_recorder(place, WITH_GLOBAL, lastStatus=Undocumented("SUCCESS"))
    collected = [p for p in account.regions() if account.world.is_collected(p.account, p.region)]
    _expect(account, "pass", "fail" if len(collected) > 1 else "pass")


@recorders.variant("failing", characters={"ordinary": 1, "neglected": 1})
def failing(account: AccountPlace) -> None:
    _put_recorder(account.home, WITH_GLOBAL, lastStatus="Failure", lastErrorCode="AccessDenied")
    _put_elsewhere(account)
    _expect(account, "fail", "pass")


@recorders.variant("just_started", characters={"new": 1})
def just_started(account: AccountPlace) -> None:
    """Without a recording group everything but the global types is recorded."""
    _put_recorder(account.home, {}, lastStatus=None, lastStatusChangeTime=None)
    _put_elsewhere(account)
    _expect(account, "pass", "fail")


@recorders.variant("without_iam", characters={"locked_down": 1, "exemplary": 1})
def without_iam(account: AccountPlace) -> None:
    _put_recorder(account.home, WITHOUT_IAM)
    _put_elsewhere(account, WITHOUT_IAM)
    _expect(account, "pass", "not_applicable")


@recorders.variant("of_a_service", characters=RARELY)
def of_a_service(account: AccountPlace) -> None:
    """At home only a service records, for its own ends."""
    account.home.put(
        "config.recorders",
        {
            "name": "AWSConfigurationRecorderForSecurityHub_1",
            "servicePrincipal": "securityhub.amazonaws.com",
            "recordingScope": "INTERNAL",
            "recordingGroup": WITH_GLOBAL,
            "recordingMode": {"recordingFrequency": "CONTINUOUS"},
            "roleARN": f"arn:aws:iam::{account.account.id}:role/config",
            "_status": {"recording": True, "lastStatus": "Success"},
        },
    )
    _put_elsewhere(account, WITHOUT_IAM)
    _expect(account, "fail", "not_applicable")


def _put_channel(
    place: Place, answer: str, history: dict[str, Any], snapshot: dict[str, Any]
) -> None:
    place.put(
        "config.delivery_channels",
        {
            "name": "default",
            "s3BucketName": f"config-{place.account.id}",
            "_status": {
                "configHistoryDeliveryInfo": history,
                "configSnapshotDeliveryInfo": snapshot,
                "configStreamDeliveryInfo": {"lastStatus": "Not_Applicable"},
            },
        },
    )
    _expect_delivery(place, answer)


def _expect_delivery(place: Place, answer: str) -> None:
    place.expect(DELIVERING, answer if has_recorder(place) else "not_applicable")


def _delivered(place: Place) -> dict[str, Any]:
    at = place.moving(hours=1)
    return {"lastStatus": "Success", "lastAttemptTime": at, "lastSuccessfulTime": at}


def _refused(place: Place) -> dict[str, Any]:
    return {
        "lastStatus": "Failure",
        "lastErrorCode": "AccessDenied",
        "lastErrorMessage": "Insufficient delivery policy to s3 bucket",
        "lastAttemptTime": place.moving(hours=1),
        "lastSuccessfulTime": place.ago(days=4),
    }


@delivery.variant("delivering", characters={"exemplary": 4, "ordinary": 3, "locked_down": 2})
def delivering(place: Place) -> None:
    _put_channel(place, "pass", _delivered(place), _delivered(place))


@delivery.variant("history_refused", characters={"ordinary": 1, "neglected": 2})
def history_refused(place: Place) -> None:
    _put_channel(place, "fail", _refused(place), _delivered(place))


@delivery.variant("unchanged_for_long", characters={"exemplary": 1, "ordinary": 1})
def unchanged_for_long(place: Place) -> None:
    """History is delivered when something changed only; the error is older than the success."""
    history = {
        "lastStatus": "Success",
        "lastErrorCode": "AccessDenied",
        "lastAttemptTime": place.ago(days=60),
        "lastSuccessfulTime": place.ago(days=60),
    }
    _put_channel(place, "pass", history, {"lastStatus": "Not_Applicable"})


@delivery.variant("snapshots_refused", characters={"neglected": 1, "new": 1})
def snapshots_refused(place: Place) -> None:
    _put_channel(place, "fail", _delivered(place), _refused(place))


@delivery.variant("never_tried", characters={"new": 2})
def never_tried(place: Place) -> None:
    _put_channel(place, "pass", {}, {})


@delivery.variant("error_since", characters={"ordinary": 1, "neglected": 1})
def error_since(place: Place) -> None:
    history = _refused(place) | {"lastStatus": "Success"}
    _put_channel(place, "fail", history, _delivered(place))


@delivery.variant("spelled_otherwise", characters=RARELY)
def spelled_otherwise(place: Place) -> None:
    history = _delivered(place) | {"lastStatus": Undocumented("SUCCESS")}
    snapshot = _refused(place) | {"lastStatus": Undocumented("FAILURE")}
    _put_channel(place, "fail", history, snapshot)


@delivery.variant("absent", characters={"new": 1, "neglected": 1})
def absent(place: Place) -> None:
    _expect_delivery(place, "fail")
