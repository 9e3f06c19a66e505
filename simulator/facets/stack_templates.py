"""What templates declare: parameters for secrets, runtimes of functions."""

import json
from typing import Any

from simulator.facets.base import Facet, default_answers
from simulator.facets.stack_records import NESTED, POLICY, nested_in, put_stack, resource
from simulator.places import Place, Record

templates = Facet("cloudformation.stacks.templates")

HIDDEN = "cloudformation_template_sensitive_parameters_noecho"
RUNTIMES = "cloudformation_template_runtimes_supported"
CHECKS = (HIDDEN, RUNTIMES)
FUNCTION = "AWS::Lambda::Function"


@default_answers("cloudformation.stacks")
def usual(place: Place, stack: Record) -> None:
    """Templates of other facets ask for no parameter and hold no function."""
    if stack["StackStatus"] != "DELETE_COMPLETE":
        for check in CHECKS:
            place.expect(check, "not_applicable", resource=stack["StackName"])


def _text(parameters: Record | None = None, **resources: Record) -> str:
    sections = {"Parameters": parameters or {}, "Resources": resources}
    return json.dumps({"AWSTemplateFormatVersion": "2010-09-09", **sections})


def _secret(**members: Any) -> Record:
    return {"DatabasePassword": {"Type": "String", **members}}


def _function(runtime: object) -> Record:
    return resource(FUNCTION, Runtime=runtime)


@templates.variant("careful", characters={"exemplary": 3, "ordinary": 2, "locked_down": 2})
def careful(place: Place) -> None:
    """A hidden parameter, a runtime by parameter, one by mapping, and one that is a container's."""
    answers = {HIDDEN: "pass", RUNTIMES: "pass", POLICY: "not_applicable"}
    mapped = {"Fn::FindInMap": ["Runtimes", {"Ref": "AWS::Region"}, "node"]}
    parameters = {
        **_secret(NoEcho=True),
        "Runtime": {"Type": "String", "Default": "python3.8"},
        "TokenUrl": {"Type": "String", "Default": "https://example.com"},
    }
    text = _text(
        parameters,
        Code=_function("java25"),
        Given=_function({"Ref": "Runtime"}),
        Mapped=_function(mapped),
        Image=resource(FUNCTION, PackageType="Image"),
    )
    mappings = {"Runtimes": {place.region: {"node": "nodejs24.x"}}}
    put_stack(
        place,
        "accounts",
        answers,
        Parameters=[
            {"ParameterKey": "DatabasePassword", "ParameterValue": "****"},
            {"ParameterKey": "Runtime", "ParameterValue": "python3.14"},
        ],
        _template=json.dumps(json.loads(text) | {"Mappings": mappings}),
    )
    reference = _secret(Default="{{resolve:secretsmanager:accounts}}")
    put_stack(
        place,
        "accounts-api",
        {HIDDEN: "pass", POLICY: "not_applicable"},
        _template=_text(reference, Topic=resource("AWS::SNS::Topic")),
    )


@templates.variant("careless", characters={"ordinary": 1, "neglected": 3, "new": 1})
def careless(place: Place) -> None:
    """Shown; hidden, but with a default; and in a nested stack."""
    topic = resource("AWS::SNS::Topic")
    shown = {HIDDEN: "fail", POLICY: "not_applicable"}
    put_stack(place, "accounts", shown, _template=_text(_secret(), Topic=topic))
    given = _secret(NoEcho="true", Default="hunter2")
    put_stack(place, "accounts-api", shown, _template=_text(given, Topic=topic))
    put_stack(place, "accounts-batch", shown, _template=_text({}, Topic=topic))
    put_stack(
        place,
        "accounts-batch-data",
        {**NESTED, HIDDEN: "not_applicable", POLICY: "not_applicable"},
        _template=_text(_secret(), Topic=topic),
        **nested_in(place, "accounts-batch"),
    )


@templates.variant("outdated", characters={"ordinary": 1, "neglected": 2})
def outdated(place: Place) -> None:
    """Deprecated long before the days of the world."""
    answers = {RUNTIMES: "fail", POLICY: "not_applicable"}
    put_stack(place, "accounts", answers, _template=_text(Code=_function("nodejs12.x")))
    current, old = _function("java25"), _function("python3.8")
    put_stack(place, "accounts-api", answers, _template=_text(Code=current, Old=old))


@templates.variant("not_told", characters={"new": 1, "ordinary": 1})
def not_told(place: Place) -> None:
    """A runtime that hangs on a condition, and one that came after the checks were written."""
    answers = {RUNTIMES: "unknown", POLICY: "not_applicable"}
    either = _function({"Fn::If": ["IsNew", "java25", "java21"]})
    put_stack(place, "accounts", answers, _template=_text(Code=either))
    put_stack(place, "accounts-api", answers, _template=_text(Code=_function("cobol1.x")))


@templates.variant("plain", characters={"new": 2, "locked_down": 1})
def plain(place: Place) -> None:
    put_stack(place, "accounts", {HIDDEN: "not_applicable", RUNTIMES: "not_applicable"})
