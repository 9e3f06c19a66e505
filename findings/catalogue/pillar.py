"""The pillar as Cairn cuts it: three phases, ten rows, five design principles."""

from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    PREPARE = "prepare"
    OPERATE = "operate"
    EVOLVE = "evolve"


class Row(StrEnum):
    INFRASTRUCTURE_AS_CODE = "P1"
    CONFIGURATION = "P2"
    RUNBOOKS = "P3"
    CHANGE = "O1"
    AUDIT = "O2"
    MONITORING = "O3"
    TRACING = "O4"
    DELIVERY = "E1"
    INFRASTRUCTURE = "E2"
    FEEDBACK = "E3"

    @property
    def phase(self) -> Phase:
        return {"P": Phase.PREPARE, "O": Phase.OPERATE, "E": Phase.EVOLVE}[self.value[0]]

    @property
    def label(self) -> str:
        return ROWS[self].title


class Principle(StrEnum):
    """The design principles of the pillar, numbered as in the catalogue."""

    OPERATIONS_AS_CODE = "D1"
    SMALL_REVERSIBLE_CHANGES = "D2"
    REFINE_PROCEDURES = "D3"
    ANTICIPATE_FAILURE = "D4"
    MANAGED_SERVICES_AND_OBSERVABILITY = "D5"


class Severity(StrEnum):
    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFORMATIONAL = "informational"

    @property
    def rank(self) -> int:
        """0 for critical; larger is less severe."""
        return list(Severity).index(self)


@dataclass(frozen=True)
class RowDescription:
    title: str
    purpose: str
    services: tuple[str, ...]


ROWS = {
    Row.INFRASTRUCTURE_AS_CODE: RowDescription(
        "Infrastructure as code", "Everything is declared in templates", ("CloudFormation",)
    ),
    Row.CONFIGURATION: RowDescription(
        "Compliance and configuration management",
        "Configuration is recorded, compared and kept free of drift",
        ("Config", "Systems Manager"),
    ),
    Row.RUNBOOKS: RowDescription(
        "Runbooks and mock deployments",
        "Recovery is rehearsed before production needs it",
        ("CloudFormation", "Systems Manager"),
    ),
    Row.CHANGE: RowDescription(
        "Automation and change management",
        "Changes are automated, followed and limited",
        ("CloudFormation", "Config", "Systems Manager", "EventBridge"),
    ),
    Row.AUDIT: RowDescription(
        "Audit and governance", "Every action is recorded and protected", ("CloudTrail",)
    ),
    Row.MONITORING: RowDescription(
        "Monitoring and alerting",
        "Metrics, logs and events reach the people who act on them",
        ("CloudWatch", "CloudWatch Logs", "EventBridge"),
    ),
    Row.TRACING: RowDescription(
        "Distributed tracing", "Requests are followed across services", ("X-Ray",)
    ),
    Row.DELIVERY: RowDescription(
        "CI/CD",
        "Code reaches production by reviewed, tested, reversible steps",
        ("CodeCommit", "CodeBuild", "CodeDeploy", "CodePipeline"),
    ),
    Row.INFRASTRUCTURE: RowDescription(
        "Infrastructure evolution",
        "Stacks are versioned and iterated safely",
        ("CloudFormation",),
    ),
    Row.FEEDBACK: RowDescription(
        "Feedback loops", "Measurements guide improvement", ("CloudWatch", "X-Ray")
    ),
}
