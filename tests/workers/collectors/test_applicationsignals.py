"""Service level objectives and their budgets."""

from findings.facts.base import GapReason
from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors.applicationsignals import objectives

SERVICE = "application-signals"
REPORT = "batch_get_service_level_objective_budget_report"


def slo(number):
    return {"Arn": f"arn:aws:application-signals:eu-west-1::slo/s{number}", "Name": f"s{number}"}


def listed(count):
    session = StubbedSession()
    answer = {"SloSummaries": [slo(number) for number in range(count)]}
    session.answer(SERVICE, "list_service_level_objectives", answer)
    return session


def reported(session, numbers, answered=None):
    reports = [slo(number) | {"BudgetStatus": "OK"} for number in answered or numbers]
    answer = {"Timestamp": NOW, "Reports": reports, "Errors": []}
    ids = [slo(number)["Arn"] for number in numbers]
    session.answer(SERVICE, REPORT, answer, Timestamp=NOW, SloIds=ids)


def test_reports_are_asked_for_fifty_objectives_at_once():
    session = listed(51)
    reported(session, range(50))
    reported(session, [50])
    assert {objective.budget_status for objective in objectives(session)} == {"OK"}
    session.assert_all_asked()


def test_no_report_is_asked_for_without_objectives():
    assert list(objectives(listed(0))) == []


def test_an_objective_without_a_report_is_not_known():
    session = listed(2)
    reported(session, range(2), answered=[1])
    first, second = objectives(session)
    assert first.gaps["budget_status"].reason is GapReason.FAILED
    assert (second.key, second.budget_status) == ("s1", "OK")


def test_denied_reports_cost_only_themselves():
    session = listed(1)
    session.refuse(SERVICE, REPORT, "AccessDeniedException")
    (objective,) = objectives(session)
    assert objective.gaps["budget_status"].reason is GapReason.ACCESS_DENIED
