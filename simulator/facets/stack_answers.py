"""What the checks that look at every stack say of one, as far as its record tells."""

from datetime import timedelta

from simulator.facets.base import default_answers
from simulator.facets.stack_records import MOMENT
from simulator.places import Place, Record

STALLED = "cloudformation_stack_operation_not_stalled"
ROLE = "cloudformation_stack_service_role_used"
TAGGED = "cloudformation_stack_owner_tagged"
OUTPUTS = "cloudformation_stack_outputs_no_secrets"
CHECKED = "cloudformation_stack_drift_checked_recently"

DRIFT_RULE = "CLOUDFORMATION_STACK_DRIFT_DETECTION_CHECK"
WEEK, HALF_A_DAY = timedelta(days=7), timedelta(hours=12)
OF_CONTROL_TOWER = ("AWSControlTower", "StackSet-AWSControlTower")
MADE_BY_AWS = (
    "awseb-",
    "aws-sam-cli-managed-",
    "aws-cloud9-",
    "AWSControlTower",
    "StackSet-",
    "CDKToolkit",
)
NEVER_WHOLE = ("CREATE_FAILED", "CREATE_IN_PROGRESS", "ROLLBACK_", "DELETE_")


@default_answers("cloudformation.stacks")
def usual(place: Place, stack: Record) -> None:
    if stack["StackStatus"] == "DELETE_COMPLETE":
        return
    name = stack["StackName"]
    if "ParentId" in stack or stack["StackStatus"] == "REVIEW_IN_PROGRESS":
        for check in (STALLED, ROLE, TAGGED, CHECKED):
            place.expect(check, "not_applicable", resource=name)
    else:
        _expect_in_time(place, stack)
        _expect_checked(place, stack)
        by_aws = name.startswith(MADE_BY_AWS)
        place.expect(ROLE, _of(stack.get("RoleARN"), by_aws), resource=name)
        by_aws = name.startswith(OF_CONTROL_TOWER)
        place.expect(TAGGED, _of(_is_tagged(stack), by_aws), resource=name)
    tree = [] if "ParentId" in stack else _tree(place, stack)
    tells = any(found.get("Outputs") for found in tree)
    place.expect(OUTPUTS, "pass" if tells else "not_applicable", resource=name)


def _of(holds: object, does_not_apply: bool) -> str:
    if does_not_apply:
        return "not_applicable"
    return "pass" if holds else "fail"


def _is_tagged(stack: Record) -> bool:
    return {"Owner", "Environment"} <= {tag["Key"] for tag in stack.get("Tags") or ()}


def _tree(place: Place, root: Record) -> list[Record]:
    nested = place.all("cloudformation.stacks")
    return [root, *(found for found in nested if found.get("RootId") == root["StackId"])]


def _expect_in_time(place: Place, stack: Record) -> None:
    """An operation passes until twelve hours are over; a deletion without a date is not known."""
    name, status = stack["StackName"], stack["StackStatus"]
    began = stack.get("LastUpdatedTime") or stack["CreationTime"]
    if status == "DELETE_IN_PROGRESS":
        began = stack.get("DeletionTime")
    if not status.endswith("_IN_PROGRESS"):
        place.expect(STALLED, "pass", resource=name)
    elif began is None:
        place.expect(STALLED, "unknown", resource=name)
    else:
        end = began + HALF_A_DAY + MOMENT
        place.expect(STALLED, "pass", resource=name, until=end, then="fail")


def _expect_checked(place: Place, stack: Record) -> None:
    """Does not apply in the first week, and then holds for a week after the last check."""
    name = stack["StackName"]
    if stack["StackStatus"].startswith(NEVER_WHOLE):
        place.expect(CHECKED, "not_applicable", resource=name)
        return
    drift = stack.get("DriftInformation") or {}
    checked = drift.get("LastCheckTimestamp")
    is_always = callable(checked) or _has_drift_rule(place)
    if stack["CreationTime"] >= place.ago(days=7):
        grown = stack["CreationTime"] + WEEK + MOMENT
        then = "pass" if is_always else "fail"
        place.expect(CHECKED, "not_applicable", resource=name, until=grown, then=then)
    elif is_always:
        place.expect(CHECKED, "pass", resource=name)
    elif checked is None or drift["StackDriftStatus"] not in ("IN_SYNC", "DRIFTED"):
        place.expect(CHECKED, "fail", resource=name)
    else:
        over = checked + WEEK + MOMENT
        place.expect(CHECKED, "pass", resource=name, until=over, then="fail")


def _has_drift_rule(place: Place) -> bool:
    sources = (rule["Source"] for rule in place.all("config.rules"))
    return any(source.get("SourceIdentifier") == DRIFT_RULE for source in sources)
