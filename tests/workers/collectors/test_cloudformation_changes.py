"""Change sets, and the history of stacks."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from findings.facts.base import GapReason
from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors import cloudformation_changes
from workers.collectors.cloudformation_changes import (
    change_sets,
    parse_operations,
    stack_histories,
)

ID = "arn:aws:cloudformation:eu-west-1:111111111111:stack/shop/1"
SINCE = NOW - timedelta(days=30)
CLOUDFORMATION = "cloudformation"


def stack(**fields):
    return {
        "StackId": ID,
        "StackName": "shop",
        "CreationTime": NOW - timedelta(days=100),
        "StackStatus": "UPDATE_COMPLETE",
        **fields,
    }


def summary(name="release", status="AVAILABLE", **fields):
    return {
        "ChangeSetId": f"arn:aws:cloudformation:changeSet/{name}",
        "ChangeSetName": name,
        "ExecutionStatus": status,
        "CreationTime": NOW,
        **fields,
    }


def change(name, **fields):
    resource = {"Action": "Modify", "LogicalResourceId": name, "ResourceType": "T", **fields}
    return {"Type": "Resource", "ResourceChange": resource}


def session_with(*summaries):
    session = StubbedSession()
    session.answer_stacks(stack())
    session.answer(CLOUDFORMATION, "list_change_sets", {"Summaries": list(summaries)}, StackName=ID)
    return session


def describe(session, name, *changes):
    session.answer(
        CLOUDFORMATION,
        "describe_change_set",
        {"Changes": list(changes)},
        ChangeSetName=summary(name)["ChangeSetId"],
    )


def test_only_change_sets_that_can_be_executed_are_described():
    session = session_with(summary("old", "OBSOLETE"), summary())
    describe(session, "release", change("Data", Replacement="True", PolicyAction="Delete"))
    (found,) = change_sets(session)
    assert [(c.name, c.is_available) for c in found.change_sets] == [
        ("old", False),
        ("release", True),
    ]
    (pending,) = found.pending_changes
    assert (pending.change_set, pending.logical_id) == ("release", "Data")
    assert (pending.action, pending.replacement, pending.policy_action) == (
        "Modify",
        "True",
        "Delete",
    )
    session.assert_all_asked()


def test_changes_of_nested_stacks_are_those_of_their_root():
    session = session_with(summary())
    inner = summary("inner")["ChangeSetId"]
    describe(session, "release", change("Network", ChangeSetId=inner), change("Data"))
    describe(session, "inner", change("Subnet"))
    (found,) = change_sets(session)
    assert {(c.change_set, c.logical_id) for c in found.pending_changes} == {
        ("release", "Network"),
        ("release", "Data"),
        ("release", "Subnet"),
    }


def test_nested_stacks_and_change_sets_below_another_are_not_asked_about():
    session = StubbedSession()
    session.answer_stacks(stack(ParentId="arn:root"))
    assert list(change_sets(session)) == []
    (found,) = change_sets(session_with(summary(ParentChangeSetId="arn:other")))
    assert (found.change_sets, found.pending_changes) == ((), ())


def test_change_sets_of_another_stack_do_not_count():
    (found,) = change_sets(session_with(summary(StackId="arn:other")))
    assert found.change_sets == ()


def test_a_stack_without_change_sets_is_told_as_such():
    (found,) = change_sets(session_with())
    assert (found.stack, found.change_sets, found.pending_changes) == ("shop", (), ())


def test_refused_change_sets_are_not_known():
    session = StubbedSession()
    session.answer_stacks(stack())
    session.refuse(CLOUDFORMATION, "list_change_sets", "AccessDeniedException")
    (found,) = change_sets(session)
    assert set(found.gaps) == {"change_sets", "pending_changes", "sizes"}


def test_refused_changes_leave_their_change_sets_known():
    session = session_with(summary())
    session.refuse(CLOUDFORMATION, "describe_change_set", "AccessDeniedException")
    (found,) = change_sets(session)
    assert set(found.gaps) == {"pending_changes", "sizes"}
    assert found.change_sets[0].is_available


def test_a_stack_that_is_gone_meanwhile_has_no_change_sets():
    session = StubbedSession()
    session.answer_stacks(stack())
    message = f"Stack [{ID}] does not exist"
    session.refuse(CLOUDFORMATION, "list_change_sets", "ValidationError", message)
    assert list(change_sets(session)) == []


def test_a_change_set_that_is_executed_meanwhile_is_left_out():
    session = session_with(summary(), summary("later", "OBSOLETE"))
    session.refuse(CLOUDFORMATION, "describe_change_set", "ChangeSetNotFound")
    (found,) = change_sets(session)
    assert [c.name for c in found.change_sets] == ["later"]
    assert found.pending_changes == ()


def test_one_refused_change_set_leaves_the_changes_of_all_unknown():
    session = session_with(summary("a"), summary("b"), summary("c"))
    describe(session, "a", change("Data"))
    session.refuse(CLOUDFORMATION, "describe_change_set", "AccessDeniedException")
    describe(session, "c", change("Data"))
    (found,) = change_sets(session)
    assert [c.name for c in found.change_sets] == ["a", "b", "c"]
    assert set(found.gaps) == {"pending_changes", "sizes"}


def test_any_other_error_is_not_hidden():
    session = StubbedSession()
    session.answer_stacks(stack())
    session.refuse(CLOUDFORMATION, "list_change_sets", "InternalFailure")
    with pytest.raises(ClientError):
        list(change_sets(session))


def events(*told):
    """Events a minute apart that end an hour ago; AWS lists the newest first."""
    made = []
    for number, (status, fields) in enumerate(told):
        at = NOW - timedelta(hours=1) - timedelta(minutes=len(told) - number)
        made.append(event(status, at, **fields))
    return tuple(made[::-1])


def event(status, at, **fields):
    return {
        "StackId": ID,
        "EventId": f"{status}-{at}",
        "StackName": "shop",
        "LogicalResourceId": "shop",
        "PhysicalResourceId": ID,
        "ResourceType": "AWS::CloudFormation::Stack",
        "Timestamp": at,
        "ResourceStatus": status,
        **fields,
    }


def own(*statuses):
    return [(status, {}) for status in statuses]


def by_user(status):
    return (status, {"ResourceStatusReason": "User Initiated"})


def resource(status, name="Queue", type_="AWS::SQS::Queue"):
    return (
        status,
        {"LogicalResourceId": name, "PhysicalResourceId": name, "ResourceType": type_},
    )


def outcomes(*told):
    return [o.status for o in parse_operations("shop", events(*told), SINCE)]


def test_an_operation_lasts_from_its_start_to_its_end():
    told = events(
        by_user("UPDATE_IN_PROGRESS"),
        *own("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE"),
    )
    (operation,) = parse_operations("shop", told, SINCE)
    assert operation.succeeded
    assert operation.ended_at - operation.started_at == timedelta(minutes=2)


def test_a_rollback_is_one_failed_operation_with_its_first_failure():
    told = events(
        by_user("UPDATE_IN_PROGRESS"),
        resource("UPDATE_FAILED"),
        resource("UPDATE_FAILED", "Topic"),
        *own("UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"),
    )
    (operation,) = parse_operations("shop", told, SINCE)
    assert (operation.status, operation.succeeded) == ("UPDATE_ROLLBACK_COMPLETE", False)
    assert operation.first_failure == "Queue (AWS::SQS::Queue)"


def test_a_failure_is_not_told_of_the_next_operation():
    told = events(
        by_user("UPDATE_IN_PROGRESS"),
        resource("UPDATE_FAILED"),
        *own("UPDATE_FAILED", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"),
    )
    assert [o.first_failure for o in parse_operations("shop", told, SINCE)] == [
        "Queue (AWS::SQS::Queue)",
        None,
    ]


def test_a_continued_rollback_is_not_counted_again():
    assert outcomes(
        by_user("UPDATE_IN_PROGRESS"),
        *own("UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED"),
        by_user("UPDATE_ROLLBACK_IN_PROGRESS"),
        *own("UPDATE_ROLLBACK_COMPLETE"),
    ) == ["UPDATE_ROLLBACK_FAILED"]


def test_what_cloudformation_deletes_by_itself_is_not_counted_again():
    failed = [by_user("CREATE_IN_PROGRESS"), *own("CREATE_FAILED")]
    assert outcomes(*failed, *own("DELETE_IN_PROGRESS", "DELETE_COMPLETE")) == ["CREATE_FAILED"]
    assert outcomes(*failed, by_user("DELETE_IN_PROGRESS"), *own("DELETE_COMPLETE")) == [
        "CREATE_FAILED",
        "DELETE_COMPLETE",
    ]


def test_an_operation_whose_start_is_not_told_counts_by_its_end():
    assert outcomes(*own("UPDATE_COMPLETE")) == ["UPDATE_COMPLETE"]


def test_an_operation_that_goes_on_does_not_count():
    assert outcomes(by_user("UPDATE_IN_PROGRESS")) == []


def test_events_of_nested_stacks_are_those_of_resources():
    nested = resource("UPDATE_COMPLETE", "Network", "AWS::CloudFormation::Stack")
    assert outcomes(by_user("UPDATE_IN_PROGRESS"), nested) == []


def test_an_operation_that_ended_before_the_time_asked_for_does_not_count():
    told = (
        event("UPDATE_COMPLETE", SINCE - timedelta(seconds=1)),
        event("UPDATE_IN_PROGRESS", SINCE - timedelta(hours=1)),
    )
    assert list(parse_operations("shop", told, SINCE)) == []


@pytest.mark.parametrize("status", ["EXECUTE_IN_PROGRESS", "EXECUTE_COMPLETE", "EXECUTE_FAILED"])
def test_what_was_executed_lately_is_sized_and_does_not_wait(status):
    session = session_with(summary("big", status, CreationTime=NOW - timedelta(days=90)))
    describe(session, "big", change("Data"), change("Topic"))
    (found,) = change_sets(session)
    (size,) = found.sizes
    assert (size.change_set, size.created_at, size.changes) == ("big", NOW - timedelta(days=90), 2)
    assert found.pending_changes == ()
    session.assert_all_asked()


def test_what_was_executed_long_ago_is_not_described():
    old = summary("old", "EXECUTE_COMPLETE", CreationTime=NOW - timedelta(days=90, seconds=1))
    (found,) = change_sets(session_with(old))
    assert (found.sizes, found.pending_changes) == ((), ())


def test_what_waits_is_sized_however_old():
    session = session_with(summary(CreationTime=NOW - timedelta(days=200)))
    describe(session, "release", change("Data"))
    (found,) = change_sets(session)
    assert [size.changes for size in found.sizes] == [1]


def test_a_size_that_is_refused_leaves_what_waits_known():
    session = session_with(summary("done", "EXECUTE_COMPLETE"))
    session.refuse(CLOUDFORMATION, "describe_change_set", "AccessDeniedException")
    (found,) = change_sets(session)
    assert set(found.gaps) == {"sizes"}


def summaries(*found):
    session = StubbedSession()
    session.answer(CLOUDFORMATION, "list_stacks", {"StackSummaries": list(found)})
    return session


def test_events_are_asked_of_roots_that_changed_in_time_only():
    session = summaries(
        stack(LastUpdatedTime=NOW - timedelta(days=33)),
        stack(LastUpdatedTime=NOW, ParentId="arn:root"),
        stack(CreationTime=NOW, StackStatus="REVIEW_IN_PROGRESS"),
        stack(StackStatus="DELETE_COMPLETE", DeletionTime=NOW - timedelta(days=2)),
    )
    told = events(by_user("DELETE_IN_PROGRESS"), *own("DELETE_COMPLETE"))
    session.answer(
        CLOUDFORMATION, "describe_stack_events", {"StackEvents": list(told)}, StackName=ID
    )
    (history,) = stack_histories(session)
    assert [operation.status for operation in history.operations] == ["DELETE_COMPLETE"]
    assert (history.region, history.known_for) == ("eu-west-1", timedelta(days=30))
    session.assert_all_asked()


def test_events_older_than_any_operation_in_time_are_not_asked_for():
    session = summaries(stack(LastUpdatedTime=NOW))
    page = [event("UPDATE_COMPLETE", SINCE - timedelta(days=2, seconds=1))]
    session.answer(
        CLOUDFORMATION, "describe_stack_events", {"StackEvents": page, "NextToken": "older"}
    )
    (history,) = stack_histories(session)
    assert history.operations == ()


def test_a_refused_history_is_not_known():
    session = summaries(stack(LastUpdatedTime=NOW))
    session.refuse(CLOUDFORMATION, "describe_stack_events", "AccessDeniedException")
    (history,) = stack_histories(session)
    assert history.gaps["operations"].reason is GapReason.ACCESS_DENIED


def test_a_stack_that_is_forgotten_meanwhile_has_no_operations():
    session = summaries(stack(LastUpdatedTime=NOW))
    message = f"Stack [{ID}] does not exist"
    session.refuse(CLOUDFORMATION, "describe_stack_events", "ValidationError", message)
    (history,) = stack_histories(session)
    assert history.operations == ()


def test_too_many_changed_stacks_are_not_known(monkeypatch):
    monkeypatch.setattr(cloudformation_changes, "MOST_STACKS", 1)
    (history,) = stack_histories(summaries(*[stack(LastUpdatedTime=NOW)] * 2))
    assert history.gaps["operations"].reason is GapReason.CAPPED
