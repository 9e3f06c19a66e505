"""From a signed HTTP request to an AWS answer: what stands between the wire and an operation."""

import logging
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from simulator import operations
from simulator.authorization import GLOBAL_SERVICES, authenticated, authorize, denied, role_denied
from simulator.canary import Canary
from simulator.credentials import Principal
from simulator.errors import AwsError, Kind, standard_error
from simulator.faults import Fault, FaultKind
from simulator.operations.base import Call, operation_of
from simulator.protocol import (
    HttpReply,
    HttpRequest,
    NoSuchOperation,
    Target,
    error_reply,
    parameters_of,
    protocol_of,
    result_reply,
    target_of,
)
from simulator.shapes import Misfit
from simulator.signature import Scope, scope_of, service_of
from simulator.world import World

log = logging.getLogger(__name__)

PAGE_TOKENS = ("NextToken", "nextToken", "Marker", "ContinuationToken", "PaginationToken")
FAULT_ERRORS = {
    FaultKind.THROTTLE: Kind.THROTTLED,
    FaultKind.ERROR500: Kind.INTERNAL,
    FaultKind.EXPIRED_TOKEN: Kind.EXPIRED_TOKEN,
    FaultKind.DISABLED_REGION: Kind.INVALID_KEY,
}


class Truncated(Exception):
    """The reply is to be broken off half-way."""

    def __init__(self, reply: HttpReply) -> None:
        super().__init__("truncated")
        self.reply = reply


class NoReply(Exception):
    """The connection is to be left without a reply until the client gives up."""


@dataclass
class Tally:
    """Counts by `service:Operation`; misfits by what did not fit."""

    calls: Counter[str] = field(default_factory=Counter)
    not_simulated: Counter[str] = field(default_factory=Counter)
    misfits: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, counter: Counter[str], name: str) -> None:
        with self._lock:
            counter[name] += 1

    def snapshot(self) -> dict[str, dict[str, int]]:
        with self._lock:
            return {
                "calls": dict(self.calls),
                "not_simulated": dict(self.not_simulated),
                "misfits": dict(self.misfits),
            }


class Gateway:
    """Answers requests for one world; `canary` marks every free string of every answer."""

    def __init__(self, world: World, canary: str | None = None) -> None:
        operations.load()
        self.world = world
        self.tally = Tally()
        self.canary = Canary(canary) if canary else None

    def reply(self, request: HttpRequest) -> HttpReply:
        """The AWS answer; raises Truncated or NoReply where a fault asks for it."""
        request_id = str(uuid.uuid4())
        scope = scope_of(request)
        service = service_of(scope, request) if scope else None
        if scope is None or service is None:
            missing = standard_error(Kind.MISSING_TOKEN, "sts", "query")
            return error_reply("sts", "query", missing, request_id)
        target: Target | None = None
        try:
            target = target_of(service, request)
            return self._answered(target, request, scope, request_id)
        except NoSuchOperation as error:
            self.tally.count(self.tally.not_simulated, str(error))
            wrong = AwsError("UnknownOperationException", str(error), 404)
        except AwsError as error:
            wrong = error
        if self.canary:
            wrong.message = self.canary.message(wrong.message, target.name if target else "None")
        operation = target.operation if target else None
        return error_reply(service, protocol_of(service, request), wrong, request_id, operation)

    def _answered(
        self, target: Target, request: HttpRequest, scope: Scope, request_id: str
    ) -> HttpReply:
        name = f"{target.service}:{target.name}"
        self.tally.count(self.tally.calls, name)
        principal, account = authenticated(
            self.world,
            target,
            scope.access_key_id,
            request.headers.get("x-amz-security-token"),
            scope.region,
        )
        parameters = parameters_of(target, request)
        if self.canary:
            parameters = self.canary.stripped(parameters)
        place = (_concerned_account(target, parameters, account.id), scope.region)
        faults = self.world.faults.met(target.service, target.name, *place)
        _raise_faults(faults, target, principal, parameters)
        authorize(self.world, target, principal, account, scope.region)
        call = Call(
            world=self.world,
            service=target.service,
            name=target.name,
            account=account,
            region=scope.region,
            parameters=parameters,
            principal=principal,
        )
        reply = self._result(target, call, request_id)
        if any(fault.kind is FaultKind.TRUNCATED for fault in faults):
            raise Truncated(reply)
        return reply

    def _result(self, target: Target, call: Call, request_id: str) -> HttpReply:
        name = f"{target.service}:{target.name}"
        function = operation_of(target.service, target.name)
        if function is None:
            self.tally.count(self.tally.not_simulated, name)
            raise AwsError("NotImplementedBySimulator", f"{name} is not simulated.", 501)
        try:
            return result_reply(target, function(call), request_id, self.canary)
        except Misfit as error:
            wrong = str(error)
        except AwsError:
            raise
        except Exception as error:  # a bug of an operation must be seen, not end the connection
            log.exception("%s failed", name)
            wrong = f"{name} failed: {type(error).__name__}: {error}"
        log.error("simulator: %s", wrong)
        self.tally.count(self.tally.misfits, wrong)
        raise AwsError("SimulatorMisfit", wrong, 500, misfit=wrong)


def _concerned_account(target: Target, parameters: dict[str, Any], caller: str) -> str:
    """Faults of AssumeRole are about the account of the role, not about the caller's."""
    parts = str(parameters.get("RoleArn", "")).split(":")
    is_assumed = target.name == "AssumeRole" and len(parts) == 6
    return parts[4] if is_assumed else caller


def _raise_faults(
    faults: list[Fault], target: Target, principal: Principal, parameters: dict[str, Any]
) -> None:
    is_global = target.service in GLOBAL_SERVICES
    is_further_page = any(parameters.get(token) for token in PAGE_TOKENS)
    for fault in faults:
        if fault.kind is FaultKind.SLOW:
            time.sleep(fault.milliseconds / 1000)
        elif fault.kind is FaultKind.TIMEOUT:
            raise NoReply
        elif fault.kind is FaultKind.LISTING_BREAKS and is_further_page:
            raise standard_error(Kind.INTERNAL, target.service, target.protocol)
        elif fault.is_about_roles and target.name == "AssumeRole":
            is_there = fault.kind is FaultKind.EXTERNAL_ID
            raise role_denied(principal, str(parameters.get("RoleArn")), exists=is_there)
        elif fault.is_about_permission and (not is_global or fault.names_service):
            raise _permission_error(fault, target, principal)
        elif fault.kind in (FaultKind.THROTTLE, FaultKind.ERROR500):
            raise standard_error(FAULT_ERRORS[fault.kind], target.service, target.protocol)


def _permission_error(fault: Fault, target: Target, principal: Principal) -> AwsError:
    if fault.kind in FAULT_ERRORS:
        return standard_error(FAULT_ERRORS[fault.kind], target.service, target.protocol)
    return denied(target, principal, by_policy=fault.kind is FaultKind.SCP_DENIED)
