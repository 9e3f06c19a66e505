"""Runbooks of a region: how many, and when they were rehearsed."""

from datetime import datetime, timedelta
from typing import Any

from simulator.facets.base import ORGANIZATION, Facet
from simulator.facets.instances import AMAZON_LINUX
from simulator.organization import MANAGEMENT_ID
from simulator.places import OrganizationPlace, Place

runbooks = Facet("ssm.runbooks")
elsewhere = Facet("ssm.rehearsals_elsewhere", level=ORGANIZATION)

EXISTS = "ssm_runbook_exists"
REHEARSED = "ssm_runbook_rehearsed_recently"
NOT_PUBLIC = "ssm_document_not_public"
VERSIONED, REVIEWED = "ssm_runbook_versioned", "ssm_runbook_reviewed_recently"
PERIOD = timedelta(days=90)
MOMENT = timedelta(microseconds=1)
STRANGER = "999999999999"


def put_document(
    place: Place, name: str, rehearsed: str | None, public: str = "pass", **changed: Any
) -> None:
    """A document and its answers; those of `rehearsed` may depend on time: see `_put_rehearsed`."""
    place.put(
        "ssm.documents",
        {
            "Name": name,
            "CreatedDate": place.ago(days=300),
            "Owner": place.account.id,
            "DocumentVersion": "1",
            "DocumentType": "Automation",
            "SchemaVersion": "0.3",
            "DocumentFormat": "YAML",
            "Tags": [],
            **changed,
        },
    )
    place.expect(NOT_PUBLIC, public, resource=name)
    if rehearsed:
        place.expect(REHEARSED, rehearsed, resource=name)


def put_execution(place: Place, name: str, status: str, started: datetime, **members: Any) -> None:
    is_over = status not in ("InProgress", "Waiting")
    place.put(
        "ssm.executions",
        {
            "AutomationExecutionId": place.uuid(f"{name} {status} {started:%Y%m%d%H%M%S}"),
            "DocumentName": name,
            "AutomationExecutionStatus": status,
            "ExecutionStartTime": started,
            "ExecutionEndTime": started + timedelta(minutes=4) if is_over else None,
            "AutomationType": "Local",
            **members,
        },
    )


def _put_rehearsed(
    place: Place, name: str, days: int, then: str = "unknown", **changed: Any
) -> None:
    """A runbook that succeeded so many days ago; what AWS forgets by then nobody knows."""
    started = place.ago(days=days)
    put_document(place, name, None, **changed)
    put_execution(place, name, "Success", started)
    place.expect(REHEARSED, "pass", resource=name, until=started + PERIOD + MOMENT, then=then)


def _expect_runbooks(place: Place) -> None:
    """Stacks are put before runbooks, by the names of their facets."""
    stacks = [s for s in place.all("cloudformation.stacks") if "DeletionTime" not in s]
    documents = [
        document
        for document in place.all("ssm.documents")
        if document["DocumentType"] == "Automation" and not document["Name"].startswith("AWS")
    ]
    own = [d for d in documents if d["Owner"] == place.account.id]
    if not stacks and not place.all("ssm.nodes"):
        place.expect(EXISTS, "not_applicable")
    else:
        is_enough = len(own) >= 3 or len(documents) > len(own)
        place.expect(EXISTS, "pass" if is_enough else "fail")


def _name(place: Place, name: str) -> str:
    """A runbook that no other place rehearses: what other accounts run counts for this one."""
    return f"{name}-{place.account.id}-{place.region}"


@runbooks.variant("rehearsed", characters={"exemplary": 4, "ordinary": 2, "locked_down": 2})
def rehearsed(place: Place) -> None:
    """They are also released, owned and reviewed."""
    kept: dict[str, Any] = {"VersionName": "2.1.0", "Tags": [{"Key": "Owner", "Value": "web"}]}
    reviewed_until = place.ago(days=300) + timedelta(days=365) + MOMENT
    for number, word in enumerate(("restore", "failover", "rotate")):
        name = _name(place, word)
        _put_rehearsed(place, name, days=3 + 10 * number, **kept)
        place.expect(VERSIONED, "pass", resource=name)
        place.expect(REVIEWED, "pass", resource=name, until=reviewed_until, then="fail")
    _expect_runbooks(place)


@runbooks.variant("failing", characters={"ordinary": 1, "neglected": 2})
def failing(place: Place) -> None:
    for name, status in {"restore": "Failed", "failover": "TimedOut"}.items():
        put_document(place, _name(place, name), "fail")
        put_execution(place, _name(place, name), status, place.ago(days=4))
        put_execution(place, _name(place, name), "InProgress", place.ago(hours=1))
    _expect_runbooks(place)


@runbooks.variant("succeeded_again", characters={"exemplary": 1, "ordinary": 1})
def succeeded_again(place: Place) -> None:
    _put_rehearsed(place, _name(place, "restore"), days=2, then="fail")
    put_execution(place, _name(place, "restore"), "Failed", place.ago(days=5))
    _put_rehearsed(place, _name(place, "failover"), days=9, then="fail")
    put_execution(place, _name(place, "failover"), "Failed", place.ago(days=1))
    _expect_runbooks(place)


@runbooks.variant("forgotten", characters={"ordinary": 1, "neglected": 1})
def forgotten(place: Place) -> None:
    """Nobody knows: AWS forgets after 30 days, and a cancelled run proves nothing."""
    put_document(place, _name(place, "restore"), "unknown")
    put_document(place, _name(place, "failover"), "unknown")
    put_execution(place, _name(place, "failover"), "Cancelled", place.ago(days=6))
    _expect_runbooks(place)


@runbooks.variant("not_to_be_rehearsed", characters={"new": 2, "ordinary": 1})
def not_to_be_rehearsed(place: Place) -> None:
    created = place.ago(days=75)
    name = _name(place, "restore")
    put_document(place, name, None, CreatedDate=created)
    place.expect(
        REHEARSED,
        "not_applicable",
        resource=name,
        until=created + PERIOD + MOMENT,
        then="unknown",
    )
    old = [{"Key": "Lifecycle", "Value": "deprecated"}]
    put_document(place, _name(place, "failover"), "not_applicable", Tags=old)
    put_document(place, _name(place, "rotate"), "not_applicable", Tags=old)
    _expect_runbooks(place)


@runbooks.variant("shared_by_another_account", characters={"ordinary": 1, "new": 1})
def shared_by_another_account(place: Place) -> None:
    put_foreign(place, "restart", "Automation")
    put_document(place, "AWSQuickSetup-Patching", "not_applicable")
    _expect_runbooks(place)


def put_foreign(place: Place, name: str, type_: str) -> None:
    arn = f"arn:aws:ssm:{place.region}:{STRANGER}:document/{name}"
    given = {"Owner": STRANGER, "DocumentType": type_}
    put_document(place, arn, "not_applicable", "not_applicable", **given)


@runbooks.variant("nodes_without_runbook", characters={"neglected": 1, "new": 1})
def nodes_without_runbook(place: Place) -> None:
    for number in range(6):
        place.put(
            "ssm.nodes",
            {
                "InstanceId": f"i-{place.hexadecimal(f'node {number}', 17)}",
                "PingStatus": "Online",
                "LastPingDateTime": place.moving(minutes=2),
                "ResourceType": "EC2Instance",
                **AMAZON_LINUX,
            },
        )
    _expect_runbooks(place)


@runbooks.variant("none", characters={"new": 3, "locked_down": 3, "neglected": 2})
def none(place: Place) -> None:
    _expect_runbooks(place)


@elsewhere.variant("rehearsed")
def rehearsed_elsewhere(organization: OrganizationPlace) -> None:
    owner, rehearsal = _two_accounts(organization)
    _put_rehearsal_of(owner, rehearsal, "Success")


@elsewhere.variant("failed")
def failed_elsewhere(organization: OrganizationPlace) -> None:
    owner, rehearsal = _two_accounts(organization)
    _put_rehearsal_of(owner, rehearsal, "Failed")


def _two_accounts(organization: OrganizationPlace) -> tuple[Place, Place]:
    """The management account owns a runbook that another account rehearses."""
    other = list(organization.world.organization.accounts)[:2][-1]
    return organization.member(MANAGEMENT_ID).home, organization.member(other).home


def _put_rehearsal_of(owner: Place, rehearsal: Place, status: str) -> None:
    started = rehearsal.ago(days=12)
    arn = owner.arn("ssm", "document/evacuate")
    put_execution(rehearsal, arn, status, started)
    if status == "Success":
        put_document(owner, "evacuate", None)
        end = started + PERIOD + MOMENT
        owner.expect(REHEARSED, "pass", resource="evacuate", until=end, then="unknown")
    else:
        put_document(owner, "evacuate", "fail")
