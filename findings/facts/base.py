"""Facts: typed observations of AWS, and gaps: why something is not known.

A fact class is declared once, with what identifies it and which of its fields move by themselves::

    class Trail(Fact, kind="cloudtrail.trail", identity=("arn",), volatile=("delivered_at",)):
        arn: str
        is_logging: bool
        delivered_at: datetime | None

Every field is given by its parser; ``None`` says that AWS has nothing there. A field may be given a
:class:`Gap` instead of a value: reading it raises :class:`NotCollected`, which the engine of the
checks turns into *unknown*. So no check can mistake "not collected" for "absent".
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar, dataclass_transform

from findings.facts.histories import History

AWS_GLOBAL = "aws-global"
AWS_ORGANIZATION = "aws-organization"


class Scope(StrEnum):
    """How far a fact or a check looks, from narrow to wide."""

    RESOURCE = "resource"
    REGION = "region"
    ACCOUNT = "account"
    ORGANIZATION = "organization"

    @property
    def width(self) -> int:
        return _WIDTHS[self]


_WIDTHS = {scope: width for width, scope in enumerate(Scope)}


def widest(*scopes: Scope) -> Scope:
    return max(scopes, key=_WIDTHS.__getitem__)


class GapReason(StrEnum):
    """Why a fact, or one of its fields, is not known."""

    ACCESS_DENIED = "access_denied"
    DENIED_BY_POLICY = "denied_by_policy"
    REGION_DISABLED = "region_disabled"
    SERVICE_NOT_AVAILABLE = "service_not_available"
    SUBSCRIPTION_REQUIRED = "subscription_required"
    THROTTLED = "throttled"
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    CREDENTIALS = "credentials"
    CAPPED = "capped"
    NOT_IN_SCHEMA = "not_in_schema"
    NOT_SUPPLIED = "not_supplied"
    NO_LONGER_KEPT = "no_longer_kept"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Gap:
    """Why something was not collected: the kind of fact, the AWS operation and its error code."""

    kind: str
    reason: GapReason
    operation: str = ""
    code: str = ""

    def __str__(self) -> str:
        where = f" by {self.operation}" if self.operation else ""
        code = f" ({self.code})" if self.code else ""
        return f"{self.kind} not collected{where}: {self.reason.replace('_', ' ')}{code}"


class NotCollected(Exception):
    """Something was read that is not known."""

    def __init__(self, *gaps: Gap) -> None:
        self.gaps = gaps
        super().__init__("; ".join(str(gap) for gap in gaps))


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Record:
    """A frozen value inside a fact; its instants are kept in UTC."""

    def __init_subclass__(cls) -> None:
        dataclass(frozen=True, kw_only=True, eq=False, repr=False)(cls)

    def __post_init__(self) -> None:
        for name, value in self.__dict__.items():
            if isinstance(value, datetime):
                self.__dict__[name] = _utc(value)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.__dict__ == self.__dict__

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in sorted(self.__dict__.items()))
        return f"{type(self).__name__}({given})"


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant in a fact needs a time zone")
    return instant.astimezone(UTC)


class Fact(Record):
    """One typed observation of one thing in AWS.

    Declared per class: ``kind`` (stable name), ``scope`` (where it is collected: region, account or
    organization), ``identity`` (fields that make it the same thing at the next scan), ``volatile``
    (fields that move on a healthy account), ``personal`` (fields shown by permission only),
    ``version`` of its schema, ``since``: the version a later field came with, and ``kept``: which
    of its fields tell of a stretch of time that the portal may know longer than AWS.
    """

    kind: ClassVar[str] = ""
    scope: ClassVar[Scope] = Scope.REGION
    identity: ClassVar[tuple[str, ...]] = ()
    volatile: ClassVar[tuple[str, ...]] = ()
    personal: ClassVar[tuple[str, ...]] = ()
    version: ClassVar[int] = 1
    since: ClassVar[Mapping[str, int]] = {}
    kept: ClassVar[History | None] = None

    def __init_subclass__(
        cls,
        *,
        kind: str,
        scope: Scope = Scope.REGION,
        identity: tuple[str, ...] = (),
        volatile: tuple[str, ...] = (),
        personal: tuple[str, ...] = (),
        version: int = 1,
        since: Mapping[str, int] | None = None,
        kept: History | None = None,
    ) -> None:
        cls.kind, cls.scope, cls.version, cls.kept = kind, scope, version, kept
        cls.identity, cls.volatile, cls.personal = identity, volatile, personal
        cls.since = dict(since or {})
        super().__init_subclass__()
        _refuse_bad_declaration(cls)
        KINDS[kind] = cls

    def __post_init__(self) -> None:
        gaps = {name: value for name, value in self.__dict__.items() if isinstance(value, Gap)}
        for name in gaps:
            del self.__dict__[name]
        super().__post_init__()
        if gaps:
            self.__dict__["_gaps"] = gaps

    def __getattr__(self, name: str) -> Any:
        gap = self.__dict__.get("_gaps", {}).get(name)
        if gap is None:
            raise AttributeError(f"{type(self).__name__} has no field {name!r}")
        raise NotCollected(gap)

    @property
    def gaps(self) -> Mapping[str, Gap]:
        """The fields that were not collected, by name."""
        found: Mapping[str, Gap] = self.__dict__.get("_gaps", {})
        return found

    @property
    def told_since(self) -> datetime | None:
        """Since when AWS itself tells, where the portal's own history reaches further back."""
        found: datetime | None = self.__dict__.get("_told_since")
        return found

    def is_remembered(self, name: str, entry: object) -> bool:
        """Whether of an entry of a field the portal's own history tells alone."""
        found: frozenset[Hashable] = self.__dict__.get("_remembered", frozenset())
        return bool(self.kept and (name, self.kept.of[name].same(entry)) in found)

    @property
    def key(self) -> str:
        """The identity as one string: the ``resource`` of a result."""
        return "/".join(str(self.__dict__[name]) for name in self.identity)


KINDS: dict[str, type[Fact]] = {}


def _refuse_bad_declaration(cls: type[Fact]) -> None:
    names = {field.name for field in fields(cls)}
    told = cls.kept.fields if cls.kept else ()
    declared = {*cls.identity, *cls.volatile, *cls.personal, *cls.since, *told}
    if unknown := declared - names:
        raise TypeError(f"{cls.__name__} declares fields it does not have: {sorted(unknown)}")
    if moving := set(cls.identity) & set(cls.volatile):
        raise TypeError(f"{cls.__name__} is identified by volatile fields: {sorted(moving)}")
    if still := set(told) - set(cls.volatile):
        raise TypeError(f"{cls.__name__}: what is told of a time moves: {sorted(still)}")
    if defaults := sorted(name for name in names if name in cls.__dict__):
        raise TypeError(f"{cls.__name__}: a fact has no defaults, give {defaults} in the parser")
    if cls.scope is Scope.RESOURCE:
        raise TypeError(f"{cls.__name__}: facts are collected per region, account or organization")
    if any(version > cls.version for version in cls.since.values()):
        raise TypeError(f"{cls.__name__}: a field cannot be newer than its schema version")
    if cls.kind in KINDS and KINDS[cls.kind].__qualname__ != cls.__qualname__:
        raise TypeError(f"two fact classes are of kind {cls.kind!r}")


class Place(NamedTuple):
    """Where facts were collected: an account and a region (or a pseudo-region)."""

    account: str
    region: str


F = TypeVar("F", bound=Fact)
T = TypeVar("T")
ShardFacts = Mapping[str, "tuple[Fact, ...] | Gap"]


class Listing(Generic[F]):
    """The facts of one kind in one scope: what is known, and what is missing.

    Iterating yields what is known and then raises :class:`NotCollected` if anything is missing, so
    ``any`` and ``all`` over a listing follow Kleene's logic; counting an incomplete one is unknown.
    """

    def __init__(self, known: Iterable[F], gaps: Iterable[Gap] = ()) -> None:
        self.known = tuple(known)
        self.gaps = tuple(gaps)

    def __iter__(self) -> Iterator[F]:
        yield from self.known
        self.require()

    def __len__(self) -> int:
        self.require()
        return len(self.known)

    def __bool__(self) -> bool:
        return bool(self.known) or bool(len(self))

    def require(self) -> None:
        """Raise :class:`NotCollected` unless the listing is complete."""
        if self.gaps:
            raise NotCollected(*self.gaps)

    def get(self, key: str) -> F | None:
        """The one with this key (the first, if several regions have one); None if there is none."""
        found = self._by_key.get(key)
        if found is None:
            self.require()
        return found

    @cached_property
    def _by_key(self) -> Mapping[str, F]:
        return {fact.key: fact for fact in reversed(self.known)}

    def find(self, **wanted: object) -> F | None:
        """The one whose fields have these values; None only when the listing is complete."""
        return next(
            (f for f in self if all(getattr(f, name) == value for name, value in wanted.items())),
            None,
        )


class Evidence:
    """The facts of many places; a listing is put together once for all checks that read it."""

    def __init__(self, shards: Mapping[Place, ShardFacts]) -> None:
        self.shards = shards
        self._of_account: dict[str, list[Place]] = {}
        for place in shards:
            self._of_account.setdefault(place.account, []).append(place)
        self._listings: dict[tuple[str, str, str], Listing[Any]] = {}
        self._indexes: dict[Hashable, Any] = {}

    def regions(self, account: str) -> list[str]:
        """The regions of an account that were to be collected, sorted."""
        regions = {place.region for place in self._of_account.get(account, ())}
        return sorted(regions - {AWS_GLOBAL, AWS_ORGANIZATION})

    def listing(self, fact: type[F], scope: Scope, place: Place) -> Listing[F]:
        """The facts of a kind seen from a place: of its region, its account or the organization."""
        wide = widest(scope, fact.scope)
        account = "" if wide is Scope.ORGANIZATION else place.account
        region = place.region if wide in (Scope.REGION, Scope.RESOURCE) else ""
        key = (fact.kind, account, region)
        if key not in self._listings:
            self._listings[key] = self._collect(fact, account, region)
        return self._listings[key]

    def index(self, key: Hashable, build: Callable[[], T]) -> T:
        """What is built from the facts, the first time that it is asked for by this key."""
        if key not in self._indexes:
            self._indexes[key] = build()
        found: T = self._indexes[key]
        return found

    def _collect(self, fact: type[F], account: str, region: str) -> Listing[F]:
        known: list[F] = []
        gaps: list[Gap] = []
        places = [
            place
            for place in (self._of_account.get(account, ()) if account else self.shards)
            if is_collected_at(fact, place) and region in ("", place.region)
        ]
        for place in places:
            found = self.shards[place].get(fact.kind, not_supplied(fact.kind))
            if isinstance(found, Gap):
                gaps.append(found)
            else:
                known.extend(found)  # type: ignore[arg-type]  # the store keys facts by kind
        return Listing(known, gaps if places else [not_supplied(fact.kind)])


class Facts:
    """What one evaluation of a check may read: the kinds it declares, at its place and wider."""

    def __init__(self, evidence: Evidence, place: Place, needs: Mapping[str, Scope]) -> None:
        self._evidence = evidence
        self._needs = needs
        self.place = place

    @property
    def regions(self) -> list[str]:
        """The regions of the account that were to be collected, whatever was found there."""
        return self._evidence.regions(self.place.account)

    def of(self, fact: type[F], scope: Scope | None = None) -> Listing[F]:
        """All facts of a kind in the declared scope, or in a narrower one around this place.

        Raises LookupError when the check did not declare the kind, or not that wide, in ``needs``.
        """
        return self._evidence.listing(fact, self._allowed(fact, scope), self.place)

    def at(self, fact: type[F], place: Place) -> Listing[F]:
        """The facts of a kind at another place of the declared scope; a gap if nobody collected it.

        Raises LookupError when ``needs`` does not reach that far.
        """
        far = Scope.ACCOUNT if place.account == self.place.account else Scope.ORGANIZATION
        self._allowed(fact, far)
        return self._evidence.listing(fact, fact.scope, place)

    def of_account(self, fact: type[F], account: str) -> Listing[F]:
        """The facts of a kind in all regions of an account; a gap if nobody collected it.

        Raises LookupError when ``needs`` does not reach that far.
        """
        far = Scope.ACCOUNT if account == self.place.account else Scope.ORGANIZATION
        self._allowed(fact, far)
        return self._evidence.listing(fact, Scope.ACCOUNT, Place(account, self.place.region))

    def index(self, key: Hashable, build: Callable[[], T]) -> T:
        """What is built once of facts of many places, for all resources that are looked up in it.

        The key names all that the build depends on besides the evidence: whose it is, and the
        parameters that it reads.
        """
        return self._evidence.index(key, build)

    def _allowed(self, fact: type[Fact], scope: Scope | None) -> Scope:
        if fact.kind not in self._needs:
            raise LookupError(f"the check reads {fact.kind!r} without declaring it in needs")
        declared = self._needs[fact.kind]
        if scope is not None and scope.width > declared.width:
            raise LookupError(f"the check reads {fact.kind!r} wider than its needs declare")
        return scope or declared


def is_collected_at(fact: type[Fact], place: Place) -> bool:
    """Whether a kind belongs to a place: its region, ``aws-global`` or ``aws-organization``."""
    return _SCOPES.get(place.region, Scope.REGION) is fact.scope


_SCOPES = {AWS_GLOBAL: Scope.ACCOUNT, AWS_ORGANIZATION: Scope.ORGANIZATION}


def not_supplied(kind: str) -> Gap:
    """The gap of a kind that nobody tried to collect."""
    return Gap(kind=kind, reason=GapReason.NOT_SUPPLIED)


def not_told(kind: str, operation: str, code: str = "") -> Gap:
    """The gap of what AWS answered without telling, or told in words that are not documented."""
    return Gap(kind=kind, reason=GapReason.NOT_IN_SCHEMA, operation=operation, code=code)
