"""What a member account may say of its organization."""

import pytest

from findings.checks.base import Result
from findings.checks.outcomes import Status
from findings.facts.base import AWS_GLOBAL, AWS_ORGANIZATION, Gap, GapReason
from findings.facts.organizations import Organization
from workers.assess_organization import Standing, standing_of

OWN, OTHER = "111111111111", "222222222222"
DENIED = Gap(kind=Organization.kind, reason=GapReason.ACCESS_DENIED)
MEMBER = Standing(is_member=True, management=OTHER)


def organization(management):
    return (Organization(id="o-1", management_account=management, has_all_features=True),)


def result(status, region=AWS_ORGANIZATION, resource=""):
    gaps = (DENIED,) if status is Status.UNKNOWN else ()
    return Result("x", status, OWN, region, resource, "as found", gaps=gaps)


@pytest.mark.parametrize(
    ("found", "given", "is_management", "is_member"),
    [
        (organization(OWN), None, True, False),
        (organization(OTHER), None, False, True),
        ((), None, False, False),
        (DENIED, None, False, False),
        (DENIED, False, False, True),
        (DENIED, True, True, False),
        (organization(OTHER), True, True, False),
    ],
)
def test_the_caller_or_else_aws_says_how_an_account_stands(found, given, is_management, is_member):
    standing = standing_of(OWN, found, given=given)
    assert (standing.is_management, standing.is_member) == (is_management, is_member)


@pytest.mark.parametrize("status", [Status.UNKNOWN, Status.FAIL])
def test_the_whole_organization_is_not_a_members_to_answer_for(status):
    said = MEMBER.said(result(status))
    assert (said.status, said.gaps) == (Status.NOT_APPLICABLE, ())
    assert OTHER in said.message


@pytest.mark.parametrize(
    "found",
    [
        result(Status.PASS),
        result(Status.FAIL, resource="baseline"),
        result(Status.UNKNOWN, region=AWS_GLOBAL),
    ],
)
def test_what_a_member_sees_of_it_and_what_is_its_own_stays(found):
    assert MEMBER.said(found) == found


def test_without_membership_the_unknown_stays_unknown():
    found = result(Status.UNKNOWN)
    assert standing_of(OWN, DENIED, given=None).said(found) == found
