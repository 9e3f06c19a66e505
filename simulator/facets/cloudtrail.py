"""How the trails of an account are set up.

A trail is judged at home; everywhere else it is seen, as a shadow, and not judged.
"""

from simulator.facets.base import ACCOUNT, RARELY, Facet
from simulator.facets.organization_trails import organization_records
from simulator.facets.trail_keys import central_key, partners_key, put_key, put_keys_of_aws
from simulator.facets.trail_records import (
    ALL,
    CENTRAL_BUCKET,
    DAY,
    EVERYTHING,
    MOMENT,
    OBJECTS,
    PARTNERS_BUCKET,
    expect_trail,
    notifying,
    of_type,
    put_trail,
    rates,
    streaming,
)
from simulator.places import AccountPlace, Record

trail = Facet("cloudtrail.trail", level=ACCOUNT)

ACCOUNT_CHECK = "cloudtrail_multi_region_logging"
COPIES = "cloudtrail_no_redundant_trails"


def _expect_account(account: AccountPlace, *, is_covered: bool, copies: int = 1) -> None:
    """Whether every region is covered, and how many trails of its own record the same at home."""
    is_covered = is_covered or organization_records(account)
    account.expect(ACCOUNT_CHECK, "pass" if is_covered else "fail")
    copies += organization_records(account, every_region=False)
    account.expect(COPIES, "pass" if copies <= 1 else "fail")


def _incomplete(account: AccountPlace, *, every_region: bool = True) -> str:
    """Of a trail that leaves events out: another one may record them in the same regions."""
    is_recorded = organization_records(account, every_region=every_region)
    return "not_applicable" if is_recorded else "fail"


@trail.variant("logging", characters={"exemplary": 5, "ordinary": 3, "new": 2, "locked_down": 3})
def logging(account: AccountPlace) -> None:
    home = account.home
    put_keys_of_aws(home)
    key = put_key(home)
    found = put_trail(home, insights=rates(), KmsKeyId=key, **streaming(home), **notifying(home))
    expect_trail(home, found)
    _expect_account(account, is_covered=True)


@trail.variant("stopped", characters={"ordinary": 1, "neglected": 2})
def stopped(account: AccountPlace) -> None:
    home = account.home
    status = {
        "IsLogging": False,
        "LatestDeliveryTime": home.ago(days=9),
        "LatestDigestDeliveryTime": home.ago(days=9),
        "LatestCloudWatchLogsDeliveryTime": home.ago(days=9),
        "StopLoggingTime": home.ago(days=9),
    }
    key = put_key(home, KeyState="Disabled", Enabled=False)
    found = put_trail(home, status=status, KmsKeyId=key, **streaming(home))
    expect_trail(home, found, delivery="not_applicable")
    _expect_account(account, is_covered=False, copies=0)


@trail.variant("complete", characters={"exemplary": 2, "locked_down": 1})
def complete(account: AccountPlace) -> None:
    """By advanced selectors, and by a second trail without what may be left out.

    Files, and for the second one the key, are the log archive's.
    """
    management = {"Field": "eventCategory", "Equals": ["Management"]}
    writes = {"Field": "readOnly", "Equals": ["false"]}
    data = [of_type("AWS::S3::Object"), of_type("AWS::Lambda::Function", writes)]
    first = put_trail(
        account.home,
        advanced=[*data, [management]],
        insights=rates()[:1],
        S3BucketName=CENTRAL_BUCKET,
        _data=OBJECTS | {("AWS::Lambda::Function", "write")},
    )
    expect_trail(account.home, first)
    excluded = ["kms.amazonaws.com", "rdsdata.amazonaws.com"]
    second = put_trail(
        account.home,
        "without-keys",
        selectors=[{**ALL, "ExcludeManagementEventSources": excluded}],
        S3BucketName=CENTRAL_BUCKET,
        KmsKeyId=central_key(account.home),
    )
    expect_trail(account.home, second)
    _expect_account(account, is_covered=True, copies=2)


@trail.variant("partial", characters={"neglected": 1, "ordinary": 1})
def partial(account: AccountPlace) -> None:
    """Writes only, in one region, without global events."""
    found = put_trail(
        account.home,
        selectors=[{**ALL, "ReadWriteType": "WriteOnly"}],
        insights=rates("Management"),
        IsMultiRegionTrail=False,
        IncludeGlobalServiceEvents=False,
    )
    expect_trail(account.home, found, events=_incomplete(account, every_region=False))
    _expect_account(account, is_covered=False)


@trail.variant("of_data_beside", characters={"ordinary": 1, "exemplary": 1})
def of_data_beside(account: AccountPlace) -> None:
    """A trail of all data events beside one that takes all management events."""
    expect_trail(account.home, put_trail(account.home, **streaming(account.home)))
    resources = [
        {"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]},
        {"Type": "AWS::Lambda::Function", "Values": ["arn:aws:lambda"]},
    ]
    selectors = [{**ALL, "IncludeManagementEvents": False, "DataResources": resources}]
    expect_trail(
        account.home,
        put_trail(
            account.home,
            "data-events",
            selectors=selectors,
            insights=rates("Data"),
            _data=EVERYTHING,
            **notifying(account.home),
        ),
        events="not_applicable",
    )
    _expect_account(account, is_covered=True)


@trail.variant("reading_only", characters={"neglected": 1, "new": 1})
def reading_only(account: AccountPlace) -> None:
    """By an advanced selector, into a partner's bucket; a second trail leaves a service out."""
    read_only = [
        {"Field": "eventCategory", "Equals": ["Management"]},
        {"Field": "readOnly", "Equals": ["true"]},
    ]
    events = _incomplete(account)
    first = put_trail(account.home, advanced=[read_only], S3BucketName=PARTNERS_BUCKET)
    expect_trail(account.home, first, events=events)
    selectors = [{**ALL, "ExcludeManagementEventSources": ["sts.amazonaws.com"]}]
    second = put_trail(account.home, "without-sts", selectors=selectors)
    expect_trail(account.home, second, events=events)
    _expect_account(account, is_covered=True, copies=2)


@trail.variant("refused", characters={"neglected": 1, "ordinary": 1})
def refused(account: AccountPlace) -> None:
    """The bucket takes neither files nor digests, and the log group no events."""
    home = account.home
    status = {
        "LatestDeliveryTime": home.ago(hours=1),
        "LatestDeliveryError": "AccessDenied",
        "LatestDigestDeliveryError": "AccessDenied",
        "LatestCloudWatchLogsDeliveryError": "Access denied. Verify in IAM that the role exists.",
    }
    key = put_key(home, KeyState="PendingDeletion", Enabled=False)
    found = put_trail(home, status=status, KmsKeyId=key, **streaming(home))
    expect_trail(home, found, validation="fail", delivery="fail")
    _expect_account(account, is_covered=True)


@trail.variant("unvalidated", characters={"neglected": 1, "ordinary": 1})
def unvalidated(account: AccountPlace) -> None:
    gone = account.home.arn("kms", "key/gone")
    found = put_trail(account.home, LogFileValidationEnabled=False, KmsKeyId=gone)
    expect_trail(account.home, found, validation="fail")
    _expect_account(account, is_covered=True)


@trail.variant("overdue", characters=RARELY)
def overdue(account: AccountPlace) -> None:
    """The last file is a second older than a day; AWS writes empty errors too."""
    home = account.home
    status = {
        "LatestDeliveryTime": home.ago(hours=24, seconds=1),
        "LatestDeliveryError": "",
        "LatestDigestDeliveryError": "",
        "LatestCloudWatchLogsDeliveryTime": home.ago(hours=24, seconds=1),
        "LatestCloudWatchLogsDeliveryError": "",
    }
    expect_trail(home, put_trail(home, status=status, **streaming(home)), delivery="fail")
    _expect_account(account, is_covered=True)


@trail.variant("slow", characters=RARELY)
def slow(account: AccountPlace) -> None:
    """The last file is 23 hours old, and another trail was started 22 hours ago."""
    home = account.home
    delivered, started = home.ago(hours=23), home.ago(hours=22)
    status = {"LatestDeliveryTime": delivered, "LatestCloudWatchLogsDeliveryTime": delivered}
    found = put_trail(home, status=status, **streaming(home))
    expect_trail(home, found, until=delivered + DAY + MOMENT, then="fail")
    fresh: Record = {
        "LatestDeliveryTime": None,
        "LatestCloudWatchLogsDeliveryTime": None,
        "StartLoggingTime": started,
    }
    key = partners_key(home)
    second = put_trail(home, "just-started", status=fresh, KmsKeyId=key, **streaming(home))
    expect_trail(home, second, until=started + DAY + MOMENT, then="fail")
    _expect_account(account, is_covered=True, copies=2)


@trail.variant("absent", characters={"neglected": 1, "new": 1})
def absent(account: AccountPlace) -> None:
    _expect_account(account, is_covered=False, copies=0)
