"""Documents, automations and settings for the tables of the checks."""

from findings.facts.secrets import SecretHit
from findings.facts.ssm import (
    PUBLIC_SHARING,
    AutomationExecution,
    AutomationHistory,
    Document,
    ManagedNode,
    ServiceSetting,
)
from findings.facts.ssm_documents import ChangeCalendar, DocumentDescription, DocumentSecrets
from tests.findings.checks.cases import ACCOUNT, OTHER, REGION, ago


def document(name="restore-orders", **fields):
    given = {
        "is_own": True,
        "owner": ACCOUNT,
        "type": "Automation",
        "document_version": "1",
        "version_name": None,
        "format": "YAML",
        "target_type": None,
        "review_status": None,
        "created_at": ago(days=200),
        "tags": {},
        "shared_with": (),
    }
    return Document(name=name, **(given | fields))


def shared_document(name="restart", **fields):
    arn = f"arn:aws:ssm:{REGION}:{OTHER}:document/{name}"
    return document(arn, is_own=False, owner=OTHER, **fields)


def execution(status="Success", started_at=None, name="restore-orders", **fields):
    given = {"id": "1", "ended_at": ago(days=1), "is_child": False}
    return AutomationExecution(
        document=name, status=status, started_at=started_at or ago(days=10), **(given | fields)
    )


def automation_history(*executions, known_from=None, region=REGION):
    return AutomationHistory(
        region=region,
        known_from=known_from or ago(days=30),
        known_until=ago(),
        executions=executions,
    )


def node(id="mi-1", ping_status="Online"):
    return ManagedNode(id=id, type="ManagedInstance", platform="Linux", ping_status=ping_status)


def setting(value="Disable", id=PUBLIC_SHARING):
    return ServiceSetting(id=id, value=value)


def description(name="restore-orders", **fields):
    given = {
        "status": "Active",
        "has_description": True,
        "version_name": "1.4.0",
        "default_version": "3",
        "latest_version": "3",
        "approved_version": None,
        "latest_created_at": ago(days=30),
    }
    return DocumentDescription(name=name, **(given | fields))


def document_secrets(*hits, name="restore-orders"):
    found = tuple(SecretHit(location=location, pattern=pattern) for location, pattern in hits)
    return DocumentSecrets(name=name, secret_rules=1, secrets=found)


def calendar(state="OPEN", name="freezes"):
    return ChangeCalendar(name=name, state=state)
