"""Who calls, and whether AWS would let them."""

from simulator.credentials import Principal, UnknownKey, principal_of
from simulator.errors import AwsError, Kind, standard_error
from simulator.organization import SimAccount
from simulator.protocol import Target, service_model
from simulator.world import World

# Services that answer for an account as a whole; a region-deny policy exempts them.
# https://docs.aws.amazon.com/controltower/latest/controlreference/primary-region-deny-policy.html
GLOBAL_SERVICES = frozenset({"account", "health", "iam", "organizations", "sts", "support"})


def authenticated(
    world: World, target: Target, access_key_id: str, session_token: str | None, region: str
) -> tuple[Principal, SimAccount]:
    """The caller and its account; raises AwsError for keys that AWS would not know."""
    invalid = standard_error(Kind.INVALID_KEY, target.service, target.protocol)
    try:
        principal = principal_of(access_key_id, session_token)
    except UnknownKey as error:
        raise invalid from error
    account = world.account(principal.account_id)
    if account is None or account.state != "ACTIVE":
        raise invalid
    if principal.expires is not None and principal.expires <= world.seconds():
        raise standard_error(Kind.EXPIRED_TOKEN, target.service, target.protocol)
    # A region that is off knows no key of the account; STS has an endpoint in each region.
    is_regional = target.service == "sts" or target.service not in GLOBAL_SERVICES
    if is_regional and not world.is_region_enabled(account, region):
        raise invalid
    return principal, account


def authorize(
    world: World, target: Target, principal: Principal, account: SimAccount, region: str
) -> None:
    """Raises the AwsError of an operation that a policy of the world refuses."""
    if target.service in GLOBAL_SERVICES:
        return
    if world.is_denied_by_policy(account, region):
        raise denied(target, principal, by_policy=True)
    if world.denied_operation(account) == f"{target.service}:{target.name}":
        raise denied(target, principal)


def denied(target: Target, principal: Principal, *, by_policy: bool = False) -> AwsError:
    """Access denied in the words of AWS.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    """
    action = f"{service_model(target.service).signing_name}:{target.name}"
    why = (
        "with an explicit deny in a service control policy"
        if by_policy
        else f"because no identity-based policy allows the {action} action"
    )
    message = f"User: {principal.arn} is not authorized to perform: {action} on resource: * {why}"
    if target.service == "ec2":
        message = f"You are not authorized to perform this operation. {message}"
    return standard_error(Kind.ACCESS_DENIED, target.service, target.protocol, message)


def role_denied(principal: Principal, role_arn: str, *, exists: bool = False) -> AwsError:
    """A role that is not there, or that exists and does not trust the caller."""
    action = "sts:AssumeRole"
    why = (
        f"because no role trust policy allows the {action} action"
        if exists
        else f"on resource: {role_arn}"
    )
    message = f"User: {principal.arn} is not authorized to perform: {action} {why}"
    return AwsError("AccessDenied", message, 403)
