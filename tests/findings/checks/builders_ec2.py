"""Instances for the tables of the checks."""

from findings.facts.ec2 import Instance


def instance(id="i-1", state="running", **tags):
    return Instance(id=id, state=state, tags=tags)
