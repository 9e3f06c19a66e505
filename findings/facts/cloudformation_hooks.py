"""Facts of CloudFormation Hooks, which judge what is to be provisioned before it is."""

from __future__ import annotations

from datetime import datetime

from findings.facts.base import Fact


class Hook(
    Fact,
    kind="cloudformation.hook",
    identity=("name",),
    volatile=("completed_at",),
):
    """A hook that the region can use: registered by the account, or public and activated.

    ``completed_at`` is when one of its invocations began that then came to a verdict, whichever:
    the newest where all of the results were read, else one of the last 30 days. None where
    CloudFormation knows of none.
    https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/hooks-view-invocations.html
    """

    name: str
    arn: str
    completed_at: datetime | None
