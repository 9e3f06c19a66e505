"""Worlds of other sizes than the demo's own: their answer key is exact too."""

from collections.abc import Iterator

import pytest

from findings.checks.base import built_in
from simulator.answers import key
from simulator.days import Change
from simulator.organization import MANAGEMENT_ID
from simulator.world import World
from tests.world import EPOCH, differences

MEMBER = "100000000002"
REGION = "us-east-1"
CHANGED = "cloudtrail_audit_change_alarmed"
BASELINE = "cloudtrail_baseline_metric_filters_alarmed"

NOBODY = {
    ("logs.organization_filters", "", ""): "none",
    ("cloudtrail.organization_trail", "", ""): "logging",
    ("logs.trail_filters", MANAGEMENT_ID, ""): "none",
    ("logs.trail_filters", MEMBER, ""): "none",
    ("cloudtrail.trail", MEMBER, ""): "absent",
    ("events.compliance", MEMBER, REGION): "unrouted",
}
"""No account watches its trail or hears of changes; the organization's one streams."""
BY_RULE = {("events.compliance", MEMBER, REGION): "of_other_changes"}
OWN_TRAIL = {("cloudtrail.trail", MEMBER, ""): "logging"}
OWN_FILTER = {
    ("logs.trail_filters", MEMBER, ""): "of_everything",
    ("logs.groups", MEMBER, REGION): "none",
}
MANAGEMENTS_FILTER = {
    ("logs.trail_filters", MANAGEMENT_ID, ""): "of_everything",
    ("logs.groups", MANAGEMENT_ID, REGION): "for_ever",
}


@pytest.mark.parametrize(("accounts", "regions", "day"), [(1, 1, 2), (2, 1, 1), (3, 2, 3)])
def test_a_small_world_is_judged_as_its_key_says(accounts, regions, day):
    world = World(epoch=EPOCH, accounts=accounts, regions=regions, day=day)
    assert list(differences(world, list(built_in()))) == []


def standing(variants: dict[tuple[str, str, str], str]) -> Iterator[Change]:
    for (facet, account, region), variant in variants.items():
        yield Change(day=1, facet=facet, account=account, region=region, variant=variant)


@pytest.mark.parametrize(
    ("variants", "changed", "baseline"),
    [
        ({}, "fail", "fail"),
        (BY_RULE, "pass", "fail"),
        (BY_RULE | OWN_TRAIL, "fail", "fail"),
        (OWN_FILTER, "fail", "fail"),
        (OWN_FILTER | OWN_TRAIL, "pass", "pass"),
        (MANAGEMENTS_FILTER, "pass", "pass"),
    ],
    ids=[
        "nobody hears of anything",
        "a rule hears of recorders, and there is no trail",
        "a rule hears of recorders, not of the trail",
        "a filter on a group to which nothing is streamed",
        "a filter on the group of the own trail",
        "a filter on the group of the organization's trail",
    ],
)
def test_the_key_knows_who_hears_of_changes_to_the_audit(variants, changed, baseline):
    world = World(accounts=2, regions=1, epoch=EPOCH, changes=[*standing(NOBODY | variants)])
    told = {s.check: answer.status for s, answer in key(world).items() if s.account == MEMBER}
    assert (told[CHANGED], told[BASELINE]) == (changed, baseline)
    assert list(differences(world, [CHANGED, BASELINE])) == []


def test_what_is_just_in_time_stays_so_until_a_long_scan_has_ended():
    variants = {
        ("codebuild.runs", MANAGEMENT_ID, REGION): "green",
        ("codebuild.reports", MANAGEMENT_ID, REGION): "just_in_time",
    }
    world = World(accounts=1, regions=1, epoch=EPOCH, changes=[*standing(variants)])
    told = {subject.check: answer.status for subject, answer in key(world).items()}
    assert told["codebuild_test_reports_published"] == "pass"
    assert list(differences(world, ["codebuild_test_reports_published"])) == []
