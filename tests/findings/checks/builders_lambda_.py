"""Functions for the tables of the checks."""

from findings.facts.lambda_ import Function
from tests.findings.checks.cases import ACCOUNT, REGION


def function(name="orders", **fields):
    """A function of the usual kind, that is not traced."""
    given = {
        "arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}",
        "runtime": "python3.13",
        "package_type": "Zip",
        "tracing_mode": "PassThrough",
        "layers": (),
        "edge_function_arn": None,
    }
    return Function(name=name, **(given | fields))
