"""Which management events the selectors of a trail take."""

from findings.facts.cloudtrail import READ, WRITE, ManagementEvents
from tests.findings.checks.builders_cloudtrail import advanced, selector, trail

KMS, RDS = "kms.amazonaws.com", "rdsdata.amazonaws.com"
ALL = {READ, WRITE}


BASIC = [
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
]


def mistaken(table, taken_by):
    """Selectors, with what they take, of which something else is told."""
    for selectors, kinds, excluded in table:
        taken = taken_by(selectors)
        if taken != ManagementEvents(frozenset(kinds), frozenset(excluded)):
            yield f"{selectors}: {kinds} without {excluded}, not {taken}"


def test_basic_selectors_take():
    wrong = list(mistaken(BASIC, lambda given: trail(selectors=tuple(given)).management_events))
    assert not wrong, "\n".join(wrong)


ADVANCED = [
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
]


def taken_by_advanced(given):
    return trail(selectors=(), advanced_selectors=tuple(given)).management_events


def test_advanced_selectors_take():
    wrong = list(mistaken(ADVANCED, taken_by_advanced))
    assert not wrong, "\n".join(wrong)
