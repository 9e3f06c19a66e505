"""Hooks."""

from datetime import timedelta

import pytest

from findings.facts.base import GapReason
from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors import cloudformation_hooks
from workers.collectors.cloudformation_hooks import hooks

CLOUDFORMATION = "cloudformation"
ARN = "arn:aws:cloudformation:eu-west-1:111111111111:type/hook/Example-Tags-Hook"
HOOK = {"Type": "HOOK", "TypeName": "Example::Tags::Hook", "TypeArn": ARN}
LATELY, LONG_AGO = NOW - timedelta(days=30), NOW - timedelta(days=31)


def session_with(*found):
    session = StubbedSession()
    session.answer_standing()
    listing = {"TypeSummaries": list(found)}
    session.answer(CLOUDFORMATION, "list_types", listing, Type="HOOK", Visibility="PRIVATE")
    return session


def result(at=LATELY, status="HOOK_COMPLETE_SUCCEEDED"):
    return {"InvokedAt": at, "Status": status, "TypeArn": ARN}


def told(session, *results, more="", token=""):
    page = {"HookResults": list(results), **({"NextToken": more} if more else {})}
    asked = {"NextToken": token} if token else {}
    session.answer(CLOUDFORMATION, "list_hook_results", page, TypeArn=ARN, **asked)


@pytest.mark.parametrize(
    ("results", "completed_at"),
    [
        ([], None),
        ([result()], LATELY),
        ([result(LONG_AGO), result()], LATELY),
        ([result(status="HOOK_COMPLETE_FAILED")], LATELY),
        ([result(status="HOOK_FAILED"), result(LONG_AGO)], LONG_AGO),
        ([result(status="HOOK_IN_PROGRESS")], None),
        ([{"Status": "HOOK_COMPLETE_SUCCEEDED"}], None),
        ([{"InvokedAt": LATELY}], None),
    ],
)
def test_what_counts_is_the_newest_verdict(results, completed_at):
    session = session_with(HOOK)
    told(session, *results)
    (hook,) = hooks(session)
    assert (hook.name, hook.arn, hook.completed_at) == ("Example::Tags::Hook", ARN, completed_at)


def test_no_page_is_read_after_a_verdict_of_late():
    session = session_with(HOOK)
    told(session, result(LONG_AGO), more="next")
    told(session, result(), more="last", token="next")
    (hook,) = hooks(session)
    assert hook.completed_at == LATELY
    session.assert_all_asked()


def test_more_results_than_are_read_are_not_known(monkeypatch):
    monkeypatch.setattr(cloudformation_hooks, "MOST_PAGES", 1)
    session = session_with(HOOK)
    told(session, result(LONG_AGO), more="next")
    (hook,) = hooks(session)
    assert hook.gaps["completed_at"].reason is GapReason.CAPPED


def test_refused_results_leave_the_hook_known():
    session = session_with(HOOK)
    session.refuse(CLOUDFORMATION, "list_hook_results", "AccessDeniedException")
    (hook,) = hooks(session)
    assert list(hook.gaps) == ["completed_at"]


def test_a_hook_without_results_has_no_verdict():
    session = session_with(HOOK)
    session.refuse(CLOUDFORMATION, "list_hook_results", "HookResultNotFound")
    (hook,) = hooks(session)
    assert hook.completed_at is None


def test_a_hook_without_arn_cannot_be_asked_about():
    (hook,) = hooks(session_with({"TypeName": "Example::Tags::Hook"}))
    assert set(hook.gaps) == {"arn", "completed_at"}
