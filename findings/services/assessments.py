"""Evaluation of checks over current evidence, in three stages, and what it leaves behind.

A region's checks run when its shard is committed, an account's when its last shard has ended, the
organization's when its last account has. What was evaluated before over the same evidence, checks,
parameters and account context is skipped until one of its outcomes can change by time alone; checks
that read volatile fields run at every scan.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import Account, Organization
from findings.checks.base import Definition, Registry, Result, Run, homes, kinds_of, run
from findings.checks.context import Horizon
from findings.checks.outcomes import Status
from findings.facts.base import AWS_GLOBAL, AWS_ORGANIZATION, Place, Scope, ShardFacts
from findings.facts.declared import Declared
from findings.models import CheckSet, Evaluation, RegionState, Scan
from findings.services.check_sets import check_set_digest, check_set_store
from findings.services.contexts import (
    Overrides,
    account_context,
    context_digest,
    overrides_of,
    plans_digest,
    tools_digest,
)
from findings.services.current import (
    CurrentEvidence,
    Stored,
    current_evidence,
    evidence_of_place,
    superseded_evidence,
)
from findings.services.declared_tools import tools_of
from findings.services.finding_writer import Judgement, Sight
from findings.services.findings import findings_apply
from findings.services.openings import Background, place_label
from findings.services.places import place_lock
from findings.services.statuses import Home, statuses_apply
from findings.services.workflow import claims_reject


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What one evaluation is of; its anchor's row is locked and holds the evaluation."""

    stage: Scope
    organization: Organization
    anchor: Account
    region: str
    accounts: Sequence[Account]
    place: RegionState | None = None
    """The anchor's row, where the caller holds it."""

    @property
    def states(self) -> Mapping[str, object]:
        """The condition on the regions whose evidence is read."""
        if self.stage is Scope.REGION:
            return {"account": self.anchor.pk, "region": self.region}
        return {"account__in": [account.pk for account in self.accounts]}


def region_subject(account: Account, region: str, place: RegionState | None = None) -> Subject:
    return Subject(
        stage=Scope.REGION,
        organization=account.organization,
        anchor=account,
        region=region,
        accounts=[account],
        place=place,
    )


def account_subject(account: Account) -> Subject:
    return Subject(
        stage=Scope.ACCOUNT,
        organization=account.organization,
        anchor=account,
        region=AWS_GLOBAL,
        accounts=[account],
    )


def organization_subject(organization: Organization) -> Subject | None:
    """None for accounts without a management account among them: nothing speaks for the whole."""
    accounts = list(scanned_accounts(organization))
    management = next((account for account in accounts if account.is_management), None)
    if management is None:
        return None
    return Subject(
        stage=Scope.ORGANIZATION,
        organization=organization,
        anchor=management,
        region=AWS_ORGANIZATION,
        accounts=accounts,
    )


def scanned_accounts(organization: Organization) -> Iterable[Account]:
    accounts = Account.objects.filter(organization=organization).scannable()
    return accounts.select_related("ou", "organization")


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """Why something is evaluated: a scan, or stored evidence once more."""

    registry: Registry
    now: datetime
    scan: Scan | None = None
    baselines: Container[int] = frozenset()
    """Pks of accounts whose first scan this is."""
    fresh: Mapping[int, ShardFacts] = field(default_factory=dict)
    """Facts that are in memory, by shard."""
    stored: Mapping[int, Stored] = field(default_factory=dict)
    """What is stored of shards, where it is in memory."""


def stage_assess(*, subject: Subject, occasion: Occasion) -> bool:
    """Evaluate a stage; whether anything had to be. Inside a transaction."""
    staged = [d for d in occasion.registry.values() if d.stage is subject.stage]
    if not staged:
        return False
    current = _current(subject, occasion, set(kinds_of(staged)))
    definitions = [definition for definition in staged if current.supplies(definition)]
    if not definitions:
        return False
    return _Assessment(subject, occasion, current, definitions).take_place()


def _current(subject: Subject, occasion: Occasion, kinds: set[str]) -> CurrentEvidence:
    """The evidence of a subject, whose anchor is held from here on."""
    anchor = subject.anchor
    held = subject.place or place_lock(account_id=anchor.pk, region=subject.region)
    if subject.stage is Scope.REGION:
        place = Place(anchor.account_id, subject.region)
        return evidence_of_place(place, held, kinds, occasion.stored)
    return current_evidence(RegionState.objects.filter(**subject.states), kinds)


_At = tuple[Definition, Place]


class _Assessment:
    """One evaluation: what is due, what it says, and what is written of it."""

    def __init__(
        self,
        subject: Subject,
        occasion: Occasion,
        current: CurrentEvidence,
        definitions: list[Definition],
    ) -> None:
        self.subject, self.occasion, self.current = subject, occasion, current
        self.definitions = definitions
        self.overrides, self.tools = self._overrides(), self._tools()
        self.versions = {d.id: self._version(d) for d in definitions}
        self.context = context_digest(subject.accounts)
        evaluations = Evaluation.objects.select_related("check_set").order_by()
        of = {"account": subject.anchor, "region": subject.region, "stage": subject.stage.value}
        self.previous = evaluations.filter(**of).first()
        self.pks = {account.account_id: account.pk for account in subject.accounts}

    def take_place(self) -> bool:
        key = self._key()
        late = self._late()
        due = self.definitions if late else self._due(key)
        if due:
            stable, volatile = Horizon(self.occasion.now), Horizon(self.occasion.now)
            results = [
                *self._run(self.current, [d for d in due if not d.reads_volatile], stable),
                *self._run(self.current, [d for d in due if d.reads_volatile], volatile),
            ]
            self._write(due, results, late)
            self._remember(key, due, results, stable.valid_until, volatile.valid_until)
        self._reject_claims()
        return bool(due)

    def _overrides(self) -> Overrides:
        """Read if any of the checks has a parameter."""
        of, registry = self.subject, self.occasion.registry
        if any(definition.check.parameters for definition in self.definitions):
            return overrides_of(of.organization, of.accounts, registry)
        return Overrides([], of.accounts, registry)

    def _tools(self) -> Mapping[str, tuple[Declared, ...]]:
        """Read if a tool may stand in for any of the checks."""
        if any(definition.check.alternatives for definition in self.definitions):
            return tools_of(self.subject.organization, self.subject.accounts, self.occasion.now)
        return {}

    def _version(self, definition: Definition) -> str:
        """Version and parameters of a check, and the tools that stand in for it, if any."""
        told = self.overrides.digest(definition, self.subject.accounts)
        standing_in = tools_digest(definition, self.tools, self.occasion.now)
        return f"{told}:{standing_in}" if standing_in else told

    def _late(self) -> CurrentEvidence | None:
        """What the scan found where a newer one was committed before it."""
        sources = {r.shard for found in self.current.references.values() for r in found.values()}
        scan = self.occasion.scan
        if scan is None or sources <= self.occasion.fresh.keys() or self.current.scans <= {scan.pk}:
            return None
        shards = scan.shards.filter(**self.subject.states)
        return superseded_evidence(self.current, shards)

    def _key(self) -> str:
        parts = (
            self.current.digest(self.definitions),
            check_set_digest(self.versions),
            self.context,
            plans_digest(self.definitions, self.tools, self.occasion.now),
        )
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def _due(self, key: str) -> list[Definition]:
        """The checks whose outcome may differ from what was last said."""
        previous = self.previous
        if previous is None or previous.key != key:
            return self.definitions
        now = self.occasion.now
        is_stable_due = previous.valid_until is not None and now > previous.valid_until
        is_volatile_due = self.occasion.scan is not None or (
            previous.volatile_until is not None and now > previous.volatile_until
        )
        return [
            definition
            for definition in self.definitions
            if (is_volatile_due if definition.reads_volatile else is_stable_due)
        ]

    def _run(
        self, current: CurrentEvidence, definitions: list[Definition], horizon: Horizon
    ) -> list[Result]:
        if not definitions:
            return []
        given = Run(
            accounts={a.account_id: account_context(a) for a in self.subject.accounts},
            horizon=horizon,
            overrides=self.overrides,
            tools=self.tools,
        )
        fresh = self.occasion.fresh
        if self.subject.stage is not Scope.ORGANIZATION:
            return list(run(definitions, current.load(definitions, fresh), current.places, given))
        return [
            result
            for definition, evidence in current.in_turn(definitions, fresh)
            for result in run([definition], evidence, current.places, given)
        ]

    def _home(self, check: str, place: Place) -> Home:
        return Home(self.pks[place.account], place.region, check)

    def _write(
        self, due: list[Definition], results: list[Result], late: CurrentEvidence | None
    ) -> None:
        at = {
            self._home(definition.id, place): (definition, place)
            for definition in due
            for place in homes(definition, self.current.places)
        }
        seen = self._sight(self.current, at, results)
        evaluated = {home: definition for home, (definition, _) in at.items()}
        statuses_apply(homes=evaluated, results=seen.results, now=self.occasion.now)
        findings_apply(
            Judgement(
                organization_id=self.subject.organization.pk,
                scan=self.occasion.scan,
                now=self.occasion.now,
                homes=evaluated,
                seen=seen,
                earlier=self._sight_of_late(late, at, due) if late else None,
                shards=self._shards(),
                background=self._background(),
            )
        )

    def _sight(
        self, current: CurrentEvidence, at: Mapping[Home, _At], results: list[Result]
    ) -> Sight:
        return Sight(
            results=[(self._home(r.check, Place(r.account, r.region)), r) for r in results],
            facts_at={home: current.oldest(d, place) for home, (d, place) in at.items()},
        )

    def _sight_of_late(
        self, late: CurrentEvidence, at: Mapping[Home, _At], due: list[Definition]
    ) -> Sight:
        return self._sight(late, at, self._run(late, due, Horizon(self.occasion.now)))

    def _shards(self) -> dict[tuple[int, str], int]:
        """The newest shard behind the evidence of each place."""
        return {
            (self.pks[place.account], place.region): max(ref.shard for ref in found.values())
            for place, found in self.current.references.items()
            if found
        }

    def _background(self) -> Background:
        return Background(
            previous=self.previous,
            versions=self.versions,
            context=self.context,
            baselines=self.occasion.baselines,
            scan=self.occasion.scan,
            accounts={pk: account for account, pk in self.pks.items()},
        )

    def _remember(
        self,
        key: str,
        due: list[Definition],
        results: list[Result],
        valid_until: datetime | None,
        volatile_until: datetime | None,
    ) -> None:
        previous = self.previous
        ran = {definition.id for definition in due}
        is_whole = any(not definition.reads_volatile for definition in due)
        evaluation = Evaluation(
            pk=previous.pk if previous else None,
            account=self.subject.anchor,
            region=self.subject.region,
            stage=self.subject.stage.value,
            key=key,
            context=self.context,
            check_set=self._check_set(),
            not_yet_known=self._not_yet_known(ran, results),
            evaluated_at=self.occasion.now,
            valid_until=valid_until if is_whole or previous is None else previous.valid_until,
            volatile_until=volatile_until,
        )
        evaluation.save(force_insert=previous is None, force_update=previous is not None)

    def _check_set(self) -> CheckSet:
        previous = self.previous
        if previous and previous.check_set.sha256 == check_set_digest(self.versions):
            return previous.check_set
        return check_set_store(versions=self.versions, now=self.occasion.now)

    def _not_yet_known(self, ran: set[str], results: list[Result]) -> list[str]:
        """Checks, by place, that have never had what they need; once known they stay known."""
        previous = self.previous
        before = set(previous.not_yet_known) if previous else set()
        evaluated = set(previous.check_set.body) if previous else set()
        unclear = self._unclear(results)
        return sorted(
            {label for label in before if label.partition("@")[0] not in ran}
            | {
                label
                for label in unclear
                if label in before or label.partition("@")[0] not in evaluated
            }
        )

    def _unclear(self, results: list[Result]) -> set[str]:
        """Labels of checks whose listing had a gap, or of which nothing was known."""
        by_label: dict[str, list[Result]] = {}
        anchor = Evaluation(region=self.subject.region)
        for result in results:
            label = place_label(result.check, result.region, anchor)
            by_label.setdefault(label, []).append(result)
        return {
            label
            for label, found in by_label.items()
            if any(r.status is Status.UNKNOWN and not r.resource for r in found)
            or all(r.status is Status.UNKNOWN for r in found)
        }

    def _reject_claims(self) -> None:
        """Fixes that were claimed before the evidence was collected, and are not there."""
        claims_reject(
            organization_id=self.subject.organization.pk,
            accounts=self.pks.values(),
            region=self.subject.region if self.subject.stage is Scope.REGION else "",
            facts_at=lambda check, account, region: self.current.oldest(
                self.occasion.registry[check], Place(account, region)
            ),
            checks={definition.id for definition in self.definitions},
            scan=self.occasion.scan,
            now=self.occasion.now,
        )
