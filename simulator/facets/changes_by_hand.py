"""What was changed in the last day, by automation and by hand."""

import json
from datetime import timedelta
from typing import Any

from simulator.facets.base import ACCOUNT, RARELY, Facet
from simulator.facets.production import in_production
from simulator.operations.cloudtrail_events import EVENTS
from simulator.places import AccountPlace, Place, Record

changes = Facet("cloudtrail.changes", level=ACCOUNT)

CHECK = "change_manual_ratio_within_limit"
PERSON = {
    "userIdentity": {
        "type": "AssumedRole",
        "sessionContext": {"sessionIssuer": {"userName": "AWSReservedSSO_Admin_0a1b2c3d"}},
    },
    "userAgent": "aws-cli/2.17",
}
PIPELINE = {
    "userIdentity": {
        "type": "AssumedRole",
        "sessionContext": {"sessionIssuer": {"userName": "deploy"}},
    },
    "userAgent": "aws-sdk-go/1.2",
}
IN_CONSOLE = {**PIPELINE, "sessionCredentialFromConsole": "true"}
SERVICE = {"userIdentity": {"type": "AWSService", "invokedBy": "autoscaling.amazonaws.com"}}
SIGN_IN = {"userIdentity": {"type": "IAMUser"}, "eventType": "AwsConsoleSignIn"}


def _put_events(
    place: Place, count: int, told: Record, name: str = "UpdateService", **age: Any
) -> None:
    """So many events, a second apart, from an age on (of two hours, unless told otherwise)."""
    first = timedelta(**(age or {"hours": 2}))
    for number in range(count):
        place.put(
            EVENTS,
            {
                "EventId": place.uuid(f"{name} {first} {number}"),
                "EventName": name,
                "ReadOnly": "false",
                "EventSource": "ecs.amazonaws.com",
                "Username": "somebody",
                "CloudTrailEvent": json.dumps({"eventType": "AwsApiCall", **told}),
                "_age": first + timedelta(seconds=number),
            },
        )


@changes.variant("by_automation", characters={"exemplary": 3, "ordinary": 2, "locked_down": 3})
def by_automation(account: AccountPlace) -> None:
    """One of twenty by hand is allowed; what AWS does and who signs in does not count."""
    _put_events(account.home, 19, PIPELINE)
    _put_events(account.home, 1, PERSON, hours=3)
    _put_events(account.home, 20, SERVICE, hours=4)
    _put_events(account.home, 1, SIGN_IN, "ConsoleLogin", hours=3)
    account.expect(CHECK, in_production(account, "pass"))


@changes.variant("by_hand", characters={"neglected": 3, "ordinary": 2, "new": 2})
def by_hand(account: AccountPlace) -> None:
    """More than a page of events; four of 61 are by hand, three of them in the console."""
    _put_events(account.home, 57, PIPELINE)
    _put_events(account.home, 3, IN_CONSOLE, "RunTask", hours=20)
    _put_events(account.home, 1, PERSON, hours=5)
    account.expect(CHECK, in_production(account, "fail"))


@changes.variant("just_over_the_limit", characters={"ordinary": 1, "neglected": 1})
def just_over_the_limit(account: AccountPlace) -> None:
    """Two of 39 are more than one in twenty."""
    _put_events(account.home, 37, PIPELINE)
    _put_events(account.home, 2, PERSON, hours=23)
    account.expect(CHECK, in_production(account, "fail"))


@changes.variant("in_two_regions", characters={"ordinary": 1, "exemplary": 1})
def in_two_regions(account: AccountPlace) -> None:
    """Nineteen in the one, one in the other: together enough to be judged."""
    _put_events(account.home, 19, PIPELINE)
    _put_events(account.regions()[-1], 1, PIPELINE)
    is_seen = account.world.is_collected(account.account, account.regions()[-1].region)
    account.expect(CHECK, in_production(account, "pass" if is_seen else "not_applicable"))


@changes.variant("too_few", characters=RARELY)
def too_few(account: AccountPlace) -> None:
    """Nineteen by hand today, and many more the day before."""
    _put_events(account.home, 19, PERSON)
    _put_events(account.home, 30, PERSON, hours=25)
    account.expect(CHECK, "not_applicable")


@changes.variant("none", characters={"new": 2, "locked_down": 1})
def none(account: AccountPlace) -> None:
    """Nobody changes anything."""
    account.expect(CHECK, "not_applicable")
