"""What AWS accepts in the settings of an organization, with messages that say what to write."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

from accounts.environments import parse_environment_rules
from accounts.time_zones import time_zones

ACCOUNT_ID_PATTERN = r"^[0-9]{12}\Z"
REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-[0-9]{1,2}")
MOST_SESSION_TAGS = 50

validate_account_id = RegexValidator(
    ACCOUNT_ID_PATTERN, "An AWS account id has exactly 12 digits, for example 123456789012."
)
validate_role_name = RegexValidator(
    r"^([\w+=,.@-]+/)*[\w+=,.@-]{1,64}\Z",
    "Give the name of the role, not its ARN: letters, digits and +=,.@_- only.",
)
validate_external_id = RegexValidator(
    r"^[\w+=,.@:/-]{2,1224}\Z",
    "An external ID has 2 to 1224 letters, digits or +=,.@:/_- characters.",
)
validate_session_name = RegexValidator(
    r"^[\w+=,.@-]{2,64}\Z", "A session name has 2 to 64 letters, digits or +=,.@_- characters."
)


def validate_region(region: object) -> None:
    if not isinstance(region, str) or not REGION.fullmatch(region):
        raise ValidationError(f"{region!r} is not the name of an AWS region, such as eu-west-1.")


def validate_regions(regions: object) -> None:
    if not isinstance(regions, list):
        raise ValidationError('Give a list of regions, as in ["us-east-1", "eu-west-1"].')
    for region in regions:
        validate_region(region)
    if len(set(regions)) < len(regions):
        raise ValidationError("A region is named twice.")


def validate_tags(tags: object) -> None:
    if not isinstance(tags, dict) or not all(
        isinstance(text, str) for pair in tags.items() for text in pair
    ):
        raise ValidationError('Give tags as an object of texts, as in {"team": "platform"}.')


def validate_session_tags(tags: dict[str, str]) -> None:
    """Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_Tag.html"""
    validate_tags(tags)
    if len(tags) > MOST_SESSION_TAGS:
        raise ValidationError(f"AWS accepts at most {MOST_SESSION_TAGS} session tags.")
    if any(not 1 <= len(key) <= 128 or len(value) > 256 for key, value in tags.items()):
        raise ValidationError("A session tag has a key of 1-128 and a value of 0-256 characters.")


def validate_time_zone(name: str) -> None:
    if name not in time_zones():
        raise ValidationError(f"{name!r} is not a time zone, such as UTC or Europe/Berlin.")


def validate_environment_rules(rules: object) -> None:
    try:
        parse_environment_rules(rules)
    except ValueError as error:
        raise ValidationError(f"{error}.") from error


def region_belongs_to(partition: str, region: str) -> bool:
    """Whether a region's name is of the partition: each but ``aws`` has prefixes of its own."""
    prefixes = {"aws-cn": "cn-", "aws-us-gov": "us-gov-", "aws-eusc": "eusc-"}
    if partition in prefixes:
        return region.startswith(prefixes[partition])
    return not region.startswith(tuple(prefixes.values()))
