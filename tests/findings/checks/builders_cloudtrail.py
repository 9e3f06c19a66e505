"""Trails as tests want them: healthy, complete, at home here, unless told otherwise."""

from findings.facts.cloudtrail import (
    AdvancedSelector,
    EventDataStore,
    EventSelector,
    FieldSelector,
    InsightSelector,
    Trail,
)
from findings.facts.organizations import Organization
from tests.findings.checks.cases import ACCOUNT, REGION, ago

ORGANIZATION = Organization(id="o-a1b2c3", management_account=ACCOUNT, has_all_features=True)


def trail(**fields):
    owner, region = fields.get("owner", ACCOUNT), fields.get("home_region", REGION)
    name = fields.get("name", "audit")
    given = {
        "arn": f"arn:aws:cloudtrail:{region}:{owner}:trail/{name}",
        "name": name,
        "owner": owner,
        "home_region": region,
        "is_shadow": False,
        "is_multi_region": True,
        "is_organization": False,
        "includes_global_events": True,
        "validates_files": True,
        "bucket": "audit-logs",
        "key_prefix": None,
        "key_id": None,
        "log_group_arn": None,
        "topic_arn": None,
        "has_insight_selectors": False,
        "is_logging": True,
        "started_at": ago(days=200),
        "stopped_at": None,
        "delivery_error": None,
        "digest_error": None,
        "logs_error": None,
        "notification_error": None,
        "delivered_at": ago(minutes=5),
        "digest_delivered_at": ago(minutes=40),
        "logs_delivered_at": None,
        "notified_at": None,
        "selectors": (selector(),),
        "advanced_selectors": (),
        "insights": (),
    }
    return Trail(**(given | fields))


def selector(**fields):
    given = {
        "read_write": "All",
        "includes_management_events": True,
        "excluded_sources": (),
        "data_resource_types": (),
    }
    return EventSelector(**(given | fields))


def advanced(**wanted):
    """An advanced selector of management events; a field's value is a list or operators."""
    fields = {"eventCategory": ["Management"]} | wanted
    return AdvancedSelector(fields=tuple(_field(*item) for item in fields.items()))


def _field(name, wanted):
    given = wanted if isinstance(wanted, dict) else {"equals": wanted}
    operators = ("equals", "starts_with", "ends_with")
    names = [*operators, *(f"not_{operator}" for operator in operators)]
    return FieldSelector(field=name, **{op: tuple(given.get(op, ())) for op in names})


def data(*types, **wanted):
    """An advanced selector of data events of types of resources."""
    given = {"eventCategory": ["Data"], "resources.type": list(types)}
    return advanced(**(given | wanted))


def without(field, selector):
    """An advanced selector without one of its fields."""
    return AdvancedSelector(fields=tuple(f for f in selector.fields if f.field != field))


def insight(type, *categories):
    return InsightSelector(type=type, categories=categories)


def store(name="events", **fields):
    owner = fields.pop("owner", ACCOUNT)
    given = {
        "arn": f"arn:aws:cloudtrail:{REGION}:{owner}:eventdatastore/{name}",
        "name": name,
        "status": "ENABLED",
        "is_multi_region": True,
        "is_organization": True,
        "is_protected": True,
        "retention_days": 365,
        "key_id": f"arn:aws:kms:{REGION}:{owner}:key/1",
        "advanced_selectors": (advanced(),),
    }
    return EventDataStore(**(given | fields))
