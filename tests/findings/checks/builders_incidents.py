"""Experiments, response plans and incidents for the tables of the checks."""

from findings.facts.fis import Experiment
from findings.facts.incidents import Incident, ReplicationSet, ResponsePlan
from tests.findings.checks.cases import ACCOUNT, ago


def experiment(id="EXP1", **fields):
    given = {"status": "completed", "created_at": ago(days=30), "runs_actions": True}
    return Experiment(id=id, **(given | fields))


def replication_set():
    return ReplicationSet(arn=f"arn:aws:ssm-incidents::{ACCOUNT}:replication-set/1")


def plan(name="shop", **fields):
    given = {"runbooks": ("AWS-RestartEC2Instance",), "engagements": 1, "chat_channels": 0}
    arn = f"arn:aws:ssm-incidents::{ACCOUNT}:response-plan/{name}"
    return ResponsePlan(arn=arn, name=name, **(given | fields))


def incident(name="1", **fields):
    given = {"impact": 1, "resolved_at": ago(days=30), "analyses": 1}
    arn = f"arn:aws:ssm-incidents::{ACCOUNT}:incident-record/shop/{name}"
    return Incident(arn=arn, **(given | fields))
