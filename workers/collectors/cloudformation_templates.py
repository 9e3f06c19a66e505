"""Collector of the deployed templates of stacks: their resources' types and policies."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import yaml
from botocore.exceptions import ClientError

from findings.facts.base import Gap, GapReason
from findings.facts.cloudformation import (
    FUNCTIONS,
    Template,
    TemplateParameter,
    TemplateResource,
)
from findings.facts.secrets import secret_in
from workers.collectors.base import Collector, Response, Session, unread
from workers.collectors.cloudformation import (
    STACK_LISTINGS,
    handle_of,
    is_gone,
    is_invalid,
    standing_stacks,
)
from workers.collectors.cloudformation_values import Values, given_to

WITHOUT_TEMPLATE = ("REVIEW_IN_PROGRESS",)
"""Statuses of stacks of which nothing was ever deployed."""

LONGEST_TEXT = 200
YES = ("true", "yes", "on")
_VERSION_KEY = re.compile(r"(?i)version|commit|revision|sha|git|build|release|tag")
_RUNTIME = re.compile(r"[a-z]+[a-z0-9.]*(-edge)?")
_REFERENCE = re.compile(r"\{\{resolve:.+\}\}")


class _UnreadableTemplate(ValueError):
    """A template that is no mapping of resources, or whose policies are not plain text."""


class _TemplateLoader(getattr(yaml, "CBaseLoader", yaml.BaseLoader)):  # type: ignore[misc]  # C if built
    """YAML whose scalars stay text; CloudFormation's short functions (``!Ref``) stay opaque."""


def _function(loader: Any, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.MappingNode):
        return {f"Fn::{suffix}": loader.construct_mapping(node, deep=True)}
    if isinstance(node, yaml.SequenceNode):
        return {f"Fn::{suffix}": loader.construct_sequence(node, deep=True)}
    return {f"Fn::{suffix}": loader.construct_scalar(node)}


_TemplateLoader.add_multi_constructor("!", _function)


@Collector(fact=Template, operations=(*STACK_LISTINGS, "cloudformation:GetTemplate"))
def templates(session: Session) -> Iterator[Template]:
    client = session.client("cloudformation")
    for stack in standing_stacks(session):
        if stack["StackStatus"] in WITHOUT_TEMPLATE:
            continue
        try:
            response = session.detail(
                client.get_template, StackName=handle_of(stack), TemplateStage="Processed"
            )
        except ClientError as error:
            if is_gone(error):
                continue
            if not is_invalid(error):
                raise
            response = _failed("ValidationError")
        yield parse_template(stack["StackName"], response, given_to(stack, session.region))


def parse_template(
    stack: str, response: Response | Gap, given: Mapping[str, str] = MappingProxyType({})
) -> Template:
    """botocore has read a JSON body already; one in YAML it leaves as text.

    ``given`` are the values of the stack's parameters.
    """
    if isinstance(response, Gap):
        return _untold(stack, response)
    body = response.get("TemplateBody")
    try:
        document = _read(body)
        values = Values(given, _mapping(document.get("Mappings")))
        return Template(
            stack=stack,
            size=len((body if isinstance(body, str) else _compact(body)).encode()),
            metadata=dict(_versions(document.get("Metadata"))),
            parameters=tuple(_parameters(_mapping(document.get("Parameters")))),
            resources=tuple(_resources(document, values)),
            unresolved_runtimes=tuple(_unresolved(document, values)),
        )
    except _UnreadableTemplate as error:
        return _untold(stack, _failed(str(error)))


def _failed(code: str) -> Gap:
    operation = "cloudformation:GetTemplate"
    return Gap(kind=Template.kind, reason=GapReason.FAILED, operation=operation, code=code)


def _compact(body: Any) -> str:
    return json.dumps(body, separators=(",", ":"))


def _untold(stack: str, gap: Gap) -> Template:
    return unread(Template, gap, stack=stack)


def _read(body: Any) -> Mapping[str, Any]:
    if isinstance(body, str):
        try:
            body = yaml.load(body, Loader=_TemplateLoader)  # noqa: S506 - makes text only
        except yaml.YAMLError as error:
            raise _UnreadableTemplate("UnreadableTemplate") from error
    if not isinstance(body, Mapping) or not isinstance(body.get("Resources"), Mapping):
        raise _UnreadableTemplate("UnreadableTemplate")
    return body


def _versions(metadata: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Short texts under keys that name a version; what AWS's own tools keep is left out."""
    if isinstance(metadata, Mapping):
        for key, value in metadata.items():
            if not str(key).startswith("AWS::"):
                yield from _versions(value, f"{path}.{key}".lstrip("."))
    elif isinstance(metadata, str | int | float) and _VERSION_KEY.search(path):
        text = str(metadata)
        if len(text) <= LONGEST_TEXT and not secret_in(path, text):
            yield path, text


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _parameters(declared: Mapping[str, Any]) -> Iterator[TemplateParameter]:
    for name, raw in sorted(declared.items()):
        type_ = str(_mapping(raw).get("Type", ""))
        yield TemplateParameter(
            name=name,
            type=type_,
            is_hidden=str(_mapping(raw).get("NoEcho", "")).lower() in YES,
            default=_kind_of_default(type_, _mapping(raw).get("Default")),
        )


def _kind_of_default(type_: str, default: Any) -> str:
    if default is None or default == "":
        return "none"
    if type_.startswith("AWS::SSM::Parameter::"):
        return "parameter_name"
    return "dynamic_reference" if _REFERENCE.fullmatch(str(default)) else "text"


def _unresolved(document: Mapping[str, Any], values: Values) -> Iterator[str]:
    for name, raw in sorted(document["Resources"].items()):
        runtime = _mapping(raw.get("Properties")).get("Runtime")
        is_function = raw.get("Type") in FUNCTIONS
        if is_function and runtime is not None and _runtime(runtime, values) is None:
            yield name


def _runtime(declared: Any, values: Values) -> str | None:
    """The identifier of a runtime; whatever else a parameter may hold is not kept."""
    text = values.text(declared)
    return text if text and _RUNTIME.fullmatch(text) else None


def _resources(document: Mapping[str, Any], values: Values) -> Iterator[TemplateResource]:
    for name, raw in sorted(document["Resources"].items()):
        if not isinstance(raw, Mapping):  # a loop of the language extensions
            raise _UnreadableTemplate("UnprocessedTemplate")
        properties = _mapping(raw.get("Properties"))
        yield TemplateResource(
            logical_id=name,
            type=str(raw.get("Type", "")),
            deletion_policy=_policy(raw.get("DeletionPolicy")),
            update_replace_policy=_policy(raw.get("UpdateReplacePolicy")),
            is_cluster_member="DBClusterIdentifier" in properties,
            runtime=_runtime(properties.get("Runtime"), values),
        )


def _policy(value: Any) -> str | None:
    """Only before its transforms may a template hold a function here."""
    if value is not None and not isinstance(value, str):
        raise _UnreadableTemplate("UnprocessedTemplate")
    return value
