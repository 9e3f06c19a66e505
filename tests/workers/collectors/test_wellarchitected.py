"""Workloads of the Well-Architected Tool."""

import pytest
from botocore.exceptions import ClientError

from tests.workers.collectors.stubbed import StubbedSession
from workers.collectors.wellarchitected import parse_workload, workloads


def raw(name="shop", **fields):
    return {"WorkloadName": name, "RiskCounts": {"HIGH": 2, "NONE": 1}, **fields}


def listed(session, response, **expected):
    session.answer("wellarchitected", "list_workloads", response, **expected)


def test_all_pages_are_read_and_what_others_share_is_left_out():
    session = StubbedSession()
    own, shared = raw(Owner="111111111111"), raw("shared", Owner="222222222222")
    listed(session, {"WorkloadSummaries": [own, shared], "NextToken": "2"})
    listed(session, {"WorkloadSummaries": [raw("ledger")]}, NextToken="2")
    assert [found.name for found in workloads(session)] == ["shop", "ledger"]
    session.assert_all_asked()


def test_high_risks_are_counted():
    found = parse_workload(raw(ImprovementStatus="IN_PROGRESS"))
    assert (found.high_risks, found.improvement_status) == (2, "IN_PROGRESS")


def test_a_risk_that_is_not_among_the_counts_has_none():
    assert parse_workload(raw(RiskCounts={"NONE": 1})).high_risks == 0


def test_counts_that_are_not_told_are_not_known():
    assert set(parse_workload({"WorkloadName": "shop"}).gaps) == {"high_risks"}


def test_a_refusal_is_not_an_empty_list():
    session = StubbedSession()
    session.refuse("wellarchitected", "list_workloads", "AccessDeniedException")
    with pytest.raises(ClientError):
        list(workloads(session))
