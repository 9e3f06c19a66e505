"""The simulated organization scanned by the real tasks in this process."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from botocore.credentials import Credentials
from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import Organization
from accounts.services.organizations import organization_create
from findings.checks.base import Result
from findings.facts.base import Gap, GapReason
from findings.models import Finding, Scan, ScanAccount
from findings.planning import Selection
from findings.services.reassessments import results_of
from findings.services.scans import scan_request
from portal.celery import app
from simulator.answers import Subject, key, not_collected
from simulator.world import World
from tests.direct import direct_clients, serve_directly
from workers import scanning
from workers.aws.sessions import Hub
from workers.synchronizing import organization_synchronize
from workers.tasks import assessments, scans, shards

Statuses = dict[Subject, str]
ENTRY = "sts:AssumeRole"


@dataclass
class Demo:
    """A world behind its endpoint, and the organization that scans it."""

    world: World
    organization: Organization
    hub: Hub
    url: str

    def sync(self) -> None:
        organization_synchronize(organization=self.organization, hub=self.hub, now=timezone.now())
        self.organization.refresh_from_db()

    def request(self, **selection: Iterable[str]) -> Scan:
        return scan_request(
            actor=None,
            organization=self.organization,
            selection=Selection(**{name: tuple(found) for name, found in selection.items()}),
            trigger=Scan.Trigger.COMMAND,
            now=timezone.now(),
        )

    def scan(self, **selection: Iterable[str]) -> Scan:
        """A scan from its request to its end."""
        scan = self.request(**selection)
        work_through()
        scan.refresh_from_db()
        return scan


@contextmanager
def running_demo(*, canary: str | None = None, **parts: Any) -> Iterator[Demo]:
    """An organization whose hub stands in the world's management account; clients never wait.

    One call at a time: in the simulator's own process more would only wait for each other.
    """
    world = World(**parts)
    with serve_directly(world, canary=canary) as url, pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(settings, "AWS_ENDPOINT_URL", url)
        monkeypatch.setattr(scanning, "SHARDS_IN_FLIGHT", 1)
        monkeypatch.setattr(scanning, "CALLS_IN_FLIGHT", 1)
        keys = world.credentials
        own = Credentials(keys.access_key_id, keys.secret_access_key)
        hub = Hub(credentials=own, clients=direct_clients())
        monkeypatch.setattr(shards, "process_hub", lambda: hub)
        demo = Demo(world, demo_organization(world), hub, url)
        demo.sync()
        yield demo


@contextmanager
def for_a_module(blocker: Any) -> Iterator[None]:
    """A transaction around the tests of a module: what it holds is there in each, and then gone."""
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    try:
        with blocker.unblock(), transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        app.conf.update(task_always_eager=False, task_eager_propagates=False)


def demo_organization(world: World) -> Organization:
    return organization_create(
        actor=None,
        name="Demo",
        management_account_id="100000000001",
        external_id=world.external_id,
        regions=list(world.regions),
    )


def work_through() -> None:
    """What workers do until no work is left, in one order."""
    scans.start_scans()
    unfinished = ScanAccount.objects.filter(state=ScanAccount.State.ASSESSING)
    for pk in unfinished.values_list("pk", flat=True):
        assessments.assess_account(pk)
    for pk in Scan.objects.filter(state=Scan.State.ASSESSING).values_list("pk", flat=True):
        assessments.assess_organization(pk)


def subject_of(thing: Result | Finding) -> Subject:
    if isinstance(thing, Finding):
        return Subject(thing.check_id, thing.account.account_id, thing.region, thing.resource)
    return Subject(thing.check, thing.account, thing.region, thing.resource)


def statuses_of(results: Iterable[Result]) -> Statuses:
    return {subject_of(result): result.status.value for result in results}


def answers_of(world: World, now: datetime) -> Statuses:
    """What the key says at an instant."""
    return {subject: answer.at(now) for subject, answer in key(world).items()}


def excused(world: World, results: Iterable[Result]) -> set[Subject]:
    """What is unknown only because the world denies an operation or an account.

    A check that looks at the whole organization may lack the accounts that cannot be entered, and
    those of which every region is out of scope.
    """
    found = not_collected(world)
    denied = {(entry.account, entry.operation) for entry in found if entry.operation}
    closed = {entry.account for entry in found if not entry.region}

    def is_expected(result: Result, gap: Gap) -> bool:
        if (result.account, gap.operation) in denied:
            return True
        reaches_closed = bool(closed) and any(one.operation == ENTRY for one in result.gaps)
        return reaches_closed and (gap.operation == ENTRY or gap.reason is GapReason.NOT_SUPPLIED)

    return {
        subject_of(result)
        for result in results
        if result.account in closed
        or (result.gaps and all(is_expected(result, gap) for gap in result.gaps))
    }


def open_subjects() -> set[Subject]:
    return {subject_of(f) for f in Finding.objects.open().select_related("account")}


def said_of(demo: Demo, scan: Scan) -> Statuses:
    """What a scan says of each thing, without what the world lets nobody know."""
    results = list(results_of(scan))
    unknowable = excused(demo.world, results)
    return {s: status for s, status in statuses_of(results).items() if s not in unknowable}


def row_counts() -> Counter[str]:
    """How many rows each table of the product has."""
    models = [
        m for name in ("findings", "accounts") for m in apps.get_app_config(name).get_models()
    ]
    return Counter({model.__name__: model._default_manager.count() for model in models})
