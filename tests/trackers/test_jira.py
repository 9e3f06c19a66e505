"""What only Jira does."""

import datetime as dt

import pytest

from findings.ticketing.state import StatusCategory
from tests.trackers.conftest import open_lab
from tests.trackers.fakes.jira import FakeJira
from tests.trackers.fakes.server import serving
from tests.trackers.test_conformance import made, moves_to, new_issue, told_changes
from workers.trackers.base import FieldChanges, Target
from workers.trackers.errors import Blocked, BlockedReason, Configuration

REQUIRED = {"required": True, "hasDefaultValue": False}


@pytest.fixture(scope="module", params=["jira_cloud", "jira_data_center"])
def served(request):
    with serving(FakeJira(is_cloud=request.param == "jira_cloud")) as fake:
        yield request.param, fake


def test_required_fields_of_a_move_are_read_before_moving(lab):
    _, told = made(lab)
    lab.fake.required["13"] = {
        "customfield_9": {"name": "Root cause", **REQUIRED},
        "resolution": {"name": "Resolution", "required": True, "hasDefaultValue": True},
    }
    option = moves_to(lab, told.external_id, StatusCategory.DONE)
    assert (option.status_id, option.required_fields) == ("13", ("customfield_9",))
    with pytest.raises(Blocked, match="Root cause is required") as caught:
        lab.tracker.transition(told.external_id, option, fields={})
    assert caught.value.reason is BlockedReason.REQUIRED_FIELD
    assert caught.value.fields == ("customfield_9",)
    told = lab.tracker.transition(told.external_id, option, fields={"customfield_9": "fixed"})
    assert told.status_category is StatusCategory.DONE


def test_a_field_that_is_required_to_make_an_issue_blocks_it(lab):
    lab.fake.create_fields["customfield_1"] = {"name": "Cost centre", **REQUIRED}
    with pytest.raises(Blocked, match="Cost centre is required") as caught:
        lab.tracker.create(lab.target, new_issue())
    assert caught.value.fields == ("customfield_1",)
    given = Target(project="OPS", fields={"customfield_1": "77", "resolution": {"name": "Done"}})
    lab.tracker.create(given, new_issue())  # the second is for moves and is not on this screen
    asked = [a for a in lab.fake.writes if a.path.endswith("/issue")]
    assert asked[-1].body["fields"]["customfield_1"] == "77"


def test_the_first_type_that_is_no_subtask_is_taken_where_none_is_named(lab):
    made(lab)
    lab.tracker.create(Target(project="OPS", issue_type="Aufgabe"), new_issue())
    types = [a.body["fields"]["issuetype"] for a in lab.fake.writes]
    assert types == [{"id": "3"}, {"name": "Aufgabe"}]


def test_a_search_that_jira_refuses_is_about_the_project(lab):
    lab.fake.fails("GET", "/search", 400, body={"errorMessages": ["no such project"]})
    with pytest.raises(Configuration, match="no such project") as caught:
        lab.tracker.list_changed(lab.target, "")
    assert caught.value.scope == "OPS"


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/New_York", "UTC"])
def test_times_in_jql_are_of_the_zone_of_our_account(lab, zone):
    lab.fake.time_zone = zone
    lab.fake.make()
    cursor = told_changes(lab, "")[1]
    lab.fake.tick(7200)
    last = lab.fake.make()
    assert [each.external_id for each in told_changes(lab, cursor)[0]] == ["10000", last]
    cursor = told_changes(lab, cursor)[1]
    lab.fake.tick(7200)
    assert [each.external_id for each in told_changes(lab, cursor)[0]] == [last]


def test_the_hour_that_comes_twice_hides_nothing(lab):
    lab.fake.now = dt.datetime(2020, 11, 1, 5, 20, tzinfo=dt.UTC)  # 01:20 in New York, twice
    cursor = told_changes(lab, "")[1]
    lab.fake.make()
    cursor = told_changes(lab, cursor)[1]
    second = lab.fake.make()
    lab.fake.tick(3600)
    assert second in {each.external_id for each in told_changes(lab, cursor)[0]}


def test_the_time_of_a_status_is_not_moved_by_other_changes(lab):
    _, told = made(lab)
    assert told.status_changed_at == told.assignee_changed_at
    lab.fake.set_status(told.external_id, "12")
    moved = lab.tracker.get(told.external_id).status_changed_at
    lab.fake.edit(told.external_id, assignee={"accountId": "a", "displayName": "Ann"})
    told = lab.tracker.get(told.external_id)
    assert told.status_changed_at == moved < told.assignee_changed_at
    assert told.assignee_name == "Ann"
    lab.fake.fails("GET", "/issue/1", 200, body=_without_log(lab, told.external_id))
    assert lab.tracker.get(told.external_id).status_changed_at is None


def _without_log(lab, number):
    told = lab.fake._told(lab.fake.issues[number])
    return {name: part for name, part in told.items() if name != "changelog"}


def test_a_value_that_jira_refuses_blocks_the_issue(lab):
    _, told = made(lab)
    body = {"errors": {"priority": "Specify a valid priority."}}
    lab.fake.fails("PUT", "/issue/", 400, body=body)
    with pytest.raises(Blocked, match="valid priority") as caught:
        lab.tracker.update_fields(
            told.external_id, FieldChanges(priority="99"), expected_version=told.version
        )
    assert caught.value.reason is BlockedReason.REFUSED_VALUE


def test_addresses_for_people_are_those_of_the_site(served, app_key):
    kind, fake = served
    fake.reset()
    lab = open_lab(kind, fake, app_key)
    _, told = made(lab)
    assert told.url == f"{fake.url}/browse/{told.key}"
