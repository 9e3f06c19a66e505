"""What repositories ask before a change, and when they last changed."""

import json
from datetime import datetime, timedelta
from typing import Any

from simulator.facets.base import RARELY, Facet, default_answers
from simulator.facets.event_rules import RULES, put_rule, target
from simulator.places import Place, Record

approvals = Facet("codecommit.approvals")
activity = Facet("codecommit.activity")

APPROVAL, ACTIVE = "codecommit_approval_rule_required", "codecommit_repository_active"
AUTOMATED = "codecommit_repository_triggers_automation"
YEAR = timedelta(days=365)
MOMENT = timedelta(microseconds=1)


def _repository(
    place: Place,
    name: str,
    changed: datetime,
    templates: tuple[str, ...] = (),
    tags: dict[str, str] | None = None,
    **fields: Any,
) -> None:
    place.put(
        "codecommit.repositories",
        {
            "accountId": place.account.id,
            "repositoryId": place.uuid(name),
            "repositoryName": name,
            "defaultBranch": "main",
            "lastModifiedDate": changed,
            "creationDate": place.ago(days=900),
            "Arn": place.arn("codecommit", name),
            "_templates": templates,
            "_tags": tags or {},
            **fields,
        },
    )


@default_answers("codecommit.repositories")
def usual(place: Place, repository: Record) -> None:
    """By a trigger, as the source of a pipeline of this region, or by an event rule."""
    name = repository["repositoryName"]
    sources = {
        action.get("configuration", {}).get("RepositoryName")
        for pipeline in place.all("codepipeline.pipelines")
        for stage in pipeline["stages"]
        for action in stage["actions"]
    }
    by_rule = any(name in rule.get("_repositories", ()) for rule in place.all(RULES))
    if name in sources or by_rule or repository.get("_triggers"):
        status = "pass"
    else:
        status = "unknown" if "_error" in repository else "fail"
    place.expect(AUTOMATED, status, resource=name)


def _template(place: Place, name: str, approvals: int, *branches: str) -> None:
    content: dict[str, Any] = {
        "Version": "2018-11-08",
        "Statements": [{"Type": "Approvers", "NumberOfApprovalsNeeded": approvals}],
    }
    if branches:
        content["DestinationReferences"] = list(branches)
    place.put(
        "codecommit.templates",
        {
            "approvalRuleTemplateId": place.uuid(name),
            "approvalRuleTemplateName": name,
            "approvalRuleTemplateContent": json.dumps(content),
            "creationDate": place.ago(days=400),
            "lastModifiedDate": place.ago(days=400),
        },
    )


def _shop(place: Place, approval: str, *templates: str, **fields: Any) -> None:
    """A repository in daily use."""
    _repository(place, "shop", place.ago(days=4), templates, **fields)
    place.expect(APPROVAL, approval, resource="shop")
    until = place.ago(days=4) + YEAR + MOMENT
    place.expect(ACTIVE, "pass", resource="shop", until=until, then="fail")


# approvals
@approvals.variant("for_all_branches", characters={"exemplary": 3, "ordinary": 1, "locked_down": 2})
def for_all_branches(place: Place) -> None:
    _template(place, "shop-two-eyes", 1)
    trigger = {
        "name": "on-push",
        "destinationArn": place.arn("sns", "pushes"),
        "events": ["updateReference"],
    }
    _shop(place, "pass", "shop-two-eyes", _triggers=[trigger])


@approvals.variant("none", characters={"neglected": 3, "new": 2, "ordinary": 1})
def without_approval(place: Place) -> None:
    _shop(place, "fail")


@approvals.variant("for_the_default_branch", characters={"exemplary": 1, "ordinary": 1})
def for_the_default_branch(place: Place) -> None:
    """Several templates are more than one page; one of them covers the branch."""
    _template(place, "shop-releases", 2, "refs/heads/release/*")
    _template(place, "shop-main", 2, "refs/heads/develop", "refs/heads/main")
    _shop(place, "pass", "shop-releases", "shop-main")
    pattern = {
        "source": ["aws.codecommit"],
        "detail-type": ["CodeCommit Repository State Change"],
        "detail": {"repositoryName": ["shop"], "referenceName": ["main"]},
    }
    started = target(place, "function")
    put_rule(place, "on-push", pattern, started, _repositories=["shop"], _responds=True)


@approvals.variant("for_another_branch", characters={"ordinary": 1, "neglected": 1})
def for_another_branch(place: Place) -> None:
    _template(place, "shop-releases", 2, "refs/heads/release/*")
    _shop(place, "fail", "shop-releases")


@approvals.variant("by_wildcard", characters=RARELY)
def by_wildcard(place: Place) -> None:
    _template(place, "shop-m", 1, "refs/heads/m*")
    _shop(place, "pass", "shop-m")


@approvals.variant("of_nobody", characters=RARELY)
def of_nobody(place: Place) -> None:
    """The template that covers the branch needs nobody; the one that needs somebody does not."""
    _template(place, "shop-none", 0)
    _template(place, "shop-develop", 1, "refs/heads/develop")
    _shop(place, "fail", "shop-develop", "shop-none")


@approvals.variant("unreadable", characters=RARELY)
def unreadable(place: Place) -> None:
    """The key of the repository is disabled."""
    _repository(place, "shop", place.ago(days=4), _error="EncryptionKeyDisabledException")
    for check in (APPROVAL, ACTIVE):
        place.expect(check, "unknown", resource="shop")


@approvals.variant("no_repository", characters={"new": 3, "locked_down": 1})
def no_repository(place: Place) -> None:
    """Nothing is expected where CodeCommit is not used."""


# activity
def _tools(
    place: Place, status: str, changed: datetime, tags: dict[str, str] | None = None
) -> None:
    """A repository without approvals that is rarely changed."""
    _repository(place, "tools", changed, tags=tags, defaultBranch=None)
    archived = status == "not_applicable"
    place.expect(APPROVAL, "not_applicable" if archived else "fail", resource="tools")
    if archived:
        place.expect(AUTOMATED, "not_applicable", resource="tools")
    if status == "pass":
        place.expect(ACTIVE, "pass", resource="tools", until=changed + YEAR + MOMENT, then="fail")
    else:
        place.expect(ACTIVE, status, resource="tools")


@activity.variant("changed_in_time", characters={"ordinary": 2, "exemplary": 1})
def changed_in_time(place: Place) -> None:
    """Within the limit for another week."""
    _tools(place, "pass", place.ago(days=358))


@activity.variant("forgotten", characters={"ordinary": 1, "neglected": 2})
def forgotten(place: Place) -> None:
    """A second more than the limit."""
    _tools(place, "fail", place.ago(days=365, seconds=1))


@activity.variant("archived", characters={"exemplary": 2, "ordinary": 1, "locked_down": 1})
def archived(place: Place) -> None:
    _tools(place, "not_applicable", place.ago(days=800), {"archived": "true"})


@activity.variant("kept", characters={"neglected": 1})
def kept(place: Place) -> None:
    """The tag says no."""
    _tools(place, "fail", place.ago(days=800), {"Archived": "false", "Team": "web"})


@activity.variant("archived_by_state", characters=RARELY)
def archived_by_state(place: Place) -> None:
    _tools(place, "not_applicable", place.ago(days=800), {"Lifecycle": "Archived"})


@activity.variant("no_repository", characters={"new": 2, "locked_down": 1, "neglected": 1})
def no_tools(place: Place) -> None:
    """Nothing is expected where CodeCommit is not used."""
