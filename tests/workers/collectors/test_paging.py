"""Details in pages."""

from findings.facts.base import Gap
from tests.workers.collectors.stubbed import StubbedSession
from workers.collectors.paging import detail_items

ASKED = {"Name": "restore", "PermissionType": "Share"}


def scripted(*pages):
    session = StubbedSession()
    token = {}
    for number, accounts in enumerate(pages):
        more = {"NextToken": str(number)} if number < len(pages) - 1 else {}
        session.answer(
            "ssm",
            "describe_document_permission",
            {"AccountIds": accounts, **more},
            **ASKED,
            **token,
        )
        token = dict(more)
    return session


def told(session, **parameters):
    method = session.client("ssm").describe_document_permission
    return detail_items(session, method, "AccountIds", **ASKED, **parameters)


def test_all_pages_are_asked_for():
    session = scripted(["1"], [], ["2", "3"])
    assert told(session) == ("1", "2", "3")
    session.assert_all_asked()


def test_no_page_is_asked_for_after_what_was_waited_for():
    session = scripted(["1"], ["2", "3"], ["4"])
    assert told(session, until=lambda account: account == "3") == ("1", "2", "3")


def test_a_refused_page_is_a_gap_of_the_whole():
    session = StubbedSession()
    session.answer(
        "ssm", "describe_document_permission", {"AccountIds": ["1"], "NextToken": "a"}, **ASKED
    )
    session.refuse("ssm", "describe_document_permission", "AccessDeniedException")
    assert isinstance(told(session), Gap)
