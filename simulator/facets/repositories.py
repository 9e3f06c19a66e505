"""What repositories ask before a change, and when they last changed."""

import json
from datetime import datetime, timedelta
from typing import Any

from simulator.facets.base import RARELY, Facet, default_answers
from simulator.facets.event_rules import RULES, put_rule, target
from simulator.facets.repository_changes import (
    FAST_FORWARD,
    FIRST,
    MERGED_ELSEWHERE,
    PUSH,
    REFUSED,
    SQUASH,
    THREE_WAY,
    put_changes,
)
from simulator.places import Place, Record

approvals = Facet("codecommit.approvals")
activity = Facet("codecommit.activity")

APPROVAL, ACTIVE = "codecommit_approval_rule_required", "codecommit_repository_active"
AUTOMATED = "codecommit_repository_triggers_automation"
PROTECTED = "codecommit_default_branch_protected"
YEAR = timedelta(days=365)
MOMENT = timedelta(microseconds=1)


def _repository(
    place: Place,
    name: str,
    changed: datetime,
    templates: tuple[str, ...] = (),
    tags: dict[str, str] | None = None,
    changes: tuple[str, ...] = (),
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
            "_tip": put_changes(place, name, changes),
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


def _shop(
    place: Place,
    approval: str,
    *templates: str,
    changes: tuple[str, ...] = (FIRST, PUSH),
    protected: str = "fail",
    **fields: Any,
) -> None:
    """A repository in daily use; people push to it unless something else is said."""
    _repository(place, "shop", place.ago(days=4), templates, changes=changes, **fields)
    place.expect(APPROVAL, approval, resource="shop")
    if protected:
        place.expect(PROTECTED, protected, resource="shop")
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
    changes = (FIRST, SQUASH, MERGED_ELSEWHERE, FAST_FORWARD, REFUSED, THREE_WAY)
    _shop(place, "pass", "shop-two-eyes", changes=changes, protected="pass", _triggers=[trigger])


@approvals.variant("none", characters={"neglected": 3, "new": 2, "ordinary": 1})
def without_approval(place: Place) -> None:
    _shop(place, "fail")


@approvals.variant("for_the_default_branch", characters={"exemplary": 1, "ordinary": 1})
def for_the_default_branch(place: Place) -> None:
    """Several templates are more than one page; one of them covers the branch."""
    _template(place, "shop-releases", 2, "refs/heads/release/*")
    _template(place, "shop-main", 2, "refs/heads/develop", "refs/heads/main")
    changes = (FIRST, SQUASH)
    _shop(place, "pass", "shop-releases", "shop-main", changes=changes, protected="pass")
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
    _shop(place, "fail", "shop-releases", changes=(FIRST, SQUASH, PUSH))


@approvals.variant("by_wildcard", characters=RARELY)
def by_wildcard(place: Place) -> None:
    """Twenty merges since somebody last pushed."""
    _template(place, "shop-m", 1, "refs/heads/m*")
    changes = (FIRST, PUSH, *[SQUASH, FAST_FORWARD] * 10)
    _shop(place, "pass", "shop-m", changes=changes, protected="pass")


@approvals.variant("of_nobody", characters=RARELY)
def of_nobody(place: Place) -> None:
    """The template that covers the branch needs nobody; the one that needs somebody does not.

    There are nineteen merges since somebody last pushed.
    """
    _template(place, "shop-none", 0)
    _template(place, "shop-develop", 1, "refs/heads/develop")
    changes = (FIRST, PUSH, *[SQUASH] * 19)
    _shop(place, "fail", "shop-develop", "shop-none", changes=changes)


@approvals.variant("unreadable", characters=RARELY)
def unreadable(place: Place) -> None:
    """The key of the repository is disabled."""
    _repository(place, "shop", place.ago(days=4), _error="EncryptionKeyDisabledException")
    for check in (APPROVAL, ACTIVE, PROTECTED):
        place.expect(check, "unknown", resource="shop")


@approvals.variant("no_repository", characters={"new": 3, "locked_down": 1})
def no_repository(place: Place) -> None:
    """Nothing is expected where CodeCommit is not used."""


@approvals.variant("imported", characters=RARELY)
def imported(place: Place) -> None:
    _shop(place, "fail", changes=(FIRST,), protected="not_applicable")


@approvals.variant("young", characters=RARELY)
def young(place: Place) -> None:
    """Nobody has to merge in its first week."""
    made = place.ago(days=6)
    _shop(place, "fail", protected="", creationDate=made)
    until = made + timedelta(days=7) + MOMENT
    place.expect(PROTECTED, "not_applicable", resource="shop", until=until, then="fail")


@approvals.variant("pushed_around", characters={"exemplary": 1, "ordinary": 1}, from_day=2)
def pushed_around(place: Place) -> None:
    """Approvals are asked for, but not of who pushes."""
    _template(place, "shop-two-eyes", 1)
    _shop(place, "pass", "shop-two-eyes", changes=(FIRST, SQUASH, PUSH, SQUASH))


# activity
def _tools(
    place: Place, status: str, changed: datetime, tags: dict[str, str] | None = None
) -> None:
    """A repository without approvals that is rarely changed."""
    _repository(place, "tools", changed, tags=tags, defaultBranch=None)
    archived = status == "not_applicable"
    place.expect(APPROVAL, "not_applicable" if archived else "fail", resource="tools")
    place.expect(PROTECTED, "not_applicable", resource="tools")
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
