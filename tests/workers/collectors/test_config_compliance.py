"""Conformance packs, of an account and of the organization."""

from datetime import timedelta

import pytest

from findings.facts.base import GapReason
from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors.config_compliance import (
    conformance_packs,
    organization_conformance_packs,
    parse_conformance_pack,
    parse_organization_conformance_pack,
    parse_rule_compliance,
    rule_compliances,
)

PACK = {
    "ConformancePackName": "baseline",
    "ConformancePackId": "conformance-pack-1",
    "ConformancePackArn": "arn:aws:config:eu-west-1:1:conformance-pack/baseline",
    "ConformancePackState": "CREATE_COMPLETE",
    "LastUpdateRequestedTime": NOW,
}


def scored(score):
    return parse_conformance_pack(PACK, ({"ConformancePackName": "baseline", "Score": score},))


@pytest.mark.parametrize(
    ("told", "score"),
    [
        ("82.35", 82.35),
        ("100", 100.0),
        ("0.0", 0.0),
        ("82.35%", 82.35),
        ("INSUFFICIENT_DATA", None),
    ],
)
def test_a_score_is_a_percentage_told_as_text(told, score):
    assert scored(told).score == score


@pytest.mark.parametrize("told", ["nan", "high", ""])
def test_a_score_that_is_no_percentage_is_not_known(told):
    assert scored(told).gaps["score"].reason is GapReason.NOT_IN_SCHEMA


def test_a_pack_without_a_score_is_not_known_to_score_anything():
    found = parse_conformance_pack(PACK, ({"ConformancePackName": "other", "Score": "1"},))
    assert found.gaps["score"].reason is GapReason.NOT_SUPPLIED
    assert found.state == "CREATE_COMPLETE"


def test_the_state_of_a_sparse_answer_is_not_known():
    found = parse_conformance_pack({"ConformancePackName": "baseline"}, ())
    assert set(found.gaps) == {"arn", "state", "score"}


def packs_session(*packs):
    session = StubbedSession()
    found = {"ConformancePackStatusDetails": list(packs)}
    session.answer("config", "describe_conformance_pack_status", found)
    return session


def test_scores_are_read_page_by_page():
    session = packs_session(PACK)
    method = "list_conformance_pack_compliance_scores"
    other = {"ConformancePackName": "other", "Score": "1"}
    first = {"ConformancePackComplianceScores": [other], "NextToken": "more"}
    session.answer("config", method, first)
    second = {"ConformancePackComplianceScores": [other | {"ConformancePackName": "baseline"}]}
    session.answer("config", method, second, NextToken="more")
    (found,) = conformance_packs(session)
    assert found.score == 1.0
    session.assert_all_asked()


def test_refused_scores_leave_the_packs_known():
    session = packs_session(PACK)
    session.refuse("config", "list_conformance_pack_compliance_scores", "AccessDeniedException")
    (found,) = conformance_packs(session)
    assert set(found.gaps) == {"score"}


def test_no_score_is_asked_for_where_there_is_no_pack():
    session = packs_session()
    assert list(conformance_packs(session)) == []


NAMED = {"OrganizationConformancePackName": "baseline"}
DETAIL = {"AccountId": "2", "ConformancePackName": "OrgConformsPack-x", "Status": "CREATE_FAILED"}


def organization_session():
    session = StubbedSession()
    found = {"OrganizationConformancePackStatuses": [NAMED | {"Status": "CREATE_SUCCESSFUL"}]}
    session.answer("config", "describe_organization_conformance_pack_statuses", found)
    return session


def test_the_accounts_of_a_pack_are_read_page_by_page_without_their_messages():
    session = organization_session()
    method = "get_organization_conformance_pack_detailed_status"
    detail = DETAIL | {"ErrorMessage": "secret"}
    key = "OrganizationConformancePackDetailedStatuses"
    session.answer("config", method, {key: [detail], "NextToken": "more"}, **NAMED)
    other = DETAIL | {"AccountId": "3"}
    session.answer("config", method, {key: [other]}, **NAMED, NextToken="more")
    (found,) = organization_conformance_packs(session)
    assert [(one.account, one.status) for one in found.rollouts] == [
        ("2", "CREATE_FAILED"),
        ("3", "CREATE_FAILED"),
    ]
    assert (found.name, found.region, found.status) == (
        "baseline",
        "eu-west-1",
        "CREATE_SUCCESSFUL",
    )
    assert "secret" not in repr(found)


def test_refused_accounts_leave_the_pack_known():
    session = organization_session()
    method = "get_organization_conformance_pack_detailed_status"
    session.refuse("config", method, "AccessDeniedException")
    (found,) = organization_conformance_packs(session)
    assert set(found.gaps) == {"rollouts"}


def test_a_pack_of_the_organization_that_was_deleted_meanwhile_is_left_out():
    session = organization_session()
    method = "get_organization_conformance_pack_detailed_status"
    session.refuse("config", method, "NoSuchOrganizationConformancePackException")
    assert list(organization_conformance_packs(session)) == []


@pytest.mark.parametrize(
    "code", ["OrganizationAccessDeniedException", "NoAvailableOrganizationException"]
)
def test_an_account_that_administers_nothing_has_no_packs_of_the_organization(code):
    session = StubbedSession()
    session.refuse("config", "describe_organization_conformance_pack_statuses", code)
    assert list(organization_conformance_packs(session)) == []


def test_a_status_that_is_not_told_is_not_known():
    found = parse_organization_conformance_pack(NAMED, {}, "eu-west-1")
    assert set(found.gaps) == {"status"}
    assert found.rollouts == ()


def result(at=None):
    identifier = {"EvaluationResultQualifier": {"ResourceId": "secret"}}
    return {
        "EvaluationResultIdentifier": identifier | ({"OrderingTimestamp": at} if at else {}),
        "Annotation": "secret",
    }


def compliance(name, kind):
    return {"ConfigRuleName": name, "Compliance": {"ComplianceType": kind}}


def compliance_session(*listed):
    session = StubbedSession()
    source = {"Owner": "AWS", "SourceIdentifier": "REQUIRED_TAGS"}
    session.answer("config", "describe_config_rules", {"ConfigRules": [{"Source": source}]})
    found = {"ComplianceByConfigRules": list(listed)}
    session.answer("config", "describe_compliance_by_config_rule", found)
    return session


def test_without_rules_no_compliance_is_asked_for():
    session = StubbedSession()
    session.answer("config", "describe_config_rules", {"ConfigRules": []})
    assert list(rule_compliances(session)) == []
    session.assert_all_asked()


RESULTS = "get_compliance_details_by_config_rule"
ASKED = {"ComplianceTypes": ["NON_COMPLIANT"], "Limit": 100}


def test_results_are_read_of_rules_that_are_not_complied_with_only():
    session = compliance_session(
        compliance("a", "COMPLIANT"), compliance("b", "NON_COMPLIANT"), {"ConfigRuleName": "c"}
    )
    older = NOW - timedelta(days=3)
    first = {"EvaluationResults": [result(NOW)], "NextToken": "more"}
    session.answer("config", RESULTS, first, ConfigRuleName="b", **ASKED)
    second = {"EvaluationResults": [result(older), result(NOW)]}
    session.answer("config", RESULTS, second, ConfigRuleName="b", **ASKED, NextToken="more")
    a, b, c = rule_compliances(session)
    assert (a.compliance, a.oldest_result_at, a.is_read_whole) == ("COMPLIANT", None, True)
    assert (b.compliance, b.oldest_result_at, b.is_read_whole) == ("NON_COMPLIANT", older, True)
    assert set(c.gaps) == {"compliance"}
    assert "secret" not in repr(b)
    session.assert_all_asked()


def test_results_are_read_up_to_a_limit():
    session = compliance_session(compliance("a", "NON_COMPLIANT"))
    for page in range(5):
        more = {"EvaluationResults": [result(NOW)] * 100, "NextToken": f"page-{page}"}
        session.answer("config", RESULTS, more)
    (found,) = rule_compliances(session)
    assert (found.oldest_result_at, found.is_read_whole) == (NOW, False)


def test_rules_are_read_one_by_one_up_to_a_limit():
    names = [f"rule-{number:02}" for number in range(51)]
    session = compliance_session(*(compliance(name, "NON_COMPLIANT") for name in names))
    for name in names[:50]:
        session.answer(
            "config", RESULTS, {"EvaluationResults": [result(NOW)]}, ConfigRuleName=name, **ASKED
        )
    *read, left = rule_compliances(session)
    assert all(found.is_read_whole for found in read)
    assert left.gaps["oldest_result_at"].reason is GapReason.CAPPED
    assert left.compliance == "NON_COMPLIANT"


def test_a_result_without_a_time_leaves_the_rest_unsure():
    raw = compliance("a", "NON_COMPLIANT")
    found = parse_rule_compliance(raw, {"EvaluationResults": [result(), result(NOW), {}]})
    assert (found.oldest_result_at, found.is_read_whole) == (NOW, False)


def test_refused_results_leave_the_compliance_known():
    session = compliance_session(compliance("a", "NON_COMPLIANT"))
    session.refuse("config", RESULTS, "AccessDeniedException")
    (found,) = rule_compliances(session)
    assert set(found.gaps) == {"oldest_result_at", "is_read_whole"}


def test_a_rule_that_was_deleted_meanwhile_is_left_out():
    session = compliance_session(compliance("a", "NON_COMPLIANT"))
    session.refuse("config", RESULTS, "NoSuchConfigRuleException")
    assert list(rule_compliances(session)) == []
