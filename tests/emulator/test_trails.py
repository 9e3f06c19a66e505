"""Trails in the states in which other projects' tests put them, one world each."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.emulator.aws_states import ACCOUNT, OTHER_REGION, REGION, Aws, session_in, trail
from workers.assess import assess

EVERYWHERE = "cloudtrail_multi_region_logging"
EVENTS = "cloudtrail_management_events_complete"
ORGANIZATION = "cloudtrail_organization_trail_logging"
DELIVERY = "cloudtrail_s3_delivery_healthy"
PASS, FAIL, NOT_APPLICABLE = "pass", "fail", "not_applicable"
MULTI = {"IsMultiRegionTrail": True}

pytestmark = pytest.mark.usefixtures("aws")


def verdicts(check, regions=(REGION,)):
    found = assess(session_in(regions[0]), regions=regions, checks=[check])
    assert found.gaps == ()
    return {(r.region, r.resource.rpartition("/")[2]): r.outcome for r in found.results}


def verdict(check, **given):
    (outcome,) = verdicts(check, **given).values()
    return outcome


def second_of_two():
    trail(Aws(REGION), "off", logs=False)
    trail(Aws(OTHER_REGION), "multi", **MULTI)


def one_in_each_region():
    trail(Aws(REGION), "one")
    trail(Aws(OTHER_REGION), "two")


def stopped():
    trail(Aws(REGION), **MULTI)
    Aws(REGION).cloudtrail.stop_logging(Name="trail")


def single():
    trail(Aws(REGION))


def multi_region():
    trail(Aws(REGION), **MULTI)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: None, FAIL),
        (multi_region, PASS),
        (lambda: trail(Aws(REGION), logs=False, **MULTI), FAIL),
        (stopped, FAIL),
        (single, FAIL),
        (one_in_each_region, FAIL),
        (second_of_two, PASS),
    ],
    ids=["none", "logging", "never started", "stopped", "single", "two single", "second of two"],
)
def test_every_region_is_covered_by_one_multi_region_trail_that_logs(make, expected):
    make()
    assert verdict(EVERYWHERE, regions=[REGION, OTHER_REGION]) == expected


@pytest.mark.parametrize(("make", "expected"), [(multi_region, PASS), (stopped, FAIL)])
def test_a_multi_region_trail_is_seen_from_any_region(make, expected):
    make()
    assert verdict(EVERYWHERE, regions=[OTHER_REGION]) == expected


def basic(read_write="All", management=True):
    return {
        "ReadWriteType": read_write,
        "IncludeManagementEvents": management,
        "DataResources": [],
    }


def advanced(category="Management", **fields):
    selected = [{"Field": "eventCategory", "Equals": [category]}]
    selected += [{"Field": name, **operator} for name, operator in fields.items()]
    return [{"Name": "selector", "FieldSelectors": selected}]


READS = {"readOnly": {"Equals": ["true"]}}
WRITES = {"readOnly": {"Equals": ["false"]}}
BUCKETS = {"resources.type": {"Equals": ["AWS::S3::Object"]}}
NO_KEYS = {"eventSource": {"NotEquals": ["kms.amazonaws.com"]}}


@pytest.mark.parametrize(
    ("selectors", "expected"),
    [
        ({}, PASS),
        ({"basic": [basic()]}, PASS),
        ({"basic": [basic("ReadOnly"), basic("WriteOnly")]}, PASS),
        ({"basic": [basic("ReadOnly")]}, FAIL),
        ({"basic": [basic("WriteOnly")]}, FAIL),
        ({"basic": [basic(management=False)]}, FAIL),
        ({"advanced": advanced()}, PASS),
        ({"advanced": advanced(**NO_KEYS)}, PASS),
        ({"advanced": advanced(**READS) + advanced(**WRITES)}, PASS),
        ({"advanced": advanced(**READS)}, FAIL),
        ({"advanced": advanced("Data", **BUCKETS)}, FAIL),
    ],
)
def test_management_events_are_those_that_the_selectors_take(selectors, expected):
    trail(Aws(REGION), **MULTI, **selectors)
    assert verdict(EVENTS) == expected


def test_what_one_trail_leaves_out_another_may_take():
    trail(Aws(REGION), "reads", basic=[basic("ReadOnly")])
    trail(Aws(REGION), "all", **MULTI)
    assert verdicts(EVENTS) == {(REGION, "reads"): NOT_APPLICABLE, (REGION, "all"): PASS}


def test_a_trail_is_judged_at_its_home_only():
    trail(Aws(OTHER_REGION), "multi", **MULTI)
    assert verdicts(EVENTS, regions=[REGION, OTHER_REGION]) == {
        (REGION, "multi"): NOT_APPLICABLE,
        (OTHER_REGION, "multi"): PASS,
    }


@pytest.mark.parametrize(
    ("is_organization", "settings", "expected"),
    [
        (True, {}, FAIL),
        (True, {"IsOrganizationTrail": True, **MULTI}, PASS),
        (True, {"IsOrganizationTrail": True}, FAIL),
        (True, {"IsOrganizationTrail": True, "logs": False, **MULTI}, FAIL),
        (False, {}, NOT_APPLICABLE),
        (False, {"IsOrganizationTrail": True, **MULTI}, PASS),
    ],
)
def test_an_organization_has_a_trail_of_its_own(is_organization, settings, expected):
    if is_organization:
        Aws().organizations.create_organization(FeatureSet="ALL")
    trail(Aws(REGION), **settings)
    assert verdict(ORGANIZATION) == expected


@pytest.mark.parametrize(("days", "expected"), [(0, PASS), (3, FAIL)])
def test_deliveries_come_within_a_day(days, expected):
    trail(Aws(REGION))
    later = datetime.now(UTC) + timedelta(days=days)
    found = assess(session_in(REGION), checks=[DELIVERY], now=later)
    assert [result.outcome for result in found.results] == [expected]


@pytest.mark.parametrize("region", ["us-gov-west-1", "cn-north-1"])
@pytest.mark.parametrize(("settings", "expected"), [(MULTI, PASS), ({}, FAIL)])
def test_other_partitions_have_trails_like_any(region, settings, expected):
    trail(Aws(region), **settings)
    assert verdict(EVERYWHERE, regions=[region]) == expected


def test_trails_of_other_partitions_are_named_by_their_arns():
    trail(Aws("us-gov-west-1"), **MULTI)
    (result,) = assess(session_in("us-gov-west-1"), checks=[EVENTS]).results
    assert result.resource == f"arn:aws-us-gov:cloudtrail:us-gov-west-1:{ACCOUNT}:trail/trail"
