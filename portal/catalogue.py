"""The catalogue as people read it: what each check looks at, asks for and needs.

Everything is derived from the declarations of checks and collectors.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from findings.catalogue.best_practices import BestPractice, best_practices
from findings.catalogue.pillar import Row, Severity
from findings.catalogue.tools import Tool
from findings.checks.base import Definition, built_in
from findings.checks.parameters import Parameter
from workers.aws.operations import scanner_operations
from workers.collectors.base import collectors


@dataclass(frozen=True)
class ParameterLine:
    name: str
    default: str
    """As JSON."""
    unit: str


@dataclass(frozen=True)
class CheckPage:
    """One check with all that its declaration implies, as templates may read it.

    A template calls what can be called, so it never gets a :class:`Check` itself.
    """

    definition: Definition

    @property
    def id(self) -> str:
        return self.definition.id

    @property
    def title(self) -> str:
        return self.definition.check.title

    @property
    def row(self) -> Row:
        return self.definition.check.row

    @property
    def severity(self) -> Severity:
        return self.definition.check.severity

    @property
    def not_applicable_when(self) -> str:
        return self.definition.check.not_applicable_when

    @property
    def alternatives(self) -> tuple[Tool, ...]:
        """Kinds of tools of which one that is declared stands in for the check."""
        return self.definition.check.alternatives

    @property
    def remediation(self) -> str:
        return self.definition.check.remediation

    @property
    def cli(self) -> tuple[str, ...]:
        return self.definition.check.cli

    @property
    def snippet(self) -> str:
        return self.definition.snippet

    @property
    def scope(self) -> str:
        """What one result is of: a kind of resource, or a wider place."""
        resource = self.definition.check.resource
        return resource.kind if resource else self.definition.check.scope.value

    @property
    def operations(self) -> list[str]:
        """The AWS operations whose answers the check reads, sorted."""
        known = collectors()
        return sorted({name for kind in self.definition.needs for name in known[kind].operations})

    @property
    def permissions(self) -> list[str]:
        """The IAM actions that those operations need, sorted."""
        listed = scanner_operations()
        return sorted({listed[name].iam_action for name in self.operations if name in listed})

    @property
    def services(self) -> list[str]:
        return sorted({name.partition(":")[0] for name in self.operations})

    @property
    def practices(self) -> list[BestPractice]:
        known = best_practices()
        return [known[name] for name in self.definition.check.best_practices]

    @property
    def parameters(self) -> list[ParameterLine]:
        return [_parameter_line(parameter) for parameter in self.definition.check.parameters]


def _parameter_line(parameter: Parameter) -> ParameterLine:
    default = json.dumps(parameter.default, ensure_ascii=False)
    return ParameterLine(parameter.name, default, parameter.unit)


def pages_by_row() -> Mapping[Row, list[CheckPage]]:
    """Every check, under its row, in the order of the catalogue."""
    found: dict[Row, list[CheckPage]] = {row: [] for row in Row}
    for definition in built_in().values():
        found[definition.check.row].append(CheckPage(definition))
    return found


@dataclass(frozen=True)
class PracticeLine:
    """How one best practice is covered."""

    practice: BestPractice
    checks: tuple[str, ...]

    @property
    def coverage(self) -> str:
        if self.checks:
            return "automated and attested" if self.practice.attested else "automated"
        return "attested" if self.practice.attested else "not covered"


def practice_lines() -> Iterator[PracticeLine]:
    """All best practices in the order of the pillar."""
    for practice in best_practices().values():
        checks = [d.id for d in built_in().values() if practice.id in d.check.best_practices]
        yield PracticeLine(practice, tuple(checks))
