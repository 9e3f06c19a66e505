"""One section of a configuration: how its rows are read and changed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from accounts.models import Organization
from findings.checks.parameters import ParameterError
from findings.configuration.differences import Change, Difference
from findings.configuration.mistakes import ConfigurationRefused, Mistake
from findings.configuration.shapes import Entry, Shape
from findings.planning import SelectionError
from findings.scheduling import ScheduleError
from findings.services.configuration.names import Names

REFUSALS = (ParameterError, ScheduleError, SelectionError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One import: into what, by whom (None: the system), when."""

    names: Names
    actor: User | None
    now: datetime

    @property
    def organization(self) -> Organization:
        return self.names.organization


class Section(ABC):
    """Reads rows as entries, and writes entries through the services of their noun."""

    shape: ClassVar[Shape]

    @abstractmethod
    def read(self, names: Names, now: datetime) -> list[Entry]:
        """What there is, each entry with its row, in the order in which it is written."""

    def is_over(self, entry: Entry, at: Import) -> bool:
        """Whether a file names something whose time is over."""
        return False

    def write(self, difference: Difference, at: Import) -> None:
        """What comes and what changes."""
        for entry in difference.created:
            with told_at(entry):
                self.create(entry, at)
        for change in difference.changed:
            with told_at(change.after):
                self.change(change, at)

    def clear(self, difference: Difference, at: Import) -> None:
        """What goes, when nothing of the other sections names it any more; then the order."""
        for entry in difference.removed:
            with told_at(entry, f"{self.shape.called(entry)} cannot be removed: "):
                self.remove(entry, at)
        if difference.order:
            self.arrange(difference.wanted, at)

    def create(self, entry: Entry, at: Import) -> None:
        raise NotImplementedError

    def change(self, change: Change, at: Import) -> None:
        raise NotImplementedError

    def remove(self, entry: Entry, at: Import) -> None:
        raise NotImplementedError

    def arrange(self, wanted: Sequence[Entry], at: Import) -> None:
        """Put all into the order of the file."""
        raise NotImplementedError


@contextmanager
def told_at(entry: Entry, why: str = "") -> Iterator[None]:
    """Tell what a service refuses with the place of the entry in the file."""
    try:
        yield
    except ValidationError as error:
        raise ConfigurationRefused(*_mistakes(error, entry, why)) from error
    except REFUSALS as error:
        raise entry.mistake(f"{why}{error}") from error


def _mistakes(error: ValidationError, entry: Entry, why: str) -> Iterator[Mistake]:
    """By field, where the error knows it and the file has it."""
    by_field = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    for name, messages in by_field.items():
        path = f"{entry.path}.{name}" if name in entry.values else entry.path
        for message in messages:
            yield Mistake(message=f"{why}{message}", line=entry.line, path=path)
