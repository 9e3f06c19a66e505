import datetime as dt

import pytest

from accounts.models import Account
from findings.catalogue.pillar import Row, Severity
from findings.models import Finding
from findings.selectors.standing import (
    Counts,
    counts_by_account,
    counts_by_account_and_check,
    counts_by_check,
    counts_by_row,
    open_findings,
    open_findings_by_account,
    standing_by_unit,
    total,
)
from tests.factories.accounts import NOW, AccountFactory, OrganizationFactory, OuFactory
from tests.factories.findings import (
    CheckStatusFactory,
    FindingFactory,
    SuppressedFindingFactory,
)


@pytest.mark.parametrize(
    ("counts", "share", "coverage"),
    [
        (Counts(), None, None),
        (Counts(not_applicable=4), None, None),
        (Counts(unknown=4), None, 0),
        (Counts(passed=1), 100, 100),
        (Counts(failed=1), 0, 100),
        (Counts(passed=2, failed=1), 66, 100),
        (Counts(passed=999, failed=1), 99, 100),
        (Counts(passed=3, failed=1, unknown=4, not_applicable=9), 75, 50),
        (Counts(passed=199, unknown=1), 100, 99),
    ],
)
def test_a_share_is_of_what_is_known_and_never_rounded_up(counts, share, coverage):
    assert (counts.share, counts.coverage) == (share, coverage)


def test_counts_add_up():
    assert total([Counts(1, 2, 3, 4), Counts(10, 20, 30, 40)]) == Counts(11, 22, 33, 44)
    assert total([]) == Counts()


@pytest.fixture
def organization(db):
    return OrganizationFactory()


def test_rows_are_counted_over_the_given_accounts_and_none_is_left_out(organization):
    mine, other = AccountFactory(organization=organization), AccountFactory()
    CheckStatusFactory(account=mine, row="O2", passed=2, failed=1)
    CheckStatusFactory(account=mine, row="O2", unknown=5, region="us-east-1")
    CheckStatusFactory(account=other, row="O2", passed=100)
    rows = counts_by_row(Account.objects.filter(pk=mine.pk), NOW)
    assert list(rows) == list(Row)
    assert rows[Row.AUDIT] == Counts(passed=2, failed=1, unknown=5)
    assert rows[Row.TRACING] == Counts()


def test_an_account_without_results_counts_as_nothing_known(organization):
    account = AccountFactory(organization=organization)
    counts = counts_by_account(Account.objects.all(), NOW)
    assert counts[account.pk] == Counts()


def test_an_ou_counts_its_own_accounts_by_row(organization):
    prod = OuFactory(organization=organization, name="Prod")
    OuFactory(organization=organization, name="Empty")
    first, second = (AccountFactory(organization=organization, ou=prod) for _ in range(2))
    root = AccountFactory(organization=organization)
    CheckStatusFactory(account=first, row="P1", passed=1)
    CheckStatusFactory(account=second, row="P1", failed=1)
    CheckStatusFactory(account=root, row="E3", unknown=1)
    units = standing_by_unit(Account.objects.all(), NOW)
    assert [(unit.path, unit.accounts) for unit in units] == [("", 1), ("Prod", 2)]
    assert units[1].rows[Row.INFRASTRUCTURE_AS_CODE] == Counts(passed=1, failed=1)
    assert units[0].rows[Row.FEEDBACK] == Counts(unknown=1)
    assert list(units[0]) == list(units[0].rows.values())


def test_open_findings_are_counted_by_severity_critical_first(organization):
    account = AccountFactory(organization=organization)
    FindingFactory(account=account, severity="low")
    FindingFactory(account=account, severity="critical")
    FindingFactory(account=account, severity="critical", is_open=False, evidence_status="pass")
    numbers = open_findings(Finding.objects.all(), NOW).by_severity
    assert list(numbers) == list(Severity)
    assert (numbers[Severity.CRITICAL], numbers[Severity.LOW], numbers[Severity.HIGH]) == (1, 1, 0)


def test_open_findings_are_counted_by_account(organization):
    busy, quiet = (AccountFactory(organization=organization) for _ in range(2))
    for severity in ("critical", "high", "high", "low"):
        FindingFactory(account=busy, severity=severity)
    FindingFactory(account=busy, is_open=False, evidence_status="pass")
    found = open_findings_by_account(Account.objects.all(), NOW)
    assert found[busy.pk] == {"total": 4, "critical": 1, "high": 2}
    assert found[quiet.pk] == {"total": 0, "critical": 0, "high": 0}


def test_what_is_suppressed_counts_neither_as_pass_nor_as_fail(organization):
    account = AccountFactory(organization=organization)
    CheckStatusFactory(account=account, check_id="x", row="O2", passed=1, failed=2, unknown=1)
    covered = [FindingFactory(account=account, check_id="x", row="O2") for _ in range(3)]
    covered[1].unverified_since = NOW
    covered[1].save()
    end = NOW + dt.timedelta(days=1)
    for row in covered[:2]:
        SuppressedFindingFactory(finding=row, until_at=end)
    SuppressedFindingFactory(finding=covered[0], episode=covered[0].episodes.get(), until_at=end)
    seen = {now: counts_by_row(Account.objects.all(), now)[Row.AUDIT] for now in (NOW, end)}
    assert seen[NOW] == Counts(passed=1, failed=1, unknown=1, suppressed=1)
    assert (seen[NOW].share, seen[NOW].coverage) == (50, 75)
    assert seen[end] == Counts(passed=1, failed=2, unknown=1)
    by_check = counts_by_check(Account.objects.all(), NOW)
    (by_account,) = counts_by_account_and_check(Account.objects.all(), NOW).values()
    assert by_check == by_account == {"x": seen[NOW]}
    assert open_findings_by_account(Account.objects.all(), NOW)[account.pk]["total"] == 1
    told = open_findings(Finding.objects.all(), NOW)
    assert (told.by_severity[Severity.HIGH], told.suppressed) == (1, 2)
