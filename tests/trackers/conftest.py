"""Every adapter before its fake server: one server for each in a module, emptied for each test."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from tests.trackers.fakes import github as github_fake
from tests.trackers.fakes import jira as jira_fake
from tests.trackers.fakes.github import FakeGitHub
from tests.trackers.fakes.jira import FakeJira
from tests.trackers.fakes.server import serving
from workers.trackers.base import Access, Target
from workers.trackers.github import GitHubTracker
from workers.trackers.github_auth import InstallationTokens
from workers.trackers.github_calls import GitHubCalls
from workers.trackers.jira import JiraTracker
from workers.trackers.jira_calls import CLOUD, DATA_CENTER
from workers.trackers.transport import Limits

LIMITS = Limits(connect=1, read=0.25, total=5)
WEBHOOK_SECRETS = "old-hook-secret new-hook-secret"
KINDS = ("jira_cloud", "jira_service_account", "jira_data_center", "github_token", "github_app")


@dataclass
class Lab:
    """A tracker, who works in it, and our way to it."""

    kind: str
    fake: Any
    access: Access
    target: Target
    tracker: Any

    @property
    def is_jira(self) -> bool:
        return self.kind.startswith("jira")

    @property
    def done(self) -> str:
        return "13" if self.is_jira else "completed"

    @property
    def todo(self) -> str:
        return "11" if self.is_jira else "open"

    @property
    def secrets(self) -> list[str]:
        given = [*self.access.credentials.values(), *WEBHOOK_SECRETS.split()]
        got = list(getattr(self.fake, "tokens", {}))
        return [text for text in [*given, *got] if text not in ("4711", jira_fake.USER)]

    def create_part(self) -> str:
        return "/issue" if self.is_jira else "/issues"


@pytest.fixture(scope="session")
def app_key():
    return generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module", params=KINDS)
def served(request, app_key) -> Iterator[tuple[str, Any]]:
    with serving(fake_of(request.param, app_key)) as fake:
        yield request.param, fake


def fake_of(kind: str, app_key: Any) -> Any:
    match kind:
        case "jira_cloud":
            return FakeJira(is_cloud=True)
        case "jira_service_account":
            return FakeJira(is_cloud=True, prefix="/ex/jira/11a1-22b2")
        case "jira_data_center":
            return FakeJira(is_cloud=False)
        case "github_token":
            return FakeGitHub()
    return FakeGitHub(app_key.public_key())


@pytest.fixture
def lab(served, app_key) -> Lab:
    kind, fake = served
    fake.reset()
    return open_lab(kind, fake, app_key)


def open_lab(kind: str, fake: Any, app_key: Any, *, limits: Limits = LIMITS) -> Lab:
    pem = app_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    credentials = {
        "jira_cloud": {"user": jira_fake.USER, "token": jira_fake.TOKEN},
        "jira_service_account": {"token": jira_fake.TOKEN},
        "jira_data_center": {"token": jira_fake.TOKEN},
        "github_token": {"token": github_fake.TOKEN},
        "github_app": {"app_id": "4711", "private_key": pem},
    }[kind]
    access = Access(
        base_url=fake.url,
        credentials={**credentials, "webhook_secret": WEBHOOK_SECRETS},
        allows_private=True,
    )
    if kind.startswith("jira"):
        dialect = DATA_CENTER if kind == "jira_data_center" else CLOUD
        tracker = JiraTracker(access, dialect, limits)
        return Lab(kind, fake, access, Target(project="OPS"), tracker)
    calls = GitHubCalls(access, limits, lambda: fake.now, InstallationTokens())
    return Lab(kind, fake, access, Target(project="acme/ops"), GitHubTracker(access, calls=calls))


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr("workers.trackers.jira_calls.PAGE", 2)
    monkeypatch.setattr("workers.trackers.github_changes.PAGE", 2)
