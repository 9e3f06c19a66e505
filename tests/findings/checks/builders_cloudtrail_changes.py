"""Changes of stacks, as CloudTrail tells them, for the tables of the checks."""

from findings.facts.cloudtrail_changes import StackChange, StackChanges
from tests.findings.checks.cases import REGION, ago


def stack_change(event="ExecuteChangeSet", at=None, **fields):
    """By a pipeline, of the stack shop, three days ago."""
    given = {
        "stack": "shop",
        "change_set": None,
        "identity": "AssumedRole",
        "role": "CodePipelineDeploy",
        "service": None,
    }
    return StackChange(event=event, at=at or ago(days=3), **(given | fields))


def stack_changes(*changes, known_from=None, region=REGION):
    return StackChanges(
        region=region,
        known_from=known_from or ago(days=90),
        known_until=ago(),
        changes=changes,
    )
