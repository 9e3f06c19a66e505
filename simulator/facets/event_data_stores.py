"""Event data stores, and whether data events of objects and functions are recorded at all.

An account's facet is built after its trails are, so that it knows what these take. What a trail or
store takes of data events is in its `_data`: pairs of a type and a kind of event.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from simulator.facets.base import ACCOUNT, ORGANIZATION, RARELY, Facet
from simulator.facets.trail_records import EVERYTHING, OBJECTS, of_type
from simulator.operations.cloudtrail import STORES, TRAILS
from simulator.organization import MANAGEMENT_ID
from simulator.places import AccountPlace, OrganizationPlace, Place, Record

of_account = Facet("lake.stores", level=ACCOUNT)
of_organization = Facet("lake.organization_store", level=ORGANIZATION)

CAPTURED = "cloudtrail_data_events_captured"
CONFIGURED = "cloudtrail_lake_store_configured"
MANAGEMENT_EVENTS = [{"Field": "eventCategory", "Equals": ["Management"]}]


def put_store(
    place: Place, selectors: Iterable[list[Record]] = (MANAGEMENT_EVENTS,), **changed: Any
) -> None:
    """A store of one account, kept for a year and protected, unless told otherwise."""
    place.put(
        STORES,
        {
            "EventDataStoreArn": place.arn("cloudtrail", f"eventdatastore/{place.uuid('store')}"),
            "Name": "events",
            "Status": "ENABLED",
            "AdvancedEventSelectors": [{"FieldSelectors": fields} for fields in selectors],
            "MultiRegionEnabled": True,
            "OrganizationEnabled": False,
            "RetentionPeriod": 365,
            "TerminationProtectionEnabled": True,
            "CreatedTimestamp": place.ago(days=300),
            "BillingMode": "FIXED_RETENTION_PRICING",
            "_data": frozenset(),
            **changed,
        },
    )


def _expect_captured(account: AccountPlace) -> None:
    recorded = frozenset().union(*(record["_data"] for record in _recording(account)))
    account.expect(CAPTURED, "pass" if recorded >= EVERYTHING else "fail")


def _recording(account: AccountPlace) -> Iterator[Record]:
    """Trails that log and stores that take events in: the account's and the organization's."""
    management = account.world.organization_place.member(MANAGEMENT_ID).home
    for place in (account.home, management):
        is_own = place is account.home
        for trail in place.all(TRAILS):
            if trail["_status"]["IsLogging"] and (is_own or trail["IsOrganizationTrail"]):
                yield trail
        for store in place.all(STORES):
            if store["Status"] == "ENABLED" and (is_own or store["OrganizationEnabled"]):
                yield store


@of_account.variant("none", characters={"ordinary": 4, "neglected": 4, "new": 3, "locked_down": 2})
def none(account: AccountPlace) -> None:
    """Lake takes no new customers."""
    _expect_captured(account)


@of_account.variant("of_data", characters={"exemplary": 3, "locked_down": 1, "ordinary": 1})
def of_data(account: AccountPlace) -> None:
    put_store(
        account.home,
        [of_type("AWS::S3::Object"), of_type("AWS::Lambda::Function")],
        _data=EVERYTHING,
    )
    _expect_captured(account)


@of_account.variant("of_management_events", characters={"ordinary": 1, "exemplary": 1})
def of_management_events(account: AccountPlace) -> None:
    put_store(account.home)
    _expect_captured(account)


@of_account.variant("stopped", characters=RARELY)
def stopped(account: AccountPlace) -> None:
    """It would take all data events; and a second one is on its way out."""
    everything = [of_type("AWS::S3::Object"), of_type("AWS::Lambda::Function")]
    put_store(account.home, everything, Status="STOPPED_INGESTION", _data=EVERYTHING)
    going = account.home.arn("cloudtrail", "eventdatastore/going")
    put_store(account.home, Name="going", EventDataStoreArn=going, Status="PENDING_DELETION")
    _expect_captured(account)


# the store of the organization
def _put_organizations(organization: OrganizationPlace, **changed: Any) -> None:
    home = organization.member(MANAGEMENT_ID).home
    given: Record = {
        "Name": "organization",
        "OrganizationEnabled": True,
        "KmsKeyId": home.arn("kms", "key/lake"),
    }
    arn = home.arn("cloudtrail", "eventdatastore/organization")
    put_store(home, EventDataStoreArn=arn, **(given | changed))


@of_organization.variant("unprotected")
def unprotected(organization: OrganizationPlace) -> None:
    _put_organizations(organization, TerminationProtectionEnabled=False)
    organization.expect(CONFIGURED, "fail")


@of_organization.variant("protected")
def protected(organization: OrganizationPlace) -> None:
    """It takes data events of objects, too; kept for a year exactly."""
    selectors = [MANAGEMENT_EVENTS, of_type("AWS::S3::Object")]
    _put_organizations(organization, selectors=selectors, _data=OBJECTS)
    organization.expect(CONFIGURED, "pass")


@of_organization.variant("kept_too_short")
def kept_too_short(organization: OrganizationPlace) -> None:
    _put_organizations(organization, RetentionPeriod=364)
    organization.expect(CONFIGURED, "fail")


@of_organization.variant("without_key")
def without_key(organization: OrganizationPlace) -> None:
    _put_organizations(organization, KmsKeyId=None)
    organization.expect(CONFIGURED, "fail")
