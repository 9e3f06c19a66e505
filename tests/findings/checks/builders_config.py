"""Recorders, delivery channels, rules and aggregators for the tables of the checks."""

from findings.facts.config import (
    Aggregator,
    AggregatorSource,
    AggregatorSources,
    ConfigRule,
    Delivery,
    DeliveryChannel,
    Recorder,
)
from findings.facts.organizations import DelegatedAdministrator, Organization, TagPolicy
from tests.findings.checks.cases import ACCOUNT, REGION, ago


def recorder(name="default", **fields):
    given = {
        "region": REGION,
        "service": None,
        "role_arn": None,
        "strategy": "ALL_SUPPORTED_RESOURCE_TYPES",
        "all_supported": True,
        "includes_global_types": False,
        "recorded_types": (),
        "excluded_types": (),
        "frequency": "CONTINUOUS",
        "daily_types": (),
        "is_recording": True,
        "last_status": "Success",
        "last_error_code": None,
        "last_status_changed_at": ago(minutes=5),
    }
    return Recorder(name=name, **(given | fields))


def service_recorder(**fields):
    name = "AWSConfigurationRecorderForSecurityHub"
    return recorder(name, service="securityhub.amazonaws.com", **fields)


ATTEMPT = ago(hours=6)


def delivery(status="Success", code=None, attempt_at=ATTEMPT, success_at=None):
    return Delivery(
        last_status=status,
        last_error_code=code,
        last_attempt_at=attempt_at,
        last_success_at=success_at,
    )


def channel(history=None, snapshot=None, name="default", topic_arn=None):
    return DeliveryChannel(
        name=name,
        bucket="config-history",
        kms_key_arn=None,
        topic_arn=topic_arn,
        snapshot_frequency=None,
        history=history or delivery(),
        snapshot=snapshot or delivery(),
        stream_status=None,
        stream_error_code=None,
    )


def rule(name="s3-encrypted", **fields):
    given = {
        "arn": None,
        "created_by": None,
        "owner": "AWS",
        "source": "S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED",
        "resource_types": (),
        "tag_keys": (),
        "period": None,
        "activated_at": ago(days=100),
        "state": "ACTIVE",
        "evaluated_at": ago(days=1),
        "failed_at": None,
        "error_code": None,
        "was_evaluated": True,
    }
    return ConfigRule(name=name, **(given | fields))


def rules(count=10):
    return [rule(f"rule-{number}") for number in range(count)]


def aggregator(name="organization", account=ACCOUNT, **fields):
    given = {"of_organization": True, "all_regions": True, "regions": (), "role_arn": None}
    arn = f"arn:aws:config:{REGION}:{account}:config-aggregator/{name}"
    return Aggregator(arn=arn, name=name, account=account, **(given | fields))


def source(status="SUCCEEDED", updated_at=ATTEMPT, region=REGION):
    return AggregatorSource(id=ACCOUNT, region=region, status=status, updated_at=updated_at)


def aggregator_sources(*sources):
    arn = f"arn:aws:config:{REGION}:{ACCOUNT}:config-aggregator/team"
    return AggregatorSources(aggregator=arn, name="team", sources=sources)


def organization():
    return Organization(id="o-1", management_account=ACCOUNT, has_all_features=True)


def administrator(account, service="config.amazonaws.com"):
    return DelegatedAdministrator(service=service, account=account)


def tag_policy(*keys):
    return TagPolicy(account=ACCOUNT, tag_keys=keys)
