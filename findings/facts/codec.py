"""Facts as canonical JSON: what evidence is made of.

A blob holds the stable fields of the facts of one kind in one shard, sorted, with the version of
the kind; absent fields are omitted. An observation holds the volatile fields, by the facts' keys.
Pasts hold what is kept of a kind that has a history, by key, too. Reading an older blob gives
*not collected* for what its version did not know, never a default.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, TypeVar, get_type_hints

import msgspec

from findings.facts.base import Fact, Gap, GapReason
from findings.facts.histories import Past

F = TypeVar("F", bound=Fact)
Observation = Mapping[str, Mapping[str, Any]]
_GAPS = "$gaps"


class CodecError(ValueError):
    """A blob that is not of this kind, or of a newer version than this program knows."""


def encode_blob(fact: type[Fact], facts: Iterable[Fact]) -> bytes:
    """The stable fields of facts of one kind as canonical JSON."""
    stable = [f.name for f in fields(fact) if f.name not in fact.volatile]
    items = [_encode(item, stable) for item in sorted(facts, key=lambda item: item.key)]
    document = {"kind": fact.kind, "version": fact.version, "facts": items}
    return msgspec.json.encode(document, order="deterministic")


def encode_observation(fact: type[Fact], facts: Iterable[Fact]) -> dict[str, dict[str, Any]]:
    """The volatile fields of facts of one kind, by key; empty where the kind has none."""
    if not fact.volatile:
        return {}
    return {item.key: msgspec.to_builtins(_encode(item, fact.volatile)) for item in facts}


def decode_blob(
    fact: type[F], blob: bytes, observation: Observation | None = None
) -> tuple[F, ...]:
    """The facts of a blob, their volatile fields taken from an observation.

    Without an observation volatile fields read as no longer kept. Raises :class:`CodecError`.
    """
    document = msgspec.json.decode(blob)
    if document.get("kind") != fact.kind or document.get("version", 0) > fact.version:
        raise CodecError(f"not a blob of {fact.kind} that version {fact.version} can read")
    unknown = [name for name, version in fact.since.items() if version > document["version"]]
    return tuple(_decode(fact, item, unknown, observation) for item in document["facts"])


def encode_pasts(fact: type[Fact], pasts: Mapping[str, Past]) -> bytes:
    """What was kept of the facts of one kind, by key, as canonical JSON."""
    found = {
        key: {"since": past.since, "until": past.until, "entries": past.entries}
        for key, past in pasts.items()
    }
    document = {"kind": fact.kind, "version": fact.version, "pasts": found}
    return msgspec.json.encode(document, order="deterministic")


def decode_pasts(fact: type[Fact], content: bytes) -> dict[str, Past]:
    """Raises :class:`CodecError` for entries that have another form by now."""
    document = msgspec.json.decode(content)
    if document.get("kind") != fact.kind or document.get("version", 0) > fact.version:
        raise CodecError(f"not a past of {fact.kind} that version {fact.version} can read")
    try:
        return {key: _past(fact, kept) for key, kept in document["pasts"].items()}
    except msgspec.ValidationError as error:
        raise CodecError(f"the past of {fact.kind} has another form: {error}") from error


def _past(fact: type[Fact], kept: Mapping[str, Any]) -> Past:
    types, history = _types(fact), fact.kept
    return Past(
        since=msgspec.convert(kept["since"], datetime | None),
        until=msgspec.convert(kept["until"], datetime),
        entries={
            name: msgspec.convert(kept["entries"].get(name, ()), types[name])
            for name in (history.of if history else ())
        },
    )


def _encode(item: Fact, names: Iterable[str]) -> dict[str, Any]:
    values = item.__dict__
    found = {name: values[name] for name in names if values.get(name) is not None}
    gaps = {name: item.gaps[name] for name in names if name in item.gaps}
    if gaps:
        found[_GAPS] = gaps
    return found


def _decode(
    fact: type[F], item: dict[str, Any], unknown: list[str], observation: Observation | None
) -> F:
    values: dict[str, Any] = dict.fromkeys(_types(fact))
    values |= {name: _gap(fact, GapReason.NOT_IN_SCHEMA) for name in unknown}
    _fill(fact, values, item)
    if fact.volatile:
        key = "/".join(str(values[name]) for name in fact.identity)
        moving = None if observation is None else observation.get(key)
        if moving is None:
            values |= {name: _gap(fact, GapReason.NO_LONGER_KEPT) for name in fact.volatile}
        else:
            _fill(fact, values, dict(moving))
    return fact(**values)


def _fill(fact: type[Fact], values: dict[str, Any], item: dict[str, Any]) -> None:
    for name, gap in item.pop(_GAPS, {}).items():
        values[name] = msgspec.convert(gap, Gap)
    types = _types(fact)
    for name, value in item.items():
        if name in types:
            simple = value is None or types[name] in (str, bool, int)
            values[name] = value if simple else msgspec.convert(value, types[name])


def _gap(fact: type[Fact], reason: GapReason) -> Gap:
    return Gap(kind=fact.kind, reason=reason)


def _types(fact: type[Fact]) -> dict[str, Any]:
    if fact.kind not in _TYPES:
        hints = get_type_hints(fact)
        _TYPES[fact.kind] = {f.name: hints[f.name] for f in fields(fact)}
    return _TYPES[fact.kind]


_TYPES: dict[str, dict[str, Any]] = {}
