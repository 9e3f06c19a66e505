import pytest

from findings.models import Finding
from findings.selectors.finding_list import FindingFilter, findings_by_check, page_of
from tests.factories.accounts import AccountFactory
from tests.factories.findings import NOW, FindingFactory

pytestmark = pytest.mark.django_db


def test_an_unnarrowed_filter_shows_what_is_open():
    assert FindingFilter.of({}) == FindingFilter.of({"state": " ", "row": ""}) == FindingFilter()
    assert not FindingFilter.of({"unknown": "x"}).is_narrowed
    assert FindingFilter.of({"state": "closed"}).is_narrowed


def test_groups_come_most_severe_and_most_frequent_first():
    account = AccountFactory()
    for check, severity, rank, number in (
        ("rare", "critical", 0, 1),
        ("often", "high", 1, 3),
        ("seldom", "high", 1, 2),
    ):
        for _ in range(number):
            FindingFactory(account=account, check_id=check, severity=severity, severity_rank=rank)
    groups = findings_by_check(Finding.objects.all())
    assert [(g.check, g.findings, g.accounts) for g in groups] == [
        ("rare", 1, 1),
        ("often", 3, 1),
        ("seldom", 2, 1),
    ]
    assert groups[0].oldest == NOW


def test_the_last_page_has_no_next_key():
    FindingFactory()
    assert page_of(Finding.objects.all()).next_key == ""


def test_a_key_is_exact_to_the_microsecond(monkeypatch):
    monkeypatch.setattr("findings.selectors.finding_list.PAGE", 1)
    account = AccountFactory()
    made = [
        FindingFactory(account=account, opened_at=NOW.replace(microsecond=micro))
        for micro in (1, 2, 3)
    ]
    seen, key = [], ""
    while len(seen) < 3:
        page = page_of(Finding.objects.all(), key)
        seen += page.findings
        key = page.next_key
    assert seen == made[::-1]
    assert key == ""
