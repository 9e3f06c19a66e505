"""A small organization with facts and checks of its own, scanned without AWS.

Boxes lie in regions, shelves in an account, a sign in the organization. A box is sealed, new and
looked at daily; a region has a box; an account has shelves with the labels of its boxes; and every
label stands on the sign.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from accounts.models import Account, Organization
from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import At, Check, Definition
from findings.checks.outcomes import all_of, any_of, every, not_applicable, outcome, part
from findings.checks.parameters import Days
from findings.facts.base import (
    AWS_GLOBAL,
    AWS_ORGANIZATION,
    Fact,
    Gap,
    GapReason,
    Scope,
)
from findings.models import Episode, Finding, RegionState, Scan, ScanAccount, Shard
from findings.packing import pack
from findings.planning import Selection
from findings.services.commits import Harvest, shard_commit
from findings.services.scan_end import (
    account_assess,
    account_collected,
    organization_assess,
)
from findings.services.scans import scan_request, scan_start
from findings.services.shards import account_claim, shard_claim, shards_waiting
from tests.factories.accounts import AccountFactory, OrganizationFactory

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
REGION, OTHER_REGION = "eu-west-1", "us-east-1"


class Box(Fact, kind="lab.box", identity=("name",), volatile=("looked_at",)):
    name: str
    is_sealed: bool
    made_at: dt.datetime
    looked_at: dt.datetime
    label: str


class Shelf(Fact, kind="lab.shelf", scope=Scope.ACCOUNT, identity=("label",)):
    label: str


class Sign(Fact, kind="lab.sign", scope=Scope.ORGANIZATION, identity=("text",)):
    text: str


def box(name="a", is_sealed=True, made_at=NOW, looked_at=NOW, label=""):
    return Box(name=name, is_sealed=is_sealed, made_at=made_at, looked_at=looked_at, label=label)


def denied(kind="lab.box", operation="lab:ListBoxes"):
    return Gap(kind=kind, reason=GapReason.ACCESS_DENIED, operation=operation, code="AccessDenied")


def box_is_sealed(box, facts, context):
    if box.label == "sample":
        return not_applicable("samples stay open")
    return all_of(part("sealed", lambda: box.is_sealed))


def box_is_new(box, facts, context):
    return outcome(context.within(box.made_at, days=context.days), f"made {box.made_at:%F}")


def box_is_looked_at(box, facts, context):
    return outcome(context.within(box.looked_at, days=1), "looked at daily")


def region_has_box(facts, context):
    return any_of(facts.of(Box), lambda box: True)


def account_has_shelf_for_boxes(facts, context):
    labels = {shelf.label for shelf in facts.of(Shelf)}
    return all_of(
        part("shelf", lambda: bool(labels)),
        part("labels", lambda: all(not b.label or b.label in labels for b in facts.of(Box))),
    )


def account_boxes_are_sealed(facts, context):
    return every(facts.of(Box), lambda box: outcome(box.is_sealed))


def box_label_is_on_sign(box, facts, context):
    if not box.label:
        return not_applicable("no label")
    return any_of(facts.of(Sign), lambda sign: sign.text == box.label)


def define(function, **fields):
    given = {
        "title": function.__name__.replace("_", " "),
        "row": Row.AUDIT,
        "severity": Severity.HIGH,
        "best_practices": ("OPS01-BP01",),
        "principles": (Principle.OPERATIONS_AS_CODE,),
        "remediation": "as its name says",
    }
    return Definition(id=function.__name__, check=Check(**(given | fields)), function=function)


DEFINITIONS = (
    define(box_is_sealed, resource=Box),
    define(box_is_new, resource=Box, row=Row.CHANGE, parameters=(Days("days", 30),)),
    define(box_is_looked_at, resource=Box, row=Row.MONITORING, severity=Severity.CRITICAL),
    define(region_has_box, scope=Scope.REGION, needs=(Box,)),
    define(account_has_shelf_for_boxes, scope=Scope.ACCOUNT, needs=(Shelf, Box)),
    define(account_boxes_are_sealed, scope=Scope.ACCOUNT, needs=(Box,)),
    define(box_label_is_on_sign, resource=Box, needs=(At(Scope.ORGANIZATION, Sign),)),
)
ALL = MappingProxyType({definition.id: definition for definition in DEFINITIONS})


def only(*names, **changes):
    """A registry of some of the checks, each with changed fields of its declaration."""
    chosen = {name: ALL[name] for name in names}
    changed = {
        name: replace(d, check=replace(d.check, **changes)) if changes else d
        for name, d in chosen.items()
    }
    return MappingProxyType(changed)


Found = Mapping[str, object]


@dataclass
class Lab:
    """Scans an organization; what is found in a region is told by the test."""

    registry: Mapping[str, Definition] = field(default_factory=lambda: ALL)
    regions: tuple[str, ...] = (REGION,)
    organization: Organization = None  # type: ignore[assignment]
    account: Account = None  # type: ignore[assignment]
    now: dt.datetime = NOW

    def __post_init__(self) -> None:
        self.organization = self.organization or OrganizationFactory(regions=list(self.regions))
        self.account = self.account or AccountFactory(
            organization=self.organization,
            account_id=self.organization.management_account_id,
        )

    def again(self) -> "Lab":
        """The same rows as the database has them now, for another test that shares them."""
        organization = Organization.objects.get(pk=self.organization.pk)
        account = Account.objects.select_related("organization").get(pk=self.account.pk)
        return replace(self, organization=organization, account=account)

    def wait(self, **time) -> "Lab":
        self.now += dt.timedelta(**time)
        return self

    def request(self, **selection) -> Scan:
        return scan_request(
            actor=None,
            organization=self.organization,
            selection=Selection(**{name: tuple(found) for name, found in selection.items()}),
            trigger=Scan.Trigger.PERSON,
            now=self.now,
            registry=self.registry,
        )

    def start(self, **selection) -> Scan:
        scan = self._started(**selection)
        scan.refresh_from_db()
        return scan

    def _started(self, **selection) -> Scan:
        scan = self.request(**selection)
        scan_start(scan_id=scan.pk, registry=self.registry, now=self.now)
        return scan

    def claim_account(self, scan: Scan, account: Account | None = None) -> ScanAccount:
        return self._claimed(scan.scan_accounts.get(account=account or self.account).pk)

    def _claimed(self, member: int) -> ScanAccount:
        found = account_claim(scan_account_id=member, registry=self.registry, now=self.now)
        assert found is not None
        return found

    def claim(self, shard: Shard):
        return shard_claim(shard=shard, registry=self.registry, now=self.now)

    def harvest(self, claim, facts: Found, state="enabled", at=None) -> Harvest:
        wanted = {kind: facts.get(kind, ()) for kind in claim.kinds}
        return Harvest(
            shard=claim.shard,
            account=claim.account,
            region=claim.region,
            token=claim.token,
            packed=pack(claim.kinds, wanted, [{"operation": "lab:ListBoxes"}]),
            region_state=RegionState.State(state),
            collected_from=at or self.now,
            collected_at=at or self.now,
        )

    def commit(self, harvest: Harvest) -> bool:
        return shard_commit(harvest=harvest, registry=self.registry, now=self.now)

    def collect(self, scan: Scan, facts: Found, states: Mapping[str, str] | None = None) -> None:
        """Commit every shard of a started scan; ``facts`` may be by region, or for all."""
        pending = scan.scan_accounts.filter(state=ScanAccount.State.PENDING)
        for member in pending.values_list("pk", flat=True):
            claimed = self._claimed(member)
            for shard in shards_waiting(scan_account=claimed, now=self.now):
                found = facts.get(shard.region, facts)
                state = (states or {}).get(shard.region, "enabled")
                self.commit(self.harvest(self.claim(shard), found, state))
            account_collected(scan_account_id=member, now=self.now)

    def end(self, scan: Scan) -> Scan:
        assessing = scan.scan_accounts.filter(state=ScanAccount.State.ASSESSING)
        for member in assessing.values_list("pk", flat=True):
            account_assess(scan_account_id=member, registry=self.registry, now=self.now)
        organization_assess(scan_id=scan.pk, registry=self.registry, now=self.now)
        scan.refresh_from_db()
        return scan

    def scan(self, *boxes, states=None, selection=None, **more: object) -> Scan:
        """A whole scan that finds these boxes in every region (or ``facts=`` by kind)."""
        facts = more.get("facts", {"lab.box": boxes})
        scan = self._started(**(selection or {}))
        self.collect(scan, facts, states)
        return self.end(scan)


def open_findings(**conditions) -> dict[tuple[str, str], Finding]:
    return {(f.check_id, f.resource): f for f in Finding.objects.open().filter(**conditions)}


def finding(check="box_is_sealed", resource="a", **conditions) -> Finding:
    return Finding.objects.get(check_id=check, resource=resource, **conditions)


def episodes(check="box_is_sealed", resource="a") -> list[Episode]:
    found = Episode.objects.filter(finding__check_id=check, finding__resource=resource)
    return list(found.order_by("number"))


PSEUDO = (AWS_GLOBAL, AWS_ORGANIZATION)


class Crate(Fact, kind="lab.crate", identity=("name",)):
    """Like a box, but nothing of it moves by itself."""

    name: str
    made_at: dt.datetime


def crate_is_new(crate, facts, context):
    return outcome(context.within(crate.made_at, days=context.days), f"made {crate.made_at:%F}")


def crate_is_not_in_production(crate, facts, context):
    return outcome(context.account.environment != "production")


def shelf_is_labelled(facts, context):
    return outcome(all(shelf.label for shelf in facts.of(Shelf)))


STABLE = MappingProxyType(
    {
        definition.id: definition
        for definition in (
            define(crate_is_new, resource=Crate, row=Row.CHANGE, parameters=(Days("days", 30),)),
            define(crate_is_not_in_production, resource=Crate),
            define(shelf_is_labelled, scope=Scope.ACCOUNT, needs=(Shelf,)),
        )
    }
)
