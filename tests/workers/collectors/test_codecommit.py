"""CodeCommit repositories and their approval rule templates."""

import json

import pytest

from findings.facts.base import Gap, GapReason, NotCollected
from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors.codecommit import (
    parse_approval_rule,
    parse_repository,
    repositories,
    unread_repository,
)

TRIGGERS = "get_repository_triggers"
TEMPLATES = "list_associated_approval_rule_templates_for_repository"
DENIED = Gap(kind="codecommit.repository", reason=GapReason.ACCESS_DENIED)


def template(name="two-eyes", **content):
    return {
        "approvalRuleTemplate": {
            "approvalRuleTemplateName": name,
            "approvalRuleTemplateContent": json.dumps({"Version": "2018-11-08", **content}),
        }
    }


def needing(*approvals):
    return [{"Type": "Approvers", "NumberOfApprovalsNeeded": n} for n in approvals]


def listing(session, *names, errors=()):
    listed = [{"repositoryName": name, "repositoryId": name} for name in names]
    session.answer("codecommit", "list_repositories", {"repositories": listed})
    described = [{"repositoryName": name, "defaultBranch": "main"} for name in names]
    known = [
        d for d in described if d["repositoryName"] not in {e["repositoryName"] for e in errors}
    ]
    session.answer(
        "codecommit",
        "batch_get_repositories",
        {"repositories": known, "errors": list(errors)},
        repositoryNames=list(names),
    )


@pytest.fixture
def session():
    session = StubbedSession()
    yield session
    session.assert_all_asked()


def test_without_repositories_nothing_more_is_asked(session):
    session.answer("codecommit", "list_repositories", {"repositories": []})
    assert list(repositories(session)) == []


def test_a_template_that_two_repositories_share_is_read_once(session):
    listing(session, "a", "b")
    session.answer("codecommit", TEMPLATES, {"approvalRuleTemplateNames": ["t"]})
    session.answer("codecommit", "get_approval_rule_template", template("t", Statements=needing(2)))
    session.answer("codecommit", TRIGGERS, {}, repositoryName="a")
    session.answer("codecommit", TEMPLATES, {"approvalRuleTemplateNames": ["t"]})
    session.answer("codecommit", TRIGGERS, {}, repositoryName="b")
    first, second = repositories(session)
    assert first.approval_rules == second.approval_rules
    assert first.approval_rules[0].approvals == 2


def test_templates_come_in_pages(session):
    listing(session, "a")
    page = {"approvalRuleTemplateNames": ["t"], "nextToken": "more"}
    session.answer("codecommit", TEMPLATES, page, repositoryName="a")
    rest = {"approvalRuleTemplateNames": ["s"]}
    session.answer("codecommit", TEMPLATES, rest, repositoryName="a", nextToken="more")
    session.answer("codecommit", "get_approval_rule_template", template("t"))
    session.answer("codecommit", "get_approval_rule_template", template("s"))
    session.answer("codecommit", TRIGGERS, {}, repositoryName="a")
    (found,) = repositories(session)
    assert [rule.template for rule in found.approval_rules] == ["s", "t"]


def test_refused_templates_cost_one_field(session):
    listing(session, "a")
    session.refuse("codecommit", TEMPLATES, "AccessDeniedException")
    session.answer("codecommit", TRIGGERS, {}, repositoryName="a")
    (found,) = repositories(session)
    assert found.default_branch == "main"
    with pytest.raises(NotCollected):
        _ = found.approval_rules


def test_a_repository_that_is_gone_meanwhile_is_left_out(session):
    listing(session, "a", "b", errors=[error("b", "RepositoryDoesNotExistException")])
    session.refuse("codecommit", TEMPLATES, "RepositoryDoesNotExistException")
    assert list(repositories(session)) == []


def error(name, code):
    return {"repositoryId": name, "repositoryName": name, "errorCode": code, "errorMessage": "no"}


def test_a_repository_that_cannot_be_read_is_there_but_not_known(session):
    listing(session, "a", errors=[error("a", "EncryptionKeyDisabledException")])
    (found,) = repositories(session)
    assert found.arn == "arn:aws:codecommit:eu-west-1:111111111111:a"
    assert found.gaps["modified_at"].reason is GapReason.FAILED
    assert found.gaps["approval_rules"].code == "EncryptionKeyDisabledException"


def test_a_key_that_may_not_be_used_is_a_denied_access():
    found = unread_repository(StubbedSession(), error("a", "EncryptionKeyAccessDeniedException"))
    assert found.gaps["modified_at"].reason is GapReason.ACCESS_DENIED


def test_a_repository_without_commits_has_no_default_branch():
    found = parse_repository({"repositoryName": "a", "creationDate": NOW}, [], {})
    assert (found.default_branch, found.modified_at, found.approval_rules) == (None, None, ())


def test_a_refused_template_makes_the_rules_unknown():
    found = parse_repository({"repositoryName": "a"}, [template(Statements=needing(1)), DENIED], {})
    assert found.gaps["approval_rules"] == DENIED


def test_a_rule_without_branches_holds_for_all():
    assert parse_approval_rule(template(Statements=needing(1))).branches is None
    assert parse_approval_rule(template(DestinationReferences=[])).branches is None


def test_a_rule_needs_as_many_as_its_strictest_statement():
    assert parse_approval_rule(template(Statements=needing(1, 3))).approvals == 3
    assert parse_approval_rule(template()).approvals == 0


def test_a_template_that_is_not_json_is_not_known():
    broken = {"approvalRuleTemplate": {"approvalRuleTemplateContent": "{"}}
    assert parse_approval_rule(broken).reason is GapReason.FAILED


def test_triggers_are_kept_by_name(session):
    listing(session, "a", "b")
    destination = "arn:aws:sns:eu-west-1:111111111111:pushes"
    triggers = [
        {"name": name, "destinationArn": destination, "events": ["all"]} for name in ("b", "a")
    ]
    session.answer("codecommit", TEMPLATES, {})
    session.answer("codecommit", TRIGGERS, {"triggers": triggers}, repositoryName="a")
    session.answer("codecommit", TEMPLATES, {})
    session.refuse("codecommit", TRIGGERS, "AccessDeniedException")
    first, second = repositories(session)
    assert (first.triggers, second.gaps.keys()) == (("a", "b"), {"triggers"})
