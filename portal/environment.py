"""Reads settings from the environment: every mistake becomes one sentence that says what to do."""

import difflib
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from dotenv import dotenv_values, load_dotenv
from environs import Env, EnvValidationError, ValidationError

PREFIX = "CAIRN"
FREE_PREFIX = "CAIRN_TEST_"  # belongs to the test suite, not to the product
LIKENESS = 0.75


class Environment:
    """Typed reads of environment variables; `finish` reports all that is wrong at once.

    Values of `file` (in the form of .env) stand in for variables that are not set.
    """

    def __init__(self, file: Path | None) -> None:
        self._file_names: tuple[str, ...] = ()
        if file is not None and file.is_file():
            self._file_names = tuple(dotenv_values(file))
            # Into the process, so that AWS's own variables reach boto3 and children.
            load_dotenv(file)
        self._env = Env(eager=False)
        self._advice: dict[str, str] = {}
        self._secret: set[str] = set()
        self._mistakes: list[str] = []

    @property
    def names(self) -> frozenset[str]:
        """The variables that were asked for so far."""
        return frozenset(self._advice)

    def text(
        self,
        name: str,
        default: str = "",
        *,
        advice: str = "Give a text.",
        accepts: Callable[[str], bool] | None = None,
        secret: bool = False,
    ) -> str:
        """A string; refused with `advice` when `accepts` says no."""
        self._register(name, advice, secret=secret)
        if not self._is_set(name):
            return default
        return str(self._env.str(name, default, validate=_validator(accepts)))

    def url(self, name: str, *, schemes: Iterable[str]) -> str:
        """An address of one of the schemes, or "". Never shown again: it may hold a password."""
        beginnings = tuple(f"{scheme}://" for scheme in schemes)
        advice = f"Give an address that begins with {' or '.join(beginnings)}."
        return self.text(
            name, advice=advice, accepts=lambda value: value.startswith(beginnings), secret=True
        )

    def texts(self, name: str, default: Iterable[str] = (), *, secret: bool = False) -> list[str]:
        """A comma separated list; blanks around an item do not count."""
        self._register(name, "Give a list separated by commas.", secret=secret)
        if not self._is_set(name):
            return list(default)
        items: list[str] | None = self._env.list(name)
        return [item.strip() for item in items or () if item.strip()]

    def flag(self, name: str, default: bool) -> bool:
        """Yes or no: true, false, 1, 0, yes, no, on, off."""
        self._register(name, "Use true or false.")
        return bool(self._env.bool(name, default)) if self._is_set(name) else default

    def number(self, name: str, default: int, *, minimum: int, maximum: int) -> int:
        """A whole number within its limits."""
        self._register(name, f"Give a whole number from {minimum} to {maximum}.")
        if not self._is_set(name):
            return default
        within = _validator(lambda value: minimum <= value <= maximum)
        value = self._env.int(name, default, validate=within)
        return default if value is None else value

    def choice(self, name: str, default: str, choices: Iterable[str]) -> str:
        """One of a few words, in either case."""
        words = sorted(choices)
        self._register(name, f"Choose one of {', '.join(words)}.")
        if not self._is_set(name):
            return default
        value = self._env.str(name, default, validate=_validator(lambda v: v.upper() in words))
        return (value or default).upper()

    def numbers(self, name: str, defaults: Mapping[str, int]) -> dict[str, int]:
        """Pairs such as `scan=400,call_log=30` that replace some of the defaults."""
        advice = f"Give pairs such as {_example(defaults)}; the kinds are {', '.join(defaults)}."
        self._register(name, advice)
        if not self._is_set(name):
            return dict(defaults)
        accepts = _validator(lambda pairs: pairs.keys() <= defaults.keys())
        pairs: dict[str, int] | None = self._env.dict(
            name, subcast_values=_whole_number, validate=accepts
        )
        return {**defaults, **(pairs or {})}

    def wrong(self, sentence: str) -> None:
        """Adds a mistake that no single variable shows, such as two that exclude each other."""
        self._mistakes.append(sentence)

    def finish(self) -> None:
        """Raises ImproperlyConfigured with one sentence per mistake, or nothing."""
        try:
            self._env.seal()
        except EnvValidationError as error:
            self._mistakes += [self._sentence(name) for name in error.error_messages]
        self._mistakes += unknown_names(os.environ, self._file_names, self._advice)
        if self._mistakes:
            raise ImproperlyConfigured("\n".join(self._mistakes))

    def _register(self, name: str, advice: str, *, secret: bool = False) -> None:
        self._advice[name] = advice
        if secret:
            self._secret.add(name)

    def _is_set(self, name: str) -> bool:
        return os.environ.get(name, "").strip() != ""

    def _sentence(self, name: str) -> str:
        value = "not valid" if name in self._secret else f'"{os.environ.get(name, "")}"'
        return f"{name} is {value}. {self._advice[name]}"


def is_mail_sender(text: str) -> bool:
    """Whether it is one address, with or without a name before it."""
    _, address = parseaddr(text)
    local, at, domain = address.rpartition("@")
    return text.isprintable() and bool(local and at and domain) and " " not in address


def unknown_names(
    environment: Iterable[str], file_names: Iterable[str], known: Iterable[str]
) -> list[str]:
    """A sentence for each variable that is meant for Cairn but that Cairn does not read.

    In the environment those are the names that begin with CAIRN_ or nearly so (other names there
    belong to others); in .env also those that resemble a known name.
    """
    known = sorted(known)
    named = {name for name in environment if _is_ours(name)}
    named |= {name for name in file_names if _is_ours(name) or _nearest(name, known)}
    return [_unknown_sentence(name, known) for name in sorted(named - set(known))]


def _unknown_sentence(name: str, known: list[str]) -> str:
    near = _nearest(name, known) or _nearest(re.sub(r"^[^_]*", PREFIX, name), known, cutoff=0.0)
    return f"{name} is not a setting of Cairn. Did you mean {near}? .env.example has them all."


def _is_ours(name: str) -> bool:
    head, underscore, _ = name.partition("_")
    if not underscore or name.startswith(FREE_PREFIX):
        return False
    return sorted(head) == sorted(PREFIX) or _likeness(head, PREFIX) >= 0.8


def _nearest(name: str, known: list[str], cutoff: float = LIKENESS) -> str:
    return next(iter(difflib.get_close_matches(name, known, n=1, cutoff=cutoff)), "")


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other).ratio()


def _validator(accepts: Callable[[Any], bool] | None) -> Callable[[Any], None] | None:
    if accepts is None:
        return None

    def validate(value: Any) -> None:
        if not accepts(value):
            raise ValidationError("not accepted")

    return validate


def _whole_number(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValidationError("negative")
    return number


def _example(defaults: Mapping[str, int]) -> str:
    return ",".join(f"{kind}={number}" for kind, number in list(defaults.items())[:2])


def settings_or_exit() -> None:
    """Loads the settings; ends the program with the sentences of what is wrong with them."""
    try:
        _ = settings.DEBUG  # the first attribute loads them
    except ImproperlyConfigured as error:
        sys.exit(f"Cairn cannot start:\n{error}")
