"""State machines for the tables of the checks."""

from findings.facts.stepfunctions import StateMachine
from tests.findings.checks.cases import ACCOUNT, REGION


def machine(name="checkout", **fields):
    """A state machine that is not traced and logs its errors."""
    given = {
        "arn": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{name}",
        "type": "STANDARD",
        "status": "ACTIVE",
        "is_tracing_enabled": False,
        "logging_level": "ERROR",
        "log_destinations": (f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:checkout:*",),
    }
    return StateMachine(name=name, **(given | fields))
