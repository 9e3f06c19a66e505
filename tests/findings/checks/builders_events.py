"""Event rules for the tables of the checks."""

import json

from findings.facts.events import Rule, Target
from tests.findings.checks.cases import ACCOUNT, REGION

QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:undelivered"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:restart"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:on-call"


def rule(name="on-event", pattern=None, **fields):
    """An enabled rule on the default bus that sends to a function, with a dead-letter queue."""
    region = fields.pop("region", REGION)
    account = fields.pop("account", ACCOUNT)
    partition = fields.pop("partition", "aws")
    given = {
        "bus": "default",
        "arn": f"arn:{partition}:events:{region}:{account}:rule/{name}",
        "state": "ENABLED",
        "pattern": None if pattern is None else json.dumps(pattern),
        "schedule": None,
        "managed_by": None,
        "targets": (target(),),
    }
    return Rule(name=name, **(given | fields))


def target(arn=FUNCTION, dead_letter_arn=QUEUE, id="1"):
    return Target(id=id, arn=arn, dead_letter_arn=dead_letter_arn)
