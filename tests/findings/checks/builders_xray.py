"""Services, sampling rules and groups for the tables of the checks."""

from findings.facts.xray import (
    ActiveInsights,
    Insight,
    ResourceUse,
    SamplingRule,
    SamplingRuleUse,
    TracedService,
    TraceEncryption,
    TraceGroup,
    Traffic,
)
from tests.findings.checks.cases import ACCOUNT, REGION, ago


def traffic(requests=0, faults=0, throttles=0, errors=0):
    return Traffic(requests=requests, errors=errors, throttles=throttles, faults=faults)


def service(name="shop", *slices, **fields):
    """A service with traffic in the given slices of six hours, the newest first."""
    quiet = (traffic(),) * (8 - len(slices))
    given = {
        "owner": ACCOUNT,
        "type": "AWS::Lambda::Function",
        "names": (name,),
        "last_seen_at": ago(hours=1),
        "traffic": (*slices, *quiet),
    }
    return TracedService(name=name, **(given | fields))


def rule(name="orders", **fields):
    given = {
        "priority": 100,
        "fixed_rate": 0.05,
        "reservoir": 1,
        "service_name": "*",
        "service_type": "*",
        "host": "*",
        "http_method": "*",
        "url_path": "/orders/*",
        "created_at": ago(days=90),
        "modified_at": ago(days=90),
    }
    return SamplingRule(name=name, **(given | fields))


def use(name="orders", requests=10):
    return SamplingRuleUse(rule=name, requests_last_hour=requests)


def group(name="orders", **fields):
    given = {
        "arn": None,
        "filter_expression": 'service("orders")',
        "has_insights": True,
        "notifies": True,
    }
    return TraceGroup(name=name, **(given | fields))


def insight(started_at, root_cause="payments", id="1"):
    return Insight(id=id, started_at=started_at, root_cause=root_cause)


def watched(group="orders", *insights):
    """A group with insights on, and those that go on."""
    return ActiveInsights(group=group, insights=insights)


def encryption(**fields):
    given = {"type": "KMS", "status": "ACTIVE", "kms_key": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"}
    return TraceEncryption(region=REGION, **(given | fields))


def use_of(name="orders", service="lambda", requests=10):
    """How much a function was used, unless another service is named."""
    return ResourceUse(service=service, name=name, requests=requests)
