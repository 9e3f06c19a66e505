import pytest

from findings.selectors.progress import grid_of
from tests.factories.accounts import AccountFactory, OuFactory, UserFactory, person_with
from tests.factories.findings import ScanAccountFactory, ScanFactory, ShardFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def scan():
    return ScanFactory()


@pytest.fixture
def everyone():
    return UserFactory(is_superuser=True)


def member(scan, *regions, **fields):
    account = AccountFactory(organization=scan.organization, ou=fields.pop("ou", None))
    position = scan.scan_accounts.count()
    ScanAccountFactory(scan=scan, account=account, position=position, **fields)
    for region in regions:
        ShardFactory(scan=scan, account=account, region=region)
    return account


def test_accounts_stand_in_the_order_of_the_scan_regions_before_pseudo_regions(scan, everyone):
    first = member(scan, "eu-west-1", "aws-global")
    second = member(scan, "us-east-1", "aws-organization", "ap-south-1")
    grid = grid_of(scan, everyone)
    assert grid.regions == [
        "ap-south-1",
        "eu-west-1",
        "us-east-1",
        "aws-global",
        "aws-organization",
    ]
    assert [line.account for line in grid.lines] == [first, second]
    shown = [[shard.region if shard else None for shard in line.shards] for line in grid.lines]
    assert shown == [
        [None, "eu-west-1", None, "aws-global", None],
        ["ap-south-1", None, "us-east-1", None, "aws-organization"],
    ]


def test_an_account_that_was_not_entered_says_why(scan, everyone):
    member(scan, error="the role is missing", access="role_missing")
    member(scan, access="pending_closure")
    member(scan)
    reasons = [line.reason for line in grid_of(scan, everyone).lines]
    assert reasons == ["the role is missing", "pending closure", ""]


def test_a_person_sees_own_accounts_and_their_regions_only(scan):
    ou = OuFactory(organization=scan.organization)
    own = member(scan, "eu-west-1", ou=ou)
    member(scan, "us-east-1")
    grid = grid_of(scan, person_with("viewer", organization=scan.organization, ou=ou))
    assert ([line.account for line in grid.lines], grid.regions) == ([own], ["eu-west-1"])


def test_pages_begin_where_the_one_before_ended(scan, everyone, monkeypatch):
    monkeypatch.setattr("findings.selectors.progress.PAGE", 2)
    accounts = [member(scan, "eu-west-1") for _ in range(5)]
    seen, start = [], 0
    while start is not None:
        grid = grid_of(scan, everyone, start=start)
        seen += [line.account for line in grid.lines]
        start = grid.next_position
    assert seen == accounts


def test_it_may_be_limited_to_some_accounts(scan, everyone):
    chosen, _ = member(scan, "eu-west-1"), member(scan, "us-east-1")
    grid = grid_of(scan, everyone, only={chosen.pk})
    assert [line.account for line in grid.lines] == [chosen]
    assert grid.regions == ["eu-west-1"]
    assert grid_of(scan, everyone, only=set()).lines == []
