"""Which management events the selectors of a trail take."""

import pytest

from findings.facts.cloudtrail import READ, WRITE, ManagementEvents
from tests.findings.checks.builders_cloudtrail import advanced, selector, trail

KMS, RDS = "kms.amazonaws.com", "rdsdata.amazonaws.com"
ALL = {READ, WRITE}


@pytest.mark.parametrize(
    ("selectors", "kinds", "excluded"),
    [
        ([], ALL, ()),
        ([selector()], ALL, ()),
        ([selector(read_write="ReadOnly")], {READ}, ()),
        ([selector(read_write="WriteOnly")], {WRITE}, ()),
        ([selector(read_write="SomeDay")], (), ()),
        ([selector(includes_management_events=False)], (), ()),
        ([selector(read_write="ReadOnly"), selector(read_write="WriteOnly")], ALL, ()),
        ([selector(excluded_sources=(KMS, RDS))], ALL, (KMS, RDS)),
        ([selector(excluded_sources=(KMS,)), selector()], ALL, ()),
        (
            [selector(excluded_sources=(KMS,)), selector(read_write="ReadOnly")],
            ALL,
            (KMS,),
        ),
        ([selector(excluded_sources=(KMS,), includes_management_events=False)], (), ()),
    ],
)
def test_basic_selectors_take(selectors, kinds, excluded):
    taken = trail(selectors=tuple(selectors)).management_events
    assert taken == ManagementEvents(frozenset(kinds), frozenset(excluded))


@pytest.mark.parametrize(
    ("selectors", "kinds", "excluded"),
    [
        ([advanced()], ALL, ()),
        ([advanced(eventCategory=["Data"])], (), ()),
        ([advanced(eventCategory=["Managment"])], (), ()),
        ([advanced(readOnly=["true"])], {READ}, ()),
        ([advanced(readOnly=["false"])], {WRITE}, ()),
        ([advanced(readOnly=["true", "false"])], ALL, ()),
        ([advanced(readOnly=["maybe"])], (), ()),
        ([advanced(readOnly=["true"]), advanced(readOnly=["false"])], ALL, ()),
        ([advanced(eventSource={"not_equals": [KMS]})], ALL, (KMS,)),
        ([advanced(eventSource=["ec2.amazonaws.com"])], (), ()),
        ([advanced(eventSource={"starts_with": ["ec2"]})], (), ()),
        ([advanced(eventSource={"ends_with": ["com"]})], (), ()),
        ([advanced(eventSource={"not_equals": [KMS], "not_starts_with": ["s"]})], (), ()),
        ([advanced(eventSource={"not_ends_with": ["com"]})], (), ()),
        ([advanced(eventName=["RunInstances"])], (), ()),
        ([advanced(eventName=["RunInstances"]), advanced()], ALL, ()),
        ([advanced(eventCategory=["Data"]), advanced()], ALL, ()),
    ],
)
def test_advanced_selectors_take(selectors, kinds, excluded):
    taken = trail(selectors=(), advanced_selectors=tuple(selectors)).management_events
    assert taken == ManagementEvents(frozenset(kinds), frozenset(excluded))
