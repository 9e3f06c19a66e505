import pytest

from accounts.models import Account
from findings.models import Scan
from findings.selectors.summary import accounts_not_fully_collected, summary_of, truth
from tests.factories.accounts import (
    NOW,
    AccountFactory,
    OrganizationFactory,
    OuFactory,
    person_with,
)
from tests.factories.findings import (
    CheckStatusFactory,
    FindingFactory,
    ScanAccountFactory,
    ScanFactory,
    ShardFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization():
    return OrganizationFactory()


@pytest.fixture
def viewer(organization):
    return person_with("viewer", organization=organization)


def scanned(scan, shard="collected", access="", **fields):
    account = AccountFactory(organization=scan.organization, **fields)
    ScanAccountFactory(scan=scan, account=account, access=access)
    ShardFactory(scan=scan, account=account, state=shard)
    return account


def test_without_accounts_it_says_how_to_get_some(viewer):
    assert truth(viewer, NOW).startswith("No account is known yet: synchronize")


def test_without_a_scan_nothing_is_claimed(organization, viewer):
    AccountFactory(organization=organization)
    assert truth(viewer, NOW) == "Nothing was scanned yet: what the accounts do is not known."
    ScanFactory(organization=organization, state="running", finished_at=None)
    assert summary_of(viewer, NOW).last_scan is None


def test_the_sentence_says_what_is_known_where_it_falls_short_and_what_is_worst(
    organization, viewer
):
    scan = ScanFactory(organization=organization)
    good, bad, _ = (scanned(scan, shard) for shard in ("collected", "collected", "partial"))
    CheckStatusFactory(account=good, passed=80, failed=20)
    CheckStatusFactory(account=bad, passed=79, failed=21)
    for severity in ("critical", "critical", "high"):
        FindingFactory(account=bad, severity=severity)
    assert truth(viewer, NOW) == (
        "1 of 3 accounts was not fully collected; 1 is below target; 2 critical findings."
    )


def test_one_account_is_told_in_the_singular(organization, viewer):
    account = scanned(ScanFactory(organization=organization))
    FindingFactory(account=account, severity="critical")
    assert truth(viewer, NOW) == (
        "The one account was fully collected; 0 are below target; 1 critical finding."
    )


def test_an_account_of_which_nothing_is_known_is_not_below_target(organization, viewer):
    account = scanned(ScanFactory(organization=organization))
    CheckStatusFactory(account=account, unknown=5)
    assert summary_of(viewer, NOW).below_target == 0


def test_only_what_the_person_sees_counts(organization):
    scan = ScanFactory(organization=organization)
    ou = OuFactory(organization=organization)
    scanned(scan, ou=ou)
    hidden = scanned(scan, "failed")
    FindingFactory(account=hidden, severity="critical")
    viewer = person_with("viewer", organization=organization, ou=ou)
    assert truth(viewer, NOW) == (
        "The one account was fully collected; 0 are below target; 0 critical findings."
    )


@pytest.mark.parametrize(
    ("shard", "access", "is_whole"),
    [
        ("collected", "", True),
        ("out_of_scope", "", True),
        ("partial", "", False),
        ("failed", "", False),
        ("cancelled", "", False),
        ("pending", "", False),
        ("collected", "role_missing", False),
    ],
)
def test_an_account_is_fully_collected_when_it_was_entered_and_nothing_is_left(
    organization, shard, access, is_whole
):
    account = scanned(ScanFactory(organization=organization), shard, access)
    missing = accounts_not_fully_collected(Account.objects.all())
    assert list(missing) == ([] if is_whole else [account])


def test_an_account_that_the_last_full_scan_did_not_visit_is_not_collected(organization):
    scanned(ScanFactory(organization=organization))
    ScanFactory(organization=organization, state="cancelled")
    assert accounts_not_fully_collected(Account.objects.all()).count() == 1


def test_a_targeted_scan_or_one_under_way_changes_nothing(organization):
    scanned(ScanFactory(organization=organization))
    ScanFactory(organization=organization, kind=Scan.Kind.TARGETED)
    ScanFactory(organization=organization, state="running", finished_at=None)
    assert not accounts_not_fully_collected(Account.objects.all()).exists()


def test_the_scan_of_another_organization_is_no_scan_of_this_one(organization):
    ScanFactory(organization=organization)
    account = scanned(ScanFactory())
    assert account not in accounts_not_fully_collected(Account.objects.all())


def test_suspended_and_excluded_accounts_are_no_part_of_it(organization, viewer):
    scan = ScanFactory(organization=organization)
    scanned(scan)
    scanned(scan, "failed", state="SUSPENDED")
    scanned(scan, "failed", excluded=True, excluded_reason="a playground")
    assert summary_of(viewer, NOW).accounts == 1
    assert summary_of(viewer, NOW).not_fully_collected == 0
