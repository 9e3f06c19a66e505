"""Assess one AWS account from where you stand: no database, no broker, no assumed role.

::

    import boto3
    from workers.assess import assess

    assessment = assess(boto3.Session(), regions=["eu-west-1"], rows=["O2"])
    for result in assessment.results:
        print(result.outcome, result.check, result.resource, result.message)

What could not be read is in ``assessment.gaps``; what depends on it has the outcome *unknown*.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError

from findings.checks.base import Definition, Result, Run, built_in, kinds_of, run
from findings.checks.context import AccountContext, Horizon
from findings.checks.outcomes import Status
from findings.facts.base import (
    AWS_GLOBAL,
    AWS_ORGANIZATION,
    Evidence,
    Gap,
    Place,
    Scope,
    is_collected_at,
    not_supplied,
)
from findings.facts.declared import Declared
from findings.facts.organizations import Organization
from workers.assess_input import (
    AssessContext,
    BadInput,
    chosen_checks,
    declared_tools,
    require_parameters,
    require_regions,
)
from workers.assess_organization import Standing, standing_of
from workers.aws.access import AccessError, RoleAccess
from workers.aws.collection import Collection, RegionState, collect
from workers.aws.engine.clients import Clients
from workers.aws.errors import is_aws_error
from workers.aws.regions import enabled_regions
from workers.aws.roles import ChainCredentials, refusal
from workers.aws.sessions import AccountSession
from workers.collectors.base import collectors

if TYPE_CHECKING:
    import boto3

__all__ = ["AccessError", "AssessContext", "Assessment", "BadInput", "assess", "default_session"]

ALL_REGIONS = "all"
REGIONS_AT_ONCE, KINDS_AT_ONCE = 4, 16
OUT_OF_SCOPE = (RegionState.DENIED_BY_POLICY, RegionState.OPTED_OUT)


@dataclass(frozen=True, kw_only=True)
class AssessedPart:
    name: str
    outcome: str
    message: str


@dataclass(frozen=True, kw_only=True)
class AssessedResult:
    """One verdict: outcome is pass, fail, unknown or not_applicable."""

    check: str
    outcome: str
    account: str
    region: str
    resource: str
    message: str
    parts: tuple[AssessedPart, ...]


@dataclass(frozen=True, kw_only=True, order=True)
class AssessedGap:
    """What could not be collected, where, and why."""

    account: str
    region: str
    kind: str
    operation: str
    reason: str
    code: str


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """All results and gaps of one account."""

    account: str
    regions: tuple[str, ...]
    results: tuple[AssessedResult, ...]
    gaps: tuple[AssessedGap, ...]

    @property
    def exit_code(self) -> int:
        """2 when not everything could be collected, else 1 when something failed, else 0."""
        outcomes = {result.outcome for result in self.results}
        if self.gaps or Status.UNKNOWN in outcomes:
            return 2
        return 1 if Status.FAIL in outcomes else 0


def assess(
    session: boto3.Session,
    *,
    regions: Sequence[str] | str | None = None,
    checks: Sequence[str] | None = None,
    rows: Sequence[str] | None = None,
    context: AssessContext | None = None,
    now: datetime | None = None,
) -> Assessment:
    """Collect what the checks need with the session's credentials, and evaluate them.

    ``regions`` are names, or "all" for those the account has enabled; by default the session's own.
    ``checks`` and ``rows`` choose among the built-in checks, by default all. The endpoint is AWS,
    or AWS_ENDPOINT_URL. Raises BadInput, and AccessError when there are no usable credentials.
    """
    registry = built_in()
    definitions = chosen_checks(registry, checks, rows)
    given = context or AssessContext()
    require_parameters(registry, given)
    tools = declared_tools(given)
    account = _enter(session, regions)
    names = _chosen_regions(account, regions)
    shards = _collect(account, names, definitions)
    at = now or datetime.now(UTC)
    standing = _standing(account.account, shards, given)
    running = _running(account.account, given, standing, tools, at)
    evaluated = _evaluate(shards, definitions, running)
    results = [standing.said(result) for result in evaluated]
    return Assessment(
        account=account.account,
        regions=names,
        results=tuple(_assessed(result) for result in results),
        gaps=tuple(sorted(set(_gaps(shards, results, definitions, standing)))),
    )


def default_session() -> boto3.Session:
    """A session of the environment, the profile, or the machine; raises BadInput.

    As with AWS's other tools, AWS_REGION goes before what boto3 reads: AWS_DEFAULT_REGION and the
    profile's region.
    """
    import boto3

    try:
        return boto3.Session(region_name=os.environ.get("AWS_REGION") or None)
    except BotoCoreError as error:
        raise BadInput(f"the AWS configuration is wrong: {error}") from error


def _credentials_of(session: boto3.Session) -> Credentials | None:
    try:
        return session.get_credentials()
    except BotoCoreError as error:
        raise refusal(error, "the caller's identity") from error


def _enter(session: boto3.Session, regions: Sequence[str] | str | None) -> AccountSession:
    """The session's account; raises AccessError without usable credentials."""
    named = _named(regions)
    home = session.region_name or (named[0] if named else "")
    if not home:
        raise BadInput("no region: name regions, or set AWS_DEFAULT_REGION or the profile's region")
    require_regions(session, [home, *named])
    profile = session.profile_name if session.profile_name in session.available_profiles else None
    entered = AccountSession(
        account="",
        access=RoleAccess(home_region=home, partition=session.get_partition_for_region(home)),
        credentials=ChainCredentials(_credentials_of(session)),
        clients=Clients(profile=profile, events=session.events),
    )
    place = entered.region(AWS_GLOBAL)
    try:
        with place.collecting("identity"):
            identity = place.client("sts").get_caller_identity()
    except Exception as error:
        if not is_aws_error(error):
            raise
        raise refusal(error, "the caller's identity") from error
    return replace(entered, account=identity["Account"])


def _named(regions: Sequence[str] | str | None) -> list[str]:
    if regions is None or regions == ALL_REGIONS:
        return []
    return [regions] if isinstance(regions, str) else list(dict.fromkeys(regions))


def _chosen_regions(
    account: AccountSession, regions: Sequence[str] | str | None
) -> tuple[str, ...]:
    if regions == ALL_REGIONS:
        return enabled_regions(account)
    return tuple(_named(regions) or [account.access.home_region])


def _collect(
    account: AccountSession, regions: Sequence[str], definitions: list[Definition]
) -> dict[Place, Collection]:
    """Each place with the kinds of facts that belong to it, side by side."""
    known = collectors()
    needed = kinds_of(definitions)
    if any(fact.scope is Scope.ORGANIZATION for fact in needed.values()):
        needed[Organization.kind] = Organization
    wanted = [fact for kind, fact in needed.items() if kind in known]
    places = [Place(account.account, name) for name in (*regions, AWS_GLOBAL, AWS_ORGANIZATION)]
    with ThreadPoolExecutor(REGIONS_AT_ONCE) as shards, ThreadPoolExecutor(KINDS_AT_ONCE) as pool:
        running = {
            place: shards.submit(
                collect,
                account.region(place.region),
                [fact.kind for fact in wanted if is_collected_at(fact, place)],
                pool=pool,
                keep_going=True,
            )
            for place in places
        }
        return {place: future.result() for place, future in running.items()}


def _standing(account: str, shards: Mapping[Place, Collection], given: AssessContext) -> Standing:
    found = shards[Place(account, AWS_ORGANIZATION)].facts.get(Organization.kind, ())
    return standing_of(account, found, given=given.is_management)


def _running(
    account: str,
    given: AssessContext,
    standing: Standing,
    tools: tuple[Declared, ...],
    now: datetime,
) -> Run:
    context = AccountContext(
        id=account,
        name=given.name or account,
        ou_path=given.ou_path,
        environment=given.environment,
        tags=dict(given.tags),
        is_management=standing.is_management,
    )
    return Run(
        accounts={account: context},
        horizon=Horizon(now),
        overrides=lambda check, _account: given.parameters.get(check, {}),
        tools={account: tools},
    )


def _evaluate(
    shards: Mapping[Place, Collection], definitions: list[Definition], running: Run
) -> list[Result]:
    known = {
        place: shard.facts
        for place, shard in shards.items()
        if shard.region_state not in OUT_OF_SCOPE
    }
    return list(run(definitions, Evidence(known), known, running))


def _assessed(result: Result) -> AssessedResult:
    return AssessedResult(
        check=result.check,
        outcome=str(result.status),
        account=result.account,
        region=result.region,
        resource=result.resource,
        message=result.message,
        parts=tuple(
            AssessedPart(name=part.name, outcome=str(part.status), message=part.message)
            for part in result.parts
        ),
    )


def _gaps(
    shards: Mapping[Place, Collection],
    results: list[Result],
    definitions: list[Definition],
    standing: Standing,
) -> Iterator[AssessedGap]:
    """What could not be listed, and what a result wanted to read and could not.

    What a member cannot read of its organization counts where a result wanted it.
    """
    needed = kinds_of(definitions)
    wanted = {gap for result in results for gap in result.gaps}
    for place, shard in shards.items():
        is_foreign = standing.is_member and place.region == AWS_ORGANIZATION
        for kind, found in shard.facts.items():
            if not isinstance(found, Gap):
                for fact in found:
                    yield from (_gap(gap, place) for gap in wanted & set(fact.gaps.values()))
            elif kind in needed and (found in wanted or not is_foreign):
                yield _gap(found, place)
    for result in results:
        place = Place(result.account, result.region)
        yield from (_gap(gap, place) for gap in result.gaps if gap == not_supplied(gap.kind))


def _gap(gap: Gap, place: Place) -> AssessedGap:
    return AssessedGap(
        account=place.account,
        region=place.region,
        kind=gap.kind,
        operation=gap.operation,
        reason=str(gap.reason),
        code=gap.code,
    )
