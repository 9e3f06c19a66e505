"""The simulated organization scanned by the real tasks in this process."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import pytest
from botocore.credentials import Credentials
from django.apps import apps
from django.conf import settings
from django.utils import timezone

from accounts.models import Organization
from accounts.services.organizations import organization_create
from findings.checks.base import Result, built_in
from findings.models import Scan, ScanAccount
from findings.planning import Selection
from findings.services.reassessments import results_of
from findings.services.scans import scan_request
from simulator.answers import Subject, key, not_collected
from simulator.world import World
from workers.aws.engine.clients import Clients
from workers.aws.engine.retries import Backoff
from workers.aws.sessions import Hub
from workers.synchronizing import organization_synchronize
from workers.tasks import assessments, scans, shards

Statuses = dict[Subject, str]


@dataclass
class Demo:
    """A world behind its endpoint, and the organization that scans it."""

    world: World
    organization: Organization
    hub: Hub

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


def start_demo(world: World, url: str, monkeypatch: pytest.MonkeyPatch) -> Demo:
    """An organization whose hub stands in the world's management account; its clients never wait."""
    monkeypatch.setattr(settings, "AWS_ENDPOINT_URL", url)
    keys = world.credentials
    hub = Hub(
        credentials=Credentials(keys.access_key_id, keys.secret_access_key),
        clients=Clients(backoff=Backoff(sleep=lambda _: None)),
    )
    monkeypatch.setattr(shards, "process_hub", lambda: hub)
    organization = organization_create(
        actor=None,
        name="Demo",
        management_account_id="100000000001",
        external_id=world.external_id,
        regions=list(world.regions),
    )
    demo = Demo(world, organization, hub)
    demo.sync()
    return demo


def work_through() -> None:
    """What workers do until no work is left, in one order."""
    scans.start_scans()
    unfinished = ScanAccount.objects.filter(state=ScanAccount.State.ASSESSING)
    for pk in unfinished.values_list("pk", flat=True):
        assessments.assess_account(pk)
    for pk in Scan.objects.filter(state=Scan.State.ASSESSING).values_list("pk", flat=True):
        assessments.assess_organization(pk)


def subject_of(result: Result) -> Subject:
    return Subject(result.check, result.account, result.region, result.resource)


def statuses_of(scan: Scan, now: datetime | None = None) -> Statuses:
    """What a scan says of each thing; a listing that is not known is the resource ""."""
    return {subject_of(r): r.status.value for r in results_of(scan, now=now)}


def answers_of(world: World, now: datetime) -> Statuses:
    """What the key says of each thing that a scan can know."""
    return {subject: answer.at(now) for subject, answer in key(world).items()}


def excused(world: World, results: Iterable[Result]) -> set[Subject]:
    """The results that are unknown only because of an operation that the world denies."""
    denied = {(e.account, e.operation) for e in not_collected(world) if e.operation}
    return {
        subject_of(r)
        for r in results
        if r.gaps and all((r.account, gap.operation) in denied for gap in r.gaps)
    }


def row_counts() -> Counter[str]:
    """How many rows each table of the product has."""
    models = [
        *apps.get_app_config("findings").get_models(),
        *apps.get_app_config("accounts").get_models(),
    ]
    return Counter({model.__name__: model.objects.count() for model in models})


def check_ids() -> set[str]:
    return set(built_in())
