"""O2 audit: insights, data events and event data stores."""

from findings.facts.base import Place
from findings.facts.organizations import Organization
from tests.findings.checks.builders_cloudtrail import (
    ORGANIZATION,
    data,
    insight,
    selector,
    store,
    trail,
    without,
)
from tests.findings.checks.cases import (
    ACCOUNT,
    FAIL,
    NOT_APPLICABLE,
    OTHER,
    OTHER_REGION,
    PASS,
    REGION,
    UNKNOWN,
    Case,
    assert_outcomes,
)

CALLS, ERRORS = "ApiCallRateInsight", "ApiErrorRateInsight"


def looking(name, expect, *insights, **fields):
    return Case(name, expect, [trail(insights=insights)], **fields)


INSIGHTS = [
    looking("both rates", PASS, insight(CALLS), insight(ERRORS)),
    looking(
        "of management events",
        PASS,
        insight(CALLS, "Management"),
        insight(ERRORS, "Data", "Management"),
    ),
    looking("nothing", FAIL, message="not looked for: ApiCallRateInsight, ApiErrorRateInsight"),
    looking("calls only", FAIL, insight(CALLS), message="not looked for: ApiErrorRateInsight"),
    looking("errors only", FAIL, insight(ERRORS)),
    looking("errors of data events only", FAIL, insight(CALLS), insight(ERRORS, "Data")),
    looking("what is asked", PASS, insight(CALLS), parameters={"required": [CALLS]}),
    Case("is judged at its home", NOT_APPLICABLE, [trail(is_shadow=True)], message="judged in"),
]

S3, LAMBDA = "AWS::S3::Object", "AWS::Lambda::Function"
TYPES = (S3, LAMBDA)
OWNERS = Place(OTHER, REGION)
MANAGED = Organization(id="o-a1b2c3", management_account=OTHER, has_all_features=True)
SHADOW = trail(
    owner=OTHER, is_organization=True, is_shadow=True, selectors=(), advanced_selectors=()
)


def basic(*types, **fields):
    return trail(selectors=(selector(data_resource_types=types, **fields),))


def selecting(*selectors, **fields):
    return trail(selectors=(), advanced_selectors=selectors, **fields)


def organizations(*selectors, **fields):
    """The trail of the organization, at its home."""
    return selecting(*selectors, owner=OTHER, is_organization=True, **fields)


def stored(*selectors, **fields):
    given = {"is_organization": False, "advanced_selectors": selectors}
    return store(**(given | fields))


DATA_EVENTS = [
    Case("by a trail", PASS, [basic(*TYPES)]),
    Case("by advanced selectors", PASS, [selecting(data(S3), data(LAMBDA))]),
    Case(
        "of some buckets",
        PASS,
        [selecting(data(*TYPES, **{"resources.ARN": {"starts_with": ["arn:aws:s3"]}}))],
    ),
    Case("by two trails", PASS, [basic(S3), selecting(data(LAMBDA), name="functions")]),
    Case(
        "by a trail of another region",
        PASS,
        elsewhere={
            Place(ACCOUNT, OTHER_REGION): [selecting(data(*TYPES), home_region=OTHER_REGION)]
        },
    ),
    Case("of no type", FAIL, [trail()], message="read events of AWS::S3::Object"),
    Case("of objects only", FAIL, [basic(S3)], message="events of AWS::Lambda::Function"),
    Case(
        "of management events only", FAIL, [selecting(data(*TYPES, eventCategory=["Management"]))]
    ),
    Case("without a category", FAIL, [selecting(without("eventCategory", data(*TYPES)))]),
    Case("reads only", FAIL, [basic(*TYPES, read_write="ReadOnly")], message="write events of"),
    Case("writes only", FAIL, [selecting(data(*TYPES, readOnly=["false"]))], message="read events"),
    Case(
        "reads and writes apart",
        PASS,
        [selecting(data(*TYPES, readOnly=["false"]), data(*TYPES, readOnly=["true"]))],
    ),
    Case(
        "writes are enough",
        PASS,
        [basic(*TYPES, read_write="WriteOnly")],
        parameters={"read_write": ["write"]},
    ),
    Case(
        "other types are asked",
        PASS,
        [basic("AWS::DynamoDB::Table")],
        parameters={"required_types": ["AWS::DynamoDB::Table"]},
    ),
    Case("the trail is stopped", FAIL, [selecting(data(*TYPES), is_logging=False)]),
    Case("nothing records", FAIL),
    Case(
        "by the organization's trail",
        PASS,
        [SHADOW],
        elsewhere={OWNERS: [organizations(data(*TYPES))]},
    ),
    Case(
        "another trail of its owner takes them",
        FAIL,
        [MANAGED, SHADOW],
        elsewhere={OWNERS: [organizations(), organizations(data(*TYPES), name="own")]},
    ),
    Case("the organization's trail is told where nobody looked", UNKNOWN, [SHADOW]),
    Case("by a store", PASS, [stored(data(*TYPES))]),
    Case("by a trail and a store", PASS, [basic(S3), stored(data(LAMBDA))]),
    Case(
        "by a store that takes nothing in", FAIL, [stored(data(*TYPES), status="STOPPED_INGESTION")]
    ),
    Case("by a store of other events", FAIL, [stored()]),
    Case(
        "by the organization's store",
        PASS,
        [MANAGED],
        elsewhere={OWNERS: [stored(data(*TYPES), owner=OTHER, is_organization=True)]},
    ),
    Case(
        "the organization's store is stopped",
        FAIL,
        [MANAGED],
        elsewhere={
            OWNERS: [stored(data(*TYPES), owner=OTHER, is_organization=True, status="CREATED")]
        },
    ),
    Case(
        "by a store of the management account's own",
        FAIL,
        [MANAGED],
        elsewhere={OWNERS: [stored(data(*TYPES), owner=OTHER)]},
    ),
    Case("the management account was not collected", UNKNOWN, [MANAGED]),
    Case(
        "is exempt",
        NOT_APPLICABLE,
        [trail()],
        parameters={"data_event_exempt": [ACCOUNT]},
        message="exempt",
    ),
    Case("another account is exempt", FAIL, [trail()], parameters={"data_event_exempt": [OTHER]}),
]


def kept(name, expect, *stores, **fields):
    return Case(name, expect, [ORGANIZATION, *stores], **fields)


STORES = [
    kept("as it should be", PASS, store()),
    kept("one of two", PASS, store("a", is_protected=False), store("b")),
    kept("no store", NOT_APPLICABLE, message="no event data store is in use"),
    kept("a store that is deleted", NOT_APPLICABLE, store(status="PENDING_DELETION")),
    kept("one is deleted", FAIL, store("a", status="PENDING_DELETION"), store("b", key_id=None)),
    Case("no organization", NOT_APPLICABLE, [store()], message="no organization"),
    kept("is stopped", FAIL, store(status="STOPPED_INGESTION"), message="not met: enabled"),
    kept("is starting", FAIL, store(status="STARTING_INGESTION"), message="not met: enabled"),
    kept("of one region", FAIL, store(is_multi_region=False), message="not met: multi-Region"),
    kept("of one account", FAIL, store(is_organization=False), message="of the organization"),
    kept("unprotected", FAIL, store(is_protected=False), message="termination protection"),
    kept("kept too short", FAIL, store(retention_days=364), message="kept 364 days"),
    kept("less is enough", PASS, store(retention_days=90), parameters={"min_days": 90}),
    kept("without a key", FAIL, store(key_id=None), message="not met: key"),
    kept(
        "another tool",
        NOT_APPLICABLE,
        store(key_id=None),
        parameters={"query_tool": "Athena"},
        message="Athena",
    ),
    kept("no other tool", FAIL, store(key_id=None), parameters={"query_tool": ""}),
    kept("nothing else", FAIL, store(key_id=None), parameters={"query_tool": "none"}),
]

TABLE = {
    "cloudtrail_insights_enabled": INSIGHTS,
    "cloudtrail_data_events_captured": DATA_EVENTS,
    "cloudtrail_lake_store_configured": STORES,
}


def test_outcomes():
    assert_outcomes(TABLE)
