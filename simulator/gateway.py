"""From a signed HTTP request to an AWS answer: what stands between the wire and an operation."""

import functools
import logging
import re
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field

from botocore.session import Session

from simulator import operations
from simulator.credentials import Principal, UnknownKey, principal_of
from simulator.errors import AwsError, Kind, standard_error
from simulator.faults import Fault, FaultKind
from simulator.operations.base import Call, operation_of, simulated_services
from simulator.organization import SimAccount
from simulator.protocol import (
    HttpReply,
    HttpRequest,
    NoSuchOperation,
    Target,
    error_reply,
    parameters_of,
    protocol_of,
    result_reply,
    service_model,
    target_of,
)
from simulator.shapes import Misfit
from simulator.world import World

log = logging.getLogger(__name__)

_SCOPE = re.compile(r"Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")
# Services that answer for an account as a whole, which a region-deny policy exempts.
# https://docs.aws.amazon.com/controltower/latest/controlreference/primary-region-deny-policy.html
GLOBAL_SERVICES = frozenset({"account", "iam", "organizations", "sts", "health", "support"})
PAGE_TOKENS = ("NextToken", "nextToken", "Marker", "ContinuationToken", "PaginationToken")
# Services that sign by a name other than botocore's; needed only while none of their operations is
# simulated, since those that are say it themselves.
OTHER_SIGNING_NAMES = {
    "monitoring": "cloudwatch",
    "tagging": "resourcegroupstaggingapi",
    "elasticloadbalancing": "elbv2",
    "states": "stepfunctions",
}


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What a signature says: whose key, for which region and service (by signing name)."""

    access_key_id: str
    region: str
    signing_name: str


class Truncated(Exception):
    """The reply is to be broken off half-way."""

    def __init__(self, reply: HttpReply) -> None:
        super().__init__("truncated")
        self.reply = reply


class NoReply(Exception):
    """The connection is to be left without a reply until the client gives up."""


@dataclass
class Tally:
    """Counts of calls, of what was not simulated, and of responses that did not fit."""

    calls: Counter[str] = field(default_factory=Counter)
    not_simulated: Counter[str] = field(default_factory=Counter)
    misfits: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, counter: Counter[str], name: str) -> None:
        with self.lock:
            counter[name] += 1


class Gateway:
    """Answers requests for one world."""

    def __init__(self, world: World, canary: str | None = None) -> None:
        operations.load()
        self.world = world
        self.tally = Tally()
        self._rewrite = None
        self._faults = world.faults

    def reply(self, request: HttpRequest) -> HttpReply:
        """The AWS answer; raises Truncated or NoReply where a fault asks for it."""
        request_id = str(uuid.uuid4())
        scope = _scope(request)
        if scope is None:
            return _unsigned(request_id)
        service = _service(scope.signing_name, request)
        if service is None:
            return _unsigned(request_id)
        protocol = protocol_of(service, request)
        target: Target | None = None
        try:
            target = target_of(service, request)
            return self._answered(target, request, scope, request_id)
        except NoSuchOperation as error:
            self.tally.count(self.tally.not_simulated, f"{service}:{error}")
            wrong = AwsError("UnknownOperationException", str(error), 404)
        except AwsError as error:
            wrong = error
        operation = target.operation if target else None
        return error_reply(service, protocol, wrong, request_id, operation)

    def _answered(
        self, target: Target, request: HttpRequest, scope: Scope, request_id: str
    ) -> HttpReply:
        name = f"{target.service}:{target.name}"
        self.tally.count(self.tally.calls, name)
        principal, account = self._authenticated(target, request, scope)
        faults = self._faults.met(target.service, target.name, account.id, scope.region)
        self._raise_faults(faults, target, principal)
        self._authorize(target, principal, account, scope.region)
        function = operation_of(target.service, target.name)
        if function is None:
            self.tally.count(self.tally.not_simulated, name)
            raise AwsError("NotImplementedBySimulator", f"{name} is not simulated.", 501)
        parameters = parameters_of(target, request)
        _break_listing(faults, target, parameters)
        call = Call(
            world=self.world,
            service=target.service,
            name=target.name,
            account=account,
            region=scope.region,
            parameters=parameters,
            principal=principal,
        )
        try:
            reply = result_reply(target, function(call), request_id, self._rewrite)
        except Misfit as error:
            self.tally.misfits.append(str(error))
            log.error("misfit in %s: %s", name, error)
            raise AwsError("SimulatorResponseDoesNotFit", str(error), 500) from error
        if any(fault.kind is FaultKind.TRUNCATED for fault in faults):
            raise Truncated(reply)
        return reply

    def _authenticated(
        self, target: Target, request: HttpRequest, scope: Scope
    ) -> tuple[Principal, SimAccount]:
        service, protocol = target.service, target.protocol
        token = request.headers.get("x-amz-security-token")
        try:
            principal = principal_of(scope.access_key_id, token)
        except UnknownKey as error:
            raise standard_error(Kind.INVALID_KEY, service, protocol) from error
        account = self.world.account(principal.account_id)
        if account is None:
            raise standard_error(Kind.INVALID_KEY, service, protocol)
        now = max(time.time(), self.world.clock().timestamp())
        if principal.expires is not None and principal.expires <= now:
            raise standard_error(Kind.EXPIRED_TOKEN, service, protocol)
        if target.service not in GLOBAL_SERVICES - {"sts"} and not self.world.is_region_enabled(
            account, scope.region
        ):
            raise standard_error(Kind.INVALID_KEY, service, protocol)
        return principal, account

    def _raise_faults(self, faults: list[Fault], target: Target, principal: Principal) -> None:
        service, protocol = target.service, target.protocol
        for fault in faults:
            if fault.kind is FaultKind.SLOW:
                time.sleep(fault.milliseconds / 1000)
            elif fault.kind is FaultKind.TIMEOUT:
                raise NoReply
            elif fault.kind in FAULT_ERRORS:
                raise standard_error(FAULT_ERRORS[fault.kind], service, protocol)
            elif fault.kind is FaultKind.ACCESS_DENIED:
                raise denied(target, principal)
            elif fault.kind is FaultKind.SCP_DENIED:
                raise denied(target, principal, by_policy=True)
            elif fault.kind in ROLE_FAULTS and target.name == "AssumeRole":
                raise denied(target, principal)

    def _authorize(
        self, target: Target, principal: Principal, account: SimAccount, region: str
    ) -> None:
        if target.service in GLOBAL_SERVICES:
            return
        if self.world.is_denied_by_policy(account, region):
            raise denied(target, principal, by_policy=True)
        if self.world.is_operation_denied(account, target.service, target.name):
            raise denied(target, principal)


FAULT_ERRORS = {
    FaultKind.THROTTLE: Kind.THROTTLED,
    FaultKind.ERROR500: Kind.INTERNAL,
    FaultKind.EXPIRED_TOKEN: Kind.EXPIRED_TOKEN,
    FaultKind.DISABLED_REGION: Kind.INVALID_KEY,
}
ROLE_FAULTS = (FaultKind.ROLE_MISSING, FaultKind.EXTERNAL_ID)


def denied(target: Target, principal: Principal, *, by_policy: bool = False) -> AwsError:
    """AccessDenied in the words of AWS.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    """
    prefix = service_model(target.service).signing_name
    why = (
        "with an explicit deny in a service control policy"
        if by_policy
        else f"because no identity-based policy allows the {prefix}:{target.name} action"
    )
    message = f"User: {principal.arn} is not authorized to perform: {prefix}:{target.name} {why}"
    if target.service == "ec2":
        message = f"You are not authorized to perform this operation. {message}"
    return standard_error(Kind.ACCESS_DENIED, target.service, target.protocol, message)


def _break_listing(faults: list[Fault], target: Target, parameters: dict[str, object]) -> None:
    is_further_page = any(parameters.get(token) for token in PAGE_TOKENS)
    if is_further_page and any(f.kind is FaultKind.LISTING_BREAKS for f in faults):
        raise standard_error(Kind.INTERNAL, target.service, target.protocol)


def _scope(request: HttpRequest) -> Scope | None:
    match = _SCOPE.search(request.headers.get("authorization", ""))
    if match is None:
        return None
    return Scope(access_key_id=match[1], region=match[2], signing_name=match[3])


def _service(signing_name: str, request: HttpRequest) -> str | None:
    """The botocore service that a request is for, among those that sign by this name."""
    candidates = _services_signing_as(signing_name)
    for service in candidates[1:] and candidates:
        try:
            target_of(service, request)
        except (NoSuchOperation, NotImplementedError):
            continue
        return service
    return candidates[0] if candidates else None


@functools.cache
def _services_signing_as(signing_name: str) -> list[str]:
    found = [
        s for s in sorted(simulated_services()) if service_model(s).signing_name == signing_name
    ]
    if found:
        return found
    if signing_name in OTHER_SIGNING_NAMES:
        return [OTHER_SIGNING_NAMES[signing_name]]
    return [s for s in Session().get_available_services() if s == signing_name]


def _unsigned(request_id: str) -> HttpReply:
    return error_reply(
        "sts", "query", standard_error(Kind.MISSING_TOKEN, "sts", "query"), request_id
    )
