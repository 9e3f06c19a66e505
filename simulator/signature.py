"""What a request's signature says: whose key, for which region and service.

The signature itself is not verified: keys of the simulator open nothing.
"""

import functools
import re
from dataclasses import dataclass

from botocore.session import Session

from simulator.operations.base import simulated_services
from simulator.protocol import HttpRequest, NoSuchOperation, service_model, target_of

_SCOPE = re.compile(r"Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")
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
    """`signing_name` is AWS's name of the service, which may differ from botocore's."""

    access_key_id: str
    region: str
    signing_name: str


def scope_of(request: HttpRequest) -> Scope | None:
    """None for a request that is not signed."""
    match = _SCOPE.search(request.headers.get("authorization", ""))
    if match is None:
        return None
    return Scope(access_key_id=match[1], region=match[2], signing_name=match[3])


def service_of(scope: Scope, request: HttpRequest) -> str | None:
    """The botocore service that a request is for; some services sign by the same name."""
    candidates = _services_signing_as(scope.signing_name)
    if len(candidates) < 2:
        return next(iter(candidates), None)
    for service in candidates:
        try:
            target_of(service, request)
        except NoSuchOperation:
            continue
        return service
    return candidates[0]


@functools.cache
def _services_signing_as(signing_name: str) -> list[str]:
    simulated = sorted(simulated_services())
    found = [name for name in simulated if service_model(name).signing_name == signing_name]
    if found:
        return found
    name = OTHER_SIGNING_NAMES.get(signing_name, signing_name)
    return [name] if name in Session().get_available_services() else []
