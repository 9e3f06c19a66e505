"""What an account that is assessed alone may say of the organization it belongs to."""

from __future__ import annotations

from dataclasses import dataclass, replace

from findings.checks.base import Result
from findings.checks.outcomes import Status
from findings.facts.base import AWS_ORGANIZATION, Gap
from findings.facts.organizations import Organization
from workers.aws.collection import FactsOrGap


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How an account stands in its organization; one that belongs to none is no member.

    Where AWS does not tell, it counts as no member: what is unknown then stays unknown.
    """

    is_management: bool = False
    is_member: bool = False
    management: str = ""

    def said(self, result: Result) -> Result:
        """The result as it counts: the whole organization is not a member's to answer for.

        What a member sees of it may be a pass, as with a trail of the organization.
        """
        is_wide = result.region == AWS_ORGANIZATION and not result.resource
        if not self.is_member or not is_wide or result.status is Status.PASS:
            return result
        told = f"it is judged in the organization's management account {self.management}".strip()
        return replace(result, status=Status.NOT_APPLICABLE, message=told, parts=(), gaps=())


def standing_of(account: str, found: FactsOrGap, *, given: bool | None) -> Standing:
    """By what the caller says of the account, else by what AWS Organizations tells of it."""
    known = () if isinstance(found, Gap) else found
    management = next((o.management_account for o in known if isinstance(o, Organization)), "")
    is_management = management == account if given is None else given
    is_member = not is_management and (given is False or bool(management))
    return Standing(is_management=is_management, is_member=is_member, management=management)
