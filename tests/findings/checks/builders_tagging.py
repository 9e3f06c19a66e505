"""Tags of resources for the tables of the checks."""

from findings.facts.tagging import TaggedResource


def tagged(arn, **tags):
    return TaggedResource(arn=arn, tags=tags)
