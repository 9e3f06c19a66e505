"""The tagging API: every record with tags that stands in the region, of whatever service.

A record's tags are its `_tags` (a dict), or its own `Tags` or `tags` in either spelling of AWS; its
ARN is its `_arn`, `Arn` or the like. Records of account level are listed in us-east-1, as on AWS.
"""

from typing import Any

from simulator.operations.base import Call, operation
from simulator.places import Records

ARN_MEMBERS = ("_arn", "Arn", "ARN", "arn", "TrailARN", "AlarmArn", "StackId", "RuleArn")
TAG_MEMBERS = ("_tags", "Tags", "tags", "TagList", "TagsList")
GLOBAL_REGION = "us-east-1"


@operation("resourcegroupstaggingapi", "GetResources")
def get_resources(call: Call) -> dict[str, Any]:
    """Filters: each of TagFilters must match, any of ResourceTypeFilters."""
    found = sorted(_tagged(call).items())
    types = call.parameters.get("ResourceTypeFilters") or []
    filters = call.parameters.get("TagFilters") or []
    mappings = [
        {
            "ResourceARN": arn,
            "Tags": [{"Key": key, "Value": value} for key, value in sorted(tags.items())],
        }
        for arn, tags in found
        if (not types or _is_of_type(arn, types)) and all(_matches(tags, f) for f in filters)
    ]
    return call.page(
        mappings,
        "ResourceTagMappingList",
        token_in="PaginationToken",  # noqa: S106 - the name of a parameter
        token_out="PaginationToken",  # noqa: S106 - the name of a parameter
        size=20,
        limit_in="ResourcesPerPage",
        bad_token="PaginationTokenExpiredException",  # noqa: S106 - the name of an error
    )


def _tagged(call: Call) -> dict[str, dict[str, str]]:
    found = tagged(call.place.records)
    if call.region == GLOBAL_REGION:
        found |= tagged(call.account_place.records)
    return found


def tagged(records: Records) -> dict[str, dict[str, str]]:
    """The tags of all records that have some, by ARN."""
    every = [record for group in records.values() for record in group]
    known = {_arn(record): _tags(record) for record in every}
    return {arn: tags for arn, tags in known.items() if arn and tags}


def _arn(record: dict[str, Any]) -> str | None:
    named = [record.get(name) for name in ARN_MEMBERS]
    ending = [value for name, value in record.items() if name.lower() == "resourcearn"]
    return next((str(value) for value in (*named, *ending) if value), None)


def _tags(record: dict[str, Any]) -> dict[str, str]:
    tags: Any = next((record[name] for name in TAG_MEMBERS if record.get(name)), {})
    if isinstance(tags, dict):
        return tags
    return {str(t.get("Key", t.get("key"))): str(t.get("Value", t.get("value"))) for t in tags}


def _is_of_type(arn: str, types: list[str]) -> bool:
    """A type is a service, or service:resource, e.g. `cloudformation:stack`."""
    _, _, service, _, _, resource = arn.split(":", 5)
    resource_type = f"{service}:{resource.replace('/', ':').partition(':')[0]}"
    return service in types or resource_type in types


def _matches(tags: dict[str, str], tag_filter: dict[str, Any]) -> bool:
    value = tags.get(tag_filter.get("Key", ""))
    wanted = tag_filter.get("Values") or []
    return value is not None and (not wanted or value in wanted)
