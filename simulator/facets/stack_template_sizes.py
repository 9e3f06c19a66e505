"""How large the templates of stacks are."""

import json

from simulator.facets.base import RARELY, Facet, default_answers
from simulator.facets.stack_records import POLICY, put_stack, resource
from simulator.operations.cloudformation import STACKS
from simulator.places import Place, Record

sizes = Facet("cloudformation.stacks.template_sizes")

HEADROOM = "cloudformation_template_size_headroom"
MOST_RESOURCES, MOST_BYTES = 400, 800_000
NO_DATA = {POLICY: "not_applicable"}


def _topics(count: int) -> str:
    topics = {f"Topic{number}": resource("AWS::SNS::Topic") for number in range(count)}
    return json.dumps({"Resources": topics}, separators=(",", ":"))


def _padded(size: int) -> str:
    """A template of one resource and so many bytes."""
    around = '{"Metadata":{"Notes":""},' + _topics(1)[1:]
    notes = "x" * (size - len(around))
    return around.replace('"Notes":""', f'"Notes":"{notes}"')


@sizes.variant("modest", characters={"exemplary": 3, "ordinary": 3, "new": 2, "locked_down": 2})
def modest(place: Place) -> None:
    put_stack(place, "catalogue")


@sizes.variant("too_many_resources", characters={"neglected": 2, "ordinary": 1})
def too_many_resources(place: Place) -> None:
    answers = NO_DATA | {HEADROOM: "fail"}
    put_stack(place, "catalogue", answers, _template=_topics(MOST_RESOURCES + 1))


@sizes.variant("as_many_as_allowed", characters=RARELY)
def as_many_as_allowed(place: Place) -> None:
    put_stack(place, "catalogue", NO_DATA, _template=_topics(MOST_RESOURCES))


@sizes.variant("too_large", characters=RARELY)
def too_large(place: Place) -> None:
    """One as large as allowed, one a byte larger."""
    put_stack(place, "catalogue", NO_DATA, _template=_padded(MOST_BYTES))
    large = NO_DATA | {HEADROOM: "fail"}
    put_stack(place, "catalogue-archive", large, _template=_padded(MOST_BYTES + 1))


@default_answers(STACKS)
def answers(place: Place, stack: Record) -> None:
    """Where no variant says otherwise, whatever has a template has a small one."""
    if "_template" in stack and stack["StackStatus"] != "DELETE_COMPLETE":
        place.expect(HEADROOM, "pass", resource=stack["StackName"])
