"""How the trails of an account, and that of the organization, are set up.

A trail is judged at home; everywhere else it is seen, as a shadow, and not judged. The trail of the
organization stands in the management account and is seen from every account and region.
"""

from datetime import datetime, timedelta
from typing import Any

from simulator.facets.base import ACCOUNT, ORGANIZATION, RARELY, Facet
from simulator.operations.cloudtrail import TRAILS
from simulator.organization import MANAGEMENT_ID
from simulator.places import AccountPlace, OrganizationPlace, Place, Record

trail = Facet("cloudtrail.trail", level=ACCOUNT)
organization_trail = Facet("cloudtrail.organization_trail", level=ORGANIZATION)

ORGANIZATION_CHECK = "cloudtrail_organization_trail_logging"
ACCOUNT_CHECK = "cloudtrail_multi_region_logging"
EVENTS = "cloudtrail_management_events_complete"
VALIDATION = "cloudtrail_log_file_validation"
DELIVERY = "cloudtrail_s3_delivery_healthy"
DAY = timedelta(hours=24)
MOMENT = timedelta(microseconds=1)
ALL = {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}


def _put_trail(
    place: Place,
    name: str = "management-events",
    *,
    status: Record | None = None,
    selectors: list[Record] | None = None,
    advanced: list[list[Record]] | None = None,
    **changed: Any,
) -> Record:
    """A healthy multi-region trail at home in this place; what is given differs."""
    healthy = {
        "IsLogging": True,
        "LatestDeliveryTime": place.moving(minutes=5),
        "LatestDigestDeliveryTime": place.moving(minutes=40),
        "StartLoggingTime": place.ago(days=200),
    }
    selected: Record = {"EventSelectors": selectors or [ALL]}
    if advanced:
        selected = {"AdvancedEventSelectors": [{"FieldSelectors": fields} for fields in advanced]}
    return place.put(
        TRAILS,
        {
            "Name": name,
            "TrailARN": place.arn("cloudtrail", f"trail/{name}"),
            "S3BucketName": f"trail-logs-{place.account.id}",
            "IncludeGlobalServiceEvents": True,
            "IsMultiRegionTrail": True,
            "HomeRegion": place.region,
            "LogFileValidationEnabled": True,
            "HasCustomEventSelectors": selectors is not None,
            "HasInsightSelectors": False,
            "IsOrganizationTrail": False,
            "_status": healthy | (status or {}),
            "_selectors": selected,
            **changed,
        },
    )


def _expect(
    place: Place,
    trail: Record,
    *,
    events: str = "pass",
    validation: str = "pass",
    delivery: str = "pass",
    until: datetime | None = None,
    then: str | None = None,
) -> None:
    """The answers at home, of which the delivery's may turn; and those of its shadows."""
    arn = trail["TrailARN"]
    place.expect(EVENTS, events, resource=arn)
    place.expect(VALIDATION, validation, resource=arn)
    place.expect(DELIVERY, delivery, resource=arn, until=until, then=then)
    if trail["IsMultiRegionTrail"]:
        _expect_shadows(place, trail, [r for r in place.world.regions if r != place.region])


def _expect_shadows(place: Place, trail: Record, regions: list[str]) -> None:
    for region in regions:
        for check in (EVENTS, VALIDATION, DELIVERY):
            place.expect(check, "not_applicable", resource=trail["TrailARN"], region=region)


def _organization_records(account: AccountPlace, *, every_region: bool = True) -> bool:
    """Whether the organization's trail records the account: every region, or its home region."""
    home = account.world.organization_place.member(MANAGEMENT_ID).home
    return any(
        found["_status"]["IsLogging"] and (found["IsMultiRegionTrail"] or not every_region)
        for found in home.all(TRAILS)
    )


def _expect_account(account: AccountPlace, *, is_covered: bool) -> None:
    is_covered = is_covered or _organization_records(account)
    account.expect(ACCOUNT_CHECK, "pass" if is_covered else "fail")


def _incomplete(account: AccountPlace, *, every_region: bool = True) -> str:
    """Of a trail that leaves events out: another one may record them in the same regions."""
    is_recorded = _organization_records(account, every_region=every_region)
    return "not_applicable" if is_recorded else "fail"


# the trail of an account
@trail.variant("logging", characters={"exemplary": 5, "ordinary": 3, "new": 2, "locked_down": 3})
def logging(account: AccountPlace) -> None:
    _expect(account.home, _put_trail(account.home))
    _expect_account(account, is_covered=True)


@trail.variant("stopped", characters={"ordinary": 1, "neglected": 2})
def stopped(account: AccountPlace) -> None:
    home = account.home
    status = {
        "IsLogging": False,
        "LatestDeliveryTime": home.ago(days=9),
        "LatestDigestDeliveryTime": home.ago(days=9),
        "StopLoggingTime": home.ago(days=9),
    }
    _expect(home, _put_trail(home, status=status), delivery="not_applicable")
    _expect_account(account, is_covered=False)


@trail.variant("complete", characters={"exemplary": 2, "locked_down": 1})
def complete(account: AccountPlace) -> None:
    """By advanced selectors, and by a second trail without what may be left out."""
    management = {"Field": "eventCategory", "Equals": ["Management"]}
    data = [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
    ]
    _expect(account.home, _put_trail(account.home, advanced=[data, [management]]))
    excluded = ["kms.amazonaws.com", "rdsdata.amazonaws.com"]
    second = _put_trail(
        account.home,
        "without-keys",
        selectors=[{**ALL, "ExcludeManagementEventSources": excluded}],
    )
    _expect(account.home, second)
    _expect_account(account, is_covered=True)


@trail.variant("partial", characters={"neglected": 1, "ordinary": 1})
def partial(account: AccountPlace) -> None:
    """Writes only, in one region, without global events."""
    found = _put_trail(
        account.home,
        selectors=[{**ALL, "ReadWriteType": "WriteOnly"}],
        IsMultiRegionTrail=False,
        IncludeGlobalServiceEvents=False,
    )
    _expect(account.home, found, events=_incomplete(account, every_region=False))
    _expect_account(account, is_covered=False)


@trail.variant("of_data_beside", characters={"ordinary": 1, "exemplary": 1})
def of_data_beside(account: AccountPlace) -> None:
    """A trail of data events beside one that takes all management events."""
    _expect(account.home, _put_trail(account.home))
    selectors = [{**ALL, "IncludeManagementEvents": False}]
    _expect(
        account.home,
        _put_trail(account.home, "data-events", selectors=selectors),
        events="not_applicable",
    )
    _expect_account(account, is_covered=True)


@trail.variant("reading_only", characters={"neglected": 1, "new": 1})
def reading_only(account: AccountPlace) -> None:
    """By an advanced selector; a second trail leaves a service out."""
    read_only = [
        {"Field": "eventCategory", "Equals": ["Management"]},
        {"Field": "readOnly", "Equals": ["true"]},
    ]
    events = _incomplete(account)
    _expect(account.home, _put_trail(account.home, advanced=[read_only]), events=events)
    selectors = [{**ALL, "ExcludeManagementEventSources": ["sts.amazonaws.com"]}]
    second = _put_trail(account.home, "without-sts", selectors=selectors)
    _expect(account.home, second, events=events)
    _expect_account(account, is_covered=True)


@trail.variant("refused", characters={"neglected": 1, "ordinary": 1})
def refused(account: AccountPlace) -> None:
    """The bucket takes neither files nor digests."""
    home = account.home
    status = {
        "LatestDeliveryTime": home.ago(hours=1),
        "LatestDeliveryError": "AccessDenied",
        "LatestDigestDeliveryError": "AccessDenied",
    }
    _expect(home, _put_trail(home, status=status), validation="fail", delivery="fail")
    _expect_account(account, is_covered=True)


@trail.variant("unvalidated", characters={"neglected": 1, "ordinary": 1})
def unvalidated(account: AccountPlace) -> None:
    found = _put_trail(account.home, LogFileValidationEnabled=False)
    _expect(account.home, found, validation="fail")
    _expect_account(account, is_covered=True)


@trail.variant("overdue", characters=RARELY)
def overdue(account: AccountPlace) -> None:
    """The last file is a second older than a day; AWS writes empty errors too."""
    home = account.home
    status = {
        "LatestDeliveryTime": home.ago(hours=24, seconds=1),
        "LatestDeliveryError": "",
        "LatestDigestDeliveryError": "",
    }
    _expect(home, _put_trail(home, status=status), delivery="fail")
    _expect_account(account, is_covered=True)


@trail.variant("slow", characters=RARELY)
def slow(account: AccountPlace) -> None:
    """The last file is 23 hours old, and another trail was started 22 hours ago."""
    home = account.home
    delivered, started = home.ago(hours=23), home.ago(hours=22)
    found = _put_trail(home, status={"LatestDeliveryTime": delivered})
    _expect(home, found, until=delivered + DAY + MOMENT, then="fail")
    status = {"LatestDeliveryTime": None, "StartLoggingTime": started}
    second = _put_trail(home, "just-started", status=status)
    _expect(home, second, until=started + DAY + MOMENT, then="fail")
    _expect_account(account, is_covered=True)


@trail.variant("absent", characters={"neglected": 1, "new": 1})
def absent(account: AccountPlace) -> None:
    _expect_account(account, is_covered=False)


# the trail of the organization
def _put_organization_trail(
    organization: OrganizationPlace, *, is_logging: bool = True, is_multi_region: bool = True
) -> None:
    home = organization.member(MANAGEMENT_ID).home
    status: Record = {"IsLogging": is_logging}
    if not is_logging:
        status["LatestDeliveryTime"] = home.ago(days=40)
    found = _put_trail(
        home,
        "organization",
        status=status,
        IsOrganizationTrail=True,
        IsMultiRegionTrail=is_multi_region,
        S3BucketName="organization-trail-logs",
    )
    _expect(home, found, delivery="pass" if is_logging else "not_applicable")
    regions = list(organization.world.regions) if is_multi_region else [home.region]
    for account in organization.world.accounts:
        if account.id != MANAGEMENT_ID:
            _expect_shadows(organization.member(account.id).home, found, regions)


@organization_trail.variant("stopped")
def organization_trail_stopped(organization: OrganizationPlace) -> None:
    """Somebody stopped it 40 days ago: every account depends on its own trail."""
    _put_organization_trail(organization, is_logging=False)
    organization.expect(ORGANIZATION_CHECK, "fail")


@organization_trail.variant("logging")
def organization_trail_logging(organization: OrganizationPlace) -> None:
    _put_organization_trail(organization)
    organization.expect(ORGANIZATION_CHECK, "pass")


@organization_trail.variant("of_one_region")
def organization_trail_of_one_region(organization: OrganizationPlace) -> None:
    _put_organization_trail(organization, is_multi_region=False)
    organization.expect(ORGANIZATION_CHECK, "fail")
