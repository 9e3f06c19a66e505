import base64

import pytest

from tests.factories.findings import FindingFactory
from tests.factories.incidents import AnalysisFactory, IncidentFactory
from tests.factories.tickets import TicketFactory
from tests.modules import differing
from tests.portal.api.conftest import badly_refused


@pytest.fixture
def findings(world):
    return {str(FindingFactory(account=world.shop).uid) for _ in range(5)} | {
        str(world.finding(world.sandbox).uid)
    }


def follow(caller, path, **query):
    pages, answer = [], caller.get(path, **query)
    while True:
        pages.append([row["uid"] for row in answer.results])
        if not answer.body["next"]:
            return pages
        answer = caller.get(answer.body["next"].partition("/api/v1/")[2])


def test_pages_follow_each_other_newest_first_without_gap_or_overlap(api, world, findings):
    pages = follow(api("viewer"), "findings/", page_size=2, severity="high")
    assert [len(page) for page in pages] == [2, 2, 1]
    assert len({uid for page in pages for uid in page}) == 5


def test_what_is_added_meanwhile_moves_no_page(api, world, findings):
    caller = api("viewer")
    first = caller.get("findings/", page_size=2)
    FindingFactory(account=world.shop)
    second = caller.get(first.body["next"].partition("/api/v1/")[2])
    seen = [row["uid"] for row in (*first.results, *second.results)]
    assert len(set(seen)) == 4
    back = caller.get(second.body["previous"].partition("/api/v1/")[2])
    assert back.results == first.results


NO_CURSORS = [
    "x",
    "%%%",
    "é",
    base64.b64encode(b"p=abc").decode(),
    base64.b64encode(b"p=9" + b"9" * 40).decode(),
    base64.b64encode(b"o=x&p=1").decode(),
    base64.b64encode(b"p=\x00").decode(),
]


def test_a_cursor_that_no_answer_gave_is_refused_with_advice(api):
    caller = api("viewer")

    def ask(cursor):
        return caller.get("findings/", cursor=cursor)

    advice = "Follow the next and previous of an answer."
    assert badly_refused(ask, [(cursor, "cursor", advice) for cursor in NO_CURSORS]) == {}


def test_a_size_that_makes_no_sense_is_refused(api):
    caller, found = api("viewer"), {}
    for size in ("0", "-1", "501", "x", "", "1e2", "²"):
        answer = caller.get("findings/", page_size=size)
        found[size] = (answer.status, answer.body.get("errors"))
    told = [{"field": "page_size", "detail": "Give a number from 1 to 500."}]
    assert differing(found, dict.fromkeys(found, (400, told))) == {}


def test_no_list_needs_more_queries_when_there_is_more_in_it(
    api, world, django_assert_max_num_queries
):
    caller = api("contributor of Prod")
    for _ in range(3):
        FindingFactory(account=world.account(f"{_}", ou=world.prod))
        world.lab.wait(days=1).scan(facts={})
    for noun in ("organizations", "accounts", "scans", "findings", "schedules", "tools"):
        with django_assert_max_num_queries(6):
            assert caller.get(f"{noun}/").status == 200


def test_a_list_without_filters_refuses_one_by_its_name(api, world):
    ticket = TicketFactory(organization=world.ours)
    analysis = AnalysisFactory(incident=IncidentFactory(organization=world.ours))
    caller = api("administrator")
    for path in (
        f"tickets/{ticket.uid}/comments/",
        f"tickets/{ticket.uid}/log/",
        "tickets/drift/",
        f"scans/{world.scan.uid}/shards/",
        f"analyses/{analysis.uid}/versions/",
    ):
        assert caller.get(path, page_size=1).status == 200, path
        answer = caller.get(path, state="open")
        assert answer.status == 400, path
        assert answer.errors == {"state": "There is no such filter: this list is whole."}
