"""Facts of Systems Manager: documents, automations, managed nodes and service settings."""

from __future__ import annotations

from datetime import datetime, timedelta

from findings.facts.base import Fact, Record

# Names that only AWS may give, such as those of Quick Setup.
# https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-creating-content.html
RESERVED_PREFIXES = ("amazon", "amzn", "aws")

PUBLIC_SHARING = "/ssm/documents/console/public-sharing-permission"
SCRIPT_LOGS = "/ssm/automation/customer-script-log-destination"


class Document(Fact, kind="ssm.document", identity=("name",)):
    """A document of the account, or one that another account shares with it (``is_own`` false).

    ``shared_with`` holds account ids, or "all"; only an owner sees it.
    """

    name: str
    is_own: bool
    owner: str | None
    type: str | None
    document_version: str | None
    version_name: str | None
    format: str | None
    target_type: str | None
    review_status: str | None
    created_at: datetime | None
    tags: dict[str, str]
    shared_with: tuple[str, ...]

    @property
    def is_runbook(self) -> bool:
        """Whether it is an Automation document that people wrote."""
        return self.type == "Automation" and not self.name.lower().startswith(RESERVED_PREFIXES)


class AutomationExecution(Record):
    """One run of a runbook; ``ended_at`` is None while it goes on."""

    id: str
    document: str
    status: str
    started_at: datetime
    ended_at: datetime | None
    is_child: bool

    @property
    def document_name(self) -> str:
        """Without the rest of the ARN, by which other accounts run a shared one."""
        return self.document.rpartition(":document/")[2]


class AutomationHistory(
    Fact,
    kind="ssm.automation_history",
    identity=("region",),
    volatile=("known_from", "known_until", "executions"),
):
    """The automations that a region still knows, oldest first: all of the time that is given."""

    region: str
    known_from: datetime
    known_until: datetime
    executions: tuple[AutomationExecution, ...]

    @property
    def known_for(self) -> timedelta:
        return self.known_until - self.known_from


class ManagedNode(Fact, kind="ssm.managed_node", identity=("id",), volatile=("ping_status",)):
    """A node that Systems Manager manages: an EC2 instance or one that was registered."""

    id: str
    type: str | None
    platform: str | None
    ping_status: str | None


class ServiceSetting(Fact, kind="ssm.service_setting", identity=("id",)):
    """A setting of the account in one region, whether AWS's default or the account's own."""

    id: str
    value: str
