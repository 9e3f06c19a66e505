"""What only Jira does."""

import datetime as dt

import pytest

from findings.ticketing.state import Resolution, StatusCategory
from tests.trackers.conftest import open_lab
from tests.trackers.fakes.jira import FakeJira
from tests.trackers.fakes.server import serving
from tests.trackers.issues import made, moves_to, new_issue, told_changes
from workers.trackers.base import FieldChanges, Target
from workers.trackers.errors import Blocked, BlockedReason, Configuration, Transient

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


@pytest.mark.parametrize("field", ["priority", "duedate", "labels"])
def test_what_a_project_has_no_place_for_keeps_no_issue_from_being_made_or_changed(lab, field):
    lab.fake.absent = {field}
    day = dt.date(2026, 12, 24)
    _, told = made(lab, priority="2", due_date=day)
    assert told.priority == ("3" if field == "priority" else "2")
    assert told.due_date == (None if field == "duedate" else day)
    changes = FieldChanges(
        title="new", priority="4", clears_due_date=True, labels_added=frozenset({"more"})
    )
    told = lab.tracker.update_fields(told.external_id, changes, expected_version=told.version)
    assert (told.title, told.due_date) == ("new", None)
    assert told.priority == ("3" if field == "priority" else "4")
    assert ("more" in told.labels) == (field != "labels")


def test_what_is_refused_for_another_reason_is_blocked_all_the_same(lab):
    _, told = made(lab)
    lab.fake.absent = {"summary", "duedate"}
    with pytest.raises(Blocked, match="cannot be set"):
        lab.tracker.update_fields(
            told.external_id,
            FieldChanges(due_date=dt.date(2026, 12, 24)),
            expected_version=told.version,
        )


def test_fields_are_looked_for_on_all_pages(lab):
    more = {f"customfield_{number}": {"name": "x", "required": False} for number in range(9)}
    lab.fake.create_fields = more
    lab.tracker.create(Target(project="OPS", fields={"customfield_8": "7"}), new_issue())
    assert lab.fake.writes[-1].body["fields"]["customfield_8"] == "7"


def test_a_resolution_that_a_move_requires_is_the_one_that_says_done(lab):
    _, told = made(lab)
    names = ["Won't Do", "Fixed", "Duplicate"]
    allowed = [{"id": str(number), "name": name} for number, name in enumerate(names)]
    lab.fake.required["13"] = {
        "resolution": {"name": "Resolution", **REQUIRED, "allowedValues": allowed}
    }
    option = moves_to(lab, told.external_id, StatusCategory.DONE)
    assert option.required_fields == ()
    lab.tracker.transition(told.external_id, option, fields={})
    assert lab.fake.writes[-1].body["fields"] == {"resolution": {"id": "1"}}
    lab.fake.set_status(told.external_id, "11")
    option = moves_to(lab, told.external_id, StatusCategory.DONE)
    lab.tracker.transition(told.external_id, option, fields={"resolution": {"id": "7"}})
    assert lab.fake.writes[-1].body["fields"] == {"resolution": {"id": "7"}}


def test_two_moves_at_the_same_moment_may_be_tried_again(lab):
    _, told = made(lab)
    option = moves_to(lab, told.external_id, StatusCategory.DONE)
    lab.fake.fails("POST", "/transitions", 409)
    with pytest.raises(Transient):
        lab.tracker.transition(told.external_id, option, fields={})


def test_a_limit_may_name_the_minute_when_it_ends(lab):
    reset = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=10)
    headers = {"X-RateLimit-Reset": reset.strftime("%Y-%m-%dT%H:%MZ")}
    lab.fake.fails("GET", "/issue", 429, headers=headers)
    with pytest.raises(Transient) as caught:
        lab.tracker.get("10000")
    assert 8 < caught.value.retry_after.total_seconds() / 60 <= 10


def test_a_status_may_say_that_nothing_will_be_done(lab):
    _, told = made(lab)
    lab.fake.set_status(told.external_id, "14", "Done")
    assert lab.tracker.get(told.external_id).resolution is Resolution.WONT_DO


@pytest.mark.usefixtures("small_pages")
def test_a_page_that_jira_knows_no_more_is_asked_for_from_the_start(lab):
    cursor = told_changes(lab, "")[1]
    names = [lab.fake.make() for _ in range(5)]
    first = lab.tracker.list_changed(lab.target, cursor)
    second = lab.tracker.list_changed(lab.target, first.cursor)
    lab.fake.fails("GET", "/search", 400, body={"errorMessages": ["token expired"]})
    rest = told_changes(lab, second.cursor)[0]
    assert not lab.fake.faults[0].times
    assert {each.external_id for each in [*first.issues, *rest]} == set(names)


def test_changes_are_told_also_where_our_time_zone_is_not(lab):
    lab.fake.time_zone = "Pacific/Auckland"
    cursor = told_changes(lab, "")[1]
    made_since = lab.fake.make()
    lab.fake.fails("GET", "/myself", 403)
    assert made_since in {each.external_id for each in told_changes(lab, cursor)[0]}
