"""Every page and endpoint over a scanned organization: viewer, administrator, stranger, nobody."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account
from findings.models import Finding
from tests.factories.accounts import UserFactory, person_with
from tests.flow.harness import Demo, for_a_module, running_demo

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

LISTS = ["overview", "account-list", "finding-list", "scan-list", "schedule-list", "tool-list"]
NOUNS = ["organizations", "accounts", "scans", "findings", "schedules", "tools"]


@pytest.fixture(scope="module")
def scanned(django_db_setup: None, django_db_blocker: Any) -> Iterator[Demo]:
    with for_a_module(django_db_blocker), running_demo(accounts=2, regions=1) as demo:
        demo.scan()
        yield demo


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def details_of(demo: Demo) -> list[str]:
    scan = demo.organization.scans.get()
    finding = Finding.objects.open().first()
    return [
        reverse("account-detail", args=[finding.account.uid]),
        reverse("finding-detail", args=[finding.uid]),
        reverse("scan-detail", args=[scan.uid]),
        f"/api/v1/accounts/{finding.account.uid}/",
        f"/api/v1/findings/{finding.uid}/",
        f"/api/v1/findings/{finding.uid}/evidence/",
        f"/api/v1/scans/{scan.uid}/",
        f"/api/v1/scans/{scan.uid}/gaps/",
        f"/api/v1/scans/{scan.uid}/shards/",
    ]


def test_a_viewer_sees_every_page_and_endpoint_and_changes_nothing(scanned):
    client = client_of(person_with("viewer", organization=scanned.organization))
    lists = [*map(reverse, LISTS), *(f"/api/v1/{noun}/" for noun in NOUNS)]
    answers = {path: client.get(path).status_code for path in [*lists, *details_of(scanned)]}
    assert set(answers.values()) == {200}, answers
    asked = {"organization": str(scanned.organization.uid)}
    refused = client.post("/api/v1/scans/", asked, content_type="application/json")
    assert refused.status_code == 403
    finding = Finding.objects.open().first()
    assert client.post(reverse("finding-recheck", args=[finding.uid])).status_code == 403
    assert scanned.organization.scans.count() == 1


def test_a_stranger_sees_that_there_is_nothing_and_no_detail(scanned):
    client = client_of(UserFactory())
    for noun in NOUNS:
        assert client.get(f"/api/v1/{noun}/").json()["results"] == [], noun
    answers = {path: client.get(path).status_code for path in details_of(scanned)}
    assert set(answers.values()) == {404}, answers
    accounts = list(Account.objects.values_list("account_id", flat=True))
    for name in LISTS:
        page = client.get(reverse(name))
        assert page.status_code == 200
        told = page.content.decode()
        assert not [account for account in accounts if account in told], name


def test_nobody_is_sent_to_sign_in_and_the_api_says_401(scanned):
    client = Client()
    pages = [path for path in details_of(scanned) if not path.startswith("/api/")]
    for path in [*map(reverse, LISTS), *pages]:
        assert client.get(path).url.startswith("/login/?next=")
    for noun in NOUNS:
        refused = client.get(f"/api/v1/{noun}/")
        assert (refused.status_code, refused["Content-Type"]) == (401, "application/problem+json")


def test_an_administrator_starts_a_scan_by_api_and_is_told_what_is_wrong(scanned):
    client = client_of(person_with("administrator", organization=scanned.organization))
    asked = {"organization": str(scanned.organization.uid), "selection": {"rows": ["O2"]}}
    started = client.post("/api/v1/scans/", asked, content_type="application/json")
    assert (started.status_code, started.json()["kind"]) == (202, "targeted")
    wrong = {**asked, "selection": {"accounts": ["12"]}}
    refused = client.post("/api/v1/scans/", wrong, content_type="application/json")
    assert (refused.status_code, refused["Content-Type"]) == (400, "application/problem+json")
    assert "12 digits" in refused.content.decode()


def test_the_evidence_of_a_finding_names_its_facts_and_calls(scanned):
    client = client_of(person_with("viewer", organization=scanned.organization))
    finding = Finding.objects.open().exclude(resource="").first()
    evidence = client.get(f"/api/v1/findings/{finding.uid}/evidence/").json()
    assert any(kind["facts"] and kind["calls"] for kind in evidence)
