"""Stacks, recorders and delivery channels, of which only what these checks read matters."""

from dataclasses import fields

from findings.facts.cloudformation import Stack
from findings.facts.config import DeliveryChannel, Recorder
from tests.findings.checks.cases import ACCOUNT, REGION


def bare(fact, **given):
    """A fact whose other fields are absent."""
    return fact(**(dict.fromkeys(field.name for field in fields(fact)) | given))


def stack(name="shop", **given):
    stack_id = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{name}/1"
    lists = {"notification_arns": (), "rollback_triggers": ()}
    return bare(Stack, name=name, id=stack_id, **(lists | given))


def recorder(name="default", **given):
    return bare(Recorder, name=name, region=REGION, **given)


def channel(topic_arn=None, name="default"):
    return bare(DeliveryChannel, name=name, topic_arn=topic_arn)
