"""Collector of CodeCommit repositories and of what their approval rule templates ask."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from findings.facts.base import Gap, GapReason
from findings.facts.codecommit import ApprovalRule, Repository
from workers.collectors.base import Collector, Response, Session, in_batches, pick, unread
from workers.collectors.paging import detail_items

BATCH = 25
_DETAILS = "codecommit:BatchGetRepositories"
_TEMPLATE = "codecommit:GetApprovalRuleTemplate"


@Collector(
    fact=Repository,
    operations=(
        "codecommit:ListRepositories",
        _DETAILS,
        "codecommit:ListAssociatedApprovalRuleTemplatesForRepository",
        _TEMPLATE,
        "codecommit:GetRepositoryTriggers",
    ),
)
def repositories(session: Session) -> Iterator[Repository]:
    client = session.client("codecommit")
    templates: dict[str, Response | Gap] = {}
    for answer in described_repositories(session):
        for raw in answer.get("repositories") or ():
            try:
                name = raw["repositoryName"]
                associated = _associated_templates(session, name, templates)
                triggers = session.detail(client.get_repository_triggers, repositoryName=name)
            except client.exceptions.RepositoryDoesNotExistException:
                continue  # it was deleted after it was listed
            yield parse_repository(raw, associated, triggers)
        for error in answer.get("errors", ()):
            if error.get("errorCode") != "RepositoryDoesNotExistException":
                yield unread_repository(session, error)


def described_repositories(session: Session) -> Iterator[Response]:
    """Answers about all repositories, of so many at once."""
    listed = session.items("codecommit", "list_repositories", "repositories")
    for names in in_batches((raw["repositoryName"] for raw in listed), BATCH):
        yield session.once("codecommit", "batch_get_repositories", repositoryNames=names)


def _associated_templates(
    session: Session, repository: str, known: dict[str, Response | Gap]
) -> Sequence[Response | Gap]:
    """The templates of a repository; each template is read once, however many share it."""
    client = session.client("codecommit")
    names = detail_items(
        session,
        client.list_associated_approval_rule_templates_for_repository,
        "approvalRuleTemplateNames",
        token="nextToken",  # noqa: S106 - the name of a member
        repositoryName=repository,
    )
    if isinstance(names, Gap):
        return [names]
    for name in names:
        if name not in known:
            read = client.get_approval_rule_template
            known[name] = session.detail(read, approvalRuleTemplateName=name)
    return [known[name] for name in names]


def parse_repository(
    raw: Response, templates: Iterable[Response | Gap], triggers: Response | Gap
) -> Repository:
    found: Any = pick(triggers, "triggers", default=())
    if not isinstance(found, Gap):
        found = tuple(sorted(trigger.get("name", "") for trigger in found))
    return Repository(
        name=raw["repositoryName"],
        arn=raw.get("Arn", ""),
        default_branch=raw.get("defaultBranch"),
        created_at=raw.get("creationDate"),
        modified_at=raw.get("lastModifiedDate"),
        approval_rules=_approval_rules(templates),
        triggers=found,
    )


def _approval_rules(templates: Iterable[Response | Gap]) -> Any:
    """The rules, or the gap of the first template that could not be read."""
    rules = []
    for template in templates:
        rule = template if isinstance(template, Gap) else parse_approval_rule(template)
        if isinstance(rule, Gap):
            return rule
        rules.append(rule)
    return tuple(sorted(rules, key=lambda rule: rule.template))


def parse_approval_rule(response: Response) -> ApprovalRule | Gap:
    """A template's content is JSON; without DestinationReferences it holds for every branch.

    https://docs.aws.amazon.com/codecommit/latest/userguide/approval-rule-templates.html
    """
    raw: Mapping[str, Any] = response["approvalRuleTemplate"]
    try:
        content: dict[str, Any] = json.loads(raw.get("approvalRuleTemplateContent", ""))
    except ValueError:
        return Gap(
            kind=Repository.kind, reason=GapReason.FAILED, operation=_TEMPLATE, code="NotJson"
        )
    needed = [s.get("NumberOfApprovalsNeeded", 0) for s in content.get("Statements") or ()]
    branches = content.get("DestinationReferences")
    return ApprovalRule(
        template=raw.get("approvalRuleTemplateName", ""),
        approvals=max(map(int, needed), default=0),
        branches=tuple(sorted(branches)) if branches else None,
    )


def unread_repository(session: Session, error: Response) -> Repository:
    """A repository that exists but could not be described, as when its key is disabled."""
    code = error.get("errorCode", "")
    reason = GapReason.ACCESS_DENIED if "AccessDenied" in code else GapReason.FAILED
    gap = Gap(kind=Repository.kind, reason=reason, operation=_DETAILS, code=code)
    name = error["repositoryName"]
    arn = f"arn:{session.partition}:codecommit:{session.region}:{session.account}:{name}"
    return unread(Repository, gap, name=name, arn=arn)
