"""At most fifteen queries a page, however much there is to show."""

import datetime as dt

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AccountEvent
from findings.models import Alert, Scan
from tests.factories.accounts import NOW, GrantFactory, OuFactory, TeamFactory
from tests.factories.findings import (
    AttestationFactory,
    CheckStatusFactory,
    DeclaredToolFactory,
    EpisodeFactory,
    ExportFactory,
    FindingFactory,
    ScheduleFactory,
    SuppressedFindingFactory,
    SuppressionFactory,
)
from tests.factories.notifications import dead_message

MOST = 15


def suppression(world, **fields):
    far = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
    return SuppressionFactory(organization=world.ours, ends_at=far, **fields)


@pytest.fixture
def pages(world):
    finding = world.finding()
    schedule = ScheduleFactory(organization=world.ours)
    return {
        "overview": reverse("overview"),
        "scorecard": reverse("scorecard"),
        "scorecard of an OU": f"{reverse('scorecard')}?scope=ou:{world.prod.uid}",
        "accounts": reverse("account-list"),
        "account": reverse("account-detail", args=[world.shop.uid]),
        "checks": reverse("finding-list"),
        "findings": reverse("finding-list") + "?group=none",
        "finding": reverse("finding-detail", args=[finding.uid]),
        "scans": reverse("scan-list"),
        "scan": reverse("scan-detail", args=[world.scan.uid]),
        "schedules": reverse("schedule-list"),
        "new schedule": reverse("schedule-create"),
        "schedule": reverse("schedule-edit", args=[schedule.uid]),
        "tools": reverse("tool-list"),
        "attestations": reverse("attestation-list"),
        "suppressions": reverse("suppression-list") + "?show=active",
        "requests": reverse("suppression-list"),
        "suppression": reverse("suppression-detail", args=[suppression(world).uid]),
        "a request for a finding": f"{reverse('suppression-ask')}?finding={finding.uid}",
        "exports": reverse("export-list"),
        "notifications": reverse("notification-settings"),
    }


@pytest.fixture
def more(world):
    """Grows what every page has to show."""

    def grow():
        team = TeamFactory(organization=world.ours)
        ScheduleFactory(organization=world.ours, last_scan=world.scan)
        Alert.objects.create(
            organization=world.ours,
            kind="schedule_missed",
            subject=team.name,
            message="missed",
            raised_at=NOW,
        )
        for _ in range(3):
            ou = OuFactory(organization=world.ours)
            DeclaredToolFactory(organization=world.ours, owner_team=team, ou=ou)
            AttestationFactory(organization=world.ours, owner_team=team, ou=ou)
            account = world.account(ou.name, ou=ou, owner_team=team, role_health="denied")
            CheckStatusFactory(account=account, passed=1)
            found = EpisodeFactory(finding=FindingFactory(account=account)).finding
            SuppressedFindingFactory(
                suppression=suppression(world, ou=ou), finding=found, episode=found.episodes.get()
            )
            suppression(world, ou=ou, is_approved=None, decided_at=None)
            for asker in User.objects.all():
                ExportFactory(organization=world.ours, asked_by=asker)
                dead_message(asker, world.ours)
            AccountEvent.objects.create(account=world.shop, kind="renamed", at=NOW)
        EpisodeFactory(finding=world.finding(), number=Scan.objects.count() + 1, closed_at=NOW,
                       close_cause="out_of_scope")  # fmt: skip
        world.lab.wait(days=1).scan(facts={})

    return grow


@pytest.fixture
def spectator(sign_in, world):
    """Holds several grants, which is more work than being a superuser."""
    person = world.person("administrator")
    team = TeamFactory(organization=world.ours, members=[person])
    GrantFactory(user=None, team=team, organization=world.ours, ou=world.prod)
    return sign_in("administrator")


def queries(client, address):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in captured]


def test_no_page_needs_more_queries_when_there_is_more_to_show(spectator, pages, more):
    before = {name: len(queries(spectator, address)) for name, address in pages.items()}
    more()
    more()
    after = {name: len(queries(spectator, address)) for name, address in pages.items()}
    assert {name: number for name, number in after.items() if number > MOST} == {}
    grown = {name: (before[name], number) for name, number in after.items()}
    assert {name: pair for name, pair in grown.items() if pair[1] > pair[0] + 1} == {}
