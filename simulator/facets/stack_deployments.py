"""Who changes stacks, and by which call."""

from datetime import datetime, timedelta

from simulator.facets.base import RARELY, Facet, default_answers
from simulator.facets.production import in_production, is_production
from simulator.facets.stack_records import MOMENT, Until, put_stack, stack_id
from simulator.operations.cloudformation import STACKS
from simulator.operations.cloudtrail_events import by_role, call_of
from simulator.places import Place, Record

deployments = Facet("cloudformation.stacks.deployments")

PREVIEWED = "cloudformation_update_uses_change_set"
BY_PIPELINE = "cloudformation_stack_deployed_by_pipeline"
WINDOWS = {PREVIEWED: timedelta(days=30), BY_PIPELINE: timedelta(days=90)}
PRODUCTION_TAGS = ("prod", "production")

PERSON = {"type": "IAMUser", "userName": "jane"}
ADMINISTRATOR = "AWSReservedSSO_Administrator_0a1b2c3d"
CATALOGUE = {"type": "AssumedRole", "invokedBy": "servicecatalog.amazonaws.com"}


def _put(
    place: Place,
    updated: datetime,
    previewed: str,
    by_pipeline: str,
    *calls: Record,
    change_set: str | None = None,
) -> None:
    """A stack that calls changed, with what the checks say of them as long as they look back."""
    statuses = {PREVIEWED: previewed, BY_PIPELINE: by_pipeline}
    answers = {
        check: Until(status, updated + WINDOWS[check], "not_applicable")
        if in_production(place, status) == status
        else "not_applicable"
        for check, status in statuses.items()
    }
    changed = {"LastUpdatedTime": updated, "ChangeSetId": change_set}
    put_stack(place, "till", answers, _calls=list(calls), **changed)


@deployments.variant("by_pipeline", characters={"exemplary": 3, "ordinary": 2, "locked_down": 2})
def by_pipeline(place: Place) -> None:
    """The change set is named by its id alone; a person's attempt failed after it."""
    updated = place.ago(days=5)
    change_set = place.arn("cloudformation", f"changeSet/release/{place.uuid('till release')}")
    pipeline = by_role(place, "CodePipelineDeploy")
    done = call_of(place, "ExecuteChangeSet", updated, pipeline, changeSetName=change_set)
    denied = {"error": "AccessDenied", "stackName": "till"}
    tried = call_of(place, "UpdateStack", place.ago(days=4), PERSON, **denied)
    _put(place, updated, "pass", "pass", done, tried, change_set=change_set)


@deployments.variant("by_person", characters={"neglected": 3, "ordinary": 1})
def by_person(place: Place) -> None:
    updated = place.ago(days=3)
    by_name = call_of(place, "UpdateStack", updated, PERSON, stackName="till")
    _put(place, updated, "fail", "fail", by_name)


@deployments.variant("reviewed_by_person", characters={"ordinary": 1, "new": 1})
def reviewed_by_person(place: Place) -> None:
    """After the pipeline, which makes no change sets, and long ago updated the stack by its id."""
    updated = place.ago(days=3)
    long_ago, pipeline = place.ago(days=31), by_role(place, "CodePipelineDeploy")
    asked = {"stackName": stack_id(place, "till"), "changeSetName": "release"}
    before = call_of(place, "UpdateStack", long_ago, pipeline, stackName=asked["stackName"])
    after = call_of(place, "ExecuteChangeSet", updated, by_role(place, ADMINISTRATOR), **asked)
    _put(place, updated, "pass", "fail", before, after)


@deployments.variant("by_catalogue", characters=RARELY)
def by_catalogue(place: Place) -> None:
    updated = place.ago(days=3)
    by_service = call_of(place, "UpdateStack", updated, CATALOGUE, stackName="till")
    _put(place, updated, "not_applicable", "pass", by_service)


@deployments.variant("not_told", characters=RARELY)
def not_told(place: Place) -> None:
    """CloudTrail tells of another stack only."""
    updated = place.ago(days=3)
    other = call_of(place, "UpdateStack", updated, PERSON, stackName="till-2")
    _put(place, updated, "unknown", "unknown", other)


@default_answers(STACKS)
def answers(place: Place, stack: Record) -> None:
    """Where no variant says otherwise, the pipeline executed a change set, or made the stack."""
    if stack["StackStatus"] == "DELETE_COMPLETE":
        return
    updated = stack.get("LastUpdatedTime")
    for check, changed in {
        PREVIEWED: updated,
        BY_PIPELINE: updated or stack["CreationTime"],
    }.items():
        last = changed + WINDOWS[check] if changed and is_deployed(place, stack) else None
        if last is None or last < place.ago():
            place.expect(check, "not_applicable", resource=stack["StackName"])
        else:
            until, name = last + MOMENT, stack["StackName"]
            place.expect(check, "pass", resource=name, until=until, then="not_applicable")


def is_deployed(place: Place, stack: Record) -> bool:
    """Whether it is a stack of production that people or pipelines deploy."""
    tags = {tag["Key"]: tag["Value"].lower() for tag in stack["Tags"]}
    is_own = not stack.get("ParentId") and not stack["StackName"].startswith("StackSet-")
    is_there = stack["StackStatus"] != "REVIEW_IN_PROGRESS"
    in_use = is_production(place.account) or tags.get("Environment") in PRODUCTION_TAGS
    return is_own and is_there and in_use
