from datetime import UTC, datetime

import pytest

from simulator.protocol import service_model
from simulator.shapes import Misfit, Undocumented, fitted

TRAILS = service_model("cloudtrail").operation_model("DescribeTrails").output_shape
ACCOUNTS = service_model("organizations").operation_model("ListAccounts").output_shape
TAGS = service_model("logs").operation_model("ListTagsLogGroup").output_shape


def trails(**members):
    return fitted({"trailList": [members]}, TRAILS, "x")["trailList"][0]


def test_what_fits_is_kept():
    assert trails(Name="a", IsMultiRegionTrail=True) == {"Name": "a", "IsMultiRegionTrail": True}


@pytest.mark.parametrize(
    ("members", "complaint"),
    [
        ({"name": "a"}, "has no member name"),
        ({"Name": 3}, "is a string, got int 3"),
        ({"IsMultiRegionTrail": "true"}, "is a boolean"),
        ({"IsMultiRegionTrail": 1}, "is a boolean"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(members, complaint):
    with pytest.raises(Misfit, match=complaint):
        trails(**members)


def test_a_value_outside_the_enum_is_refused():
    with pytest.raises(Misfit, match=r"Accounts\[0\].State: 'Active' is not in the enum"):
        fitted({"Accounts": [{"State": "Active"}]}, ACCOUNTS, "x")


def test_an_undocumented_value_may_be_placed_on_purpose():
    placed = {"Accounts": [{"State": Undocumented("MERGING")}]}
    assert fitted(placed, ACCOUNTS, "x") == placed


def test_a_time_without_zone_is_refused():
    with pytest.raises(Misfit, match="no time zone"):
        fitted({"Accounts": [{"JoinedTimestamp": datetime(2026, 1, 1)}]}, ACCOUNTS, "x")


def test_a_missing_required_member_is_refused():
    shape = service_model("codepipeline").operation_model("ListWebhooks").output_shape
    with pytest.raises(Misfit, match="needs definition, url"):
        fitted({"webhooks": [{}]}, shape, "x")


def test_a_list_is_not_a_string():
    with pytest.raises(Misfit, match="is a list"):
        fitted({"trailList": "abc"}, TRAILS, "x")


def test_a_boolean_is_not_a_number():
    shape = service_model("logs").operation_model("DescribeLogGroups").output_shape
    with pytest.raises(Misfit, match="is a integer, got bool"):
        fitted({"logGroups": [{"retentionInDays": True}]}, shape, "x")


def test_private_members_and_absent_ones_are_left_out():
    assert trails(Name="a", _status={"x": 1}, HomeRegion=None) == {"Name": "a"}


def test_keys_of_maps_may_begin_with_an_underscore():
    assert fitted({"tags": {"_a": "b"}}, TAGS, "x") == {"tags": {"_a": "b"}}


def test_fields_that_move_are_asked_at_each_response():
    moments = iter(datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2))
    record = {"Accounts": [{"JoinedTimestamp": lambda: next(moments)}]}
    first, second = (fitted(record, ACCOUNTS, "x")["Accounts"][0] for _ in range(2))
    assert first != second


def test_strings_may_be_rewritten_but_not_the_keys_of_maps():
    rewritten = fitted({"tags": {"a": "b"}}, TAGS, "logs:X", lambda value, shape, path: path)
    assert rewritten == {"tags": {"a": "logs:X.tags['a']"}}
