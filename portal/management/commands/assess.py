"""`manage.py assess`: a laptop check of one AWS account."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from dataclasses import asdict, fields
from pathlib import Path
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from workers.assess import AccessError, AssessContext, Assessment, BadInput, assess, default_session
from workers.assess_input import nearest

USAGE_ERROR = 64
COLOURS = {"pass": "green", "fail": "red", "unknown": "yellow", "not_applicable": "dim"}
WIDTH_OF_FILES = 160
TYPES = {"tags": dict, "parameters": dict, "tools": list, "is_management": bool}
INNER_TYPES = {"tags": str, "parameters": dict, "tools": dict}
AS_PRODUCTION = "Without --context this account counts as production."


class Command(BaseCommand):
    help = """Assess the AWS account of the current credentials: no database, no assumed role.

Exit code: 2 when not everything could be collected, whatever else was found; otherwise 1 when
something failed and 0 when nothing did. 64 when the command line is wrong.

--context FILE is a JSON object of what AWS does not know; all of it may be left out:
  {"name": "payments-prod", "environment": "production", "ou_path": "Workloads/Prod",
   "tags": {"Owner": "payments"}, "is_management": false,
   "parameters": {"<check id>": {"<parameter>": <value>}},
   "tools": [{"kind": "tracing", "name": "Datadog", "until": "2027-03-31"}]}
A tool stands in for the checks that name its kind, until the end of its last day.
Without it the account counts as production."""

    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def create_parser(self, *arguments: Any, **options: Any) -> Any:
        options.setdefault("formatter_class", RawDescriptionHelpFormatter)
        return super().create_parser(*arguments, **options)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--regions", nargs="+", metavar="REGION", help='names, or "all"')
        parser.add_argument("--checks", nargs="+", metavar="CHECK", help="ids of checks")
        parser.add_argument("--rows", nargs="+", metavar="ROW", help="P1 ... E3")
        parser.add_argument("--format", choices=("table", "json"), default="table")
        parser.add_argument("--context", type=Path, metavar="FILE", help="a JSON object")

    def handle(self, **options: Any) -> None:
        try:
            context = _context_from(options["context"]) if options["context"] else None
            assessment = assess(
                default_session(),
                regions=_names(options["regions"]),
                checks=_names(options["checks"]),
                rows=_names(options["rows"]),
                context=context,
            )
        except BadInput as error:
            raise CommandError(str(error), returncode=USAGE_ERROR) from error
        except AccessError as error:
            raise CommandError(error.message, returncode=2) from error
        if context is None:
            self.stderr.write(AS_PRODUCTION)
        if options["format"] == "json":
            self._print_json(assessment)
        else:
            self._print_tables(assessment)
        if assessment.exit_code:
            sys.exit(assessment.exit_code)

    def _print_json(self, assessment: Assessment) -> None:
        """One object a line: results first, then gaps."""
        for result in assessment.results:
            self.stdout.write(json.dumps({"type": "result", **asdict(result)}))
        for gap in assessment.gaps:
            self.stdout.write(json.dumps({"type": "gap", **asdict(gap)}))

    def _print_tables(self, assessment: Assessment) -> None:
        width = None if self.stdout.isatty() else WIDTH_OF_FILES
        console = Console(file=cast("IO[str]", self.stdout), width=width, highlight=False)
        if assessment.results:
            console.print(_results_table(assessment))
        if assessment.gaps:
            console.print(_gaps_table(assessment))
        console.print(_summary(assessment))


def _names(given: list[str] | None) -> list[str] | str | None:
    """Names separated by blanks or commas; "all" alone stays a word."""
    names = [name for part in given or () for name in part.split(",") if name]
    return "all" if names == ["all"] else names or None


def _context_from(path: Path) -> AssessContext:
    try:
        given = json.loads(path.read_text())
    except OSError as error:
        raise BadInput(f"context: {path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise BadInput(f"context: {path} is no JSON: {error}") from error
    if not isinstance(given, dict):
        raise BadInput(f"context: {path} must be one JSON object")
    known = {field.name: field for field in fields(AssessContext)}
    for name, value in given.items():
        if name not in known:
            raise BadInput(f"context: there is no {name!r}{nearest(name, known)}")
        _require_type(name, value)
    return AssessContext(**given)


def _require_type(name: str, value: object) -> None:
    wanted: type = TYPES.get(name, str)
    inner: type = INNER_TYPES.get(name, object)
    words = {dict: "an object", list: "a list", bool: "true or false", str: "a text"}
    if not isinstance(value, wanted):
        raise BadInput(f"context: {name} must be {words[wanted]}, not {value!r}")
    items = list(value.values()) if isinstance(value, dict) else value
    if isinstance(items, list) and not all(isinstance(item, inner) for item in items):
        raise BadInput(f"context: the values of {name} must each be {words[inner]}")


def _table(*columns: str) -> Table:
    table = Table()
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _results_table(assessment: Assessment) -> Table:
    table = _table("outcome", "check", "region", "resource", "message")
    for result in assessment.results:
        outcome = f"[{COLOURS[result.outcome]}]{result.outcome.replace('_', ' ')}[/]"
        told = (result.check, result.region, result.resource, result.message)
        table.add_row(outcome, *(escape(text) for text in told))
    return table


def _gaps_table(assessment: Assessment) -> Table:
    table = _table("not collected", "region", "operation", "reason", "code")
    for gap in assessment.gaps:
        told = (gap.kind, gap.region, gap.operation, gap.reason.replace("_", " "), gap.code)
        table.add_row(*(escape(text) for text in told))
    return table


def _summary(assessment: Assessment) -> str:
    counts = dict.fromkeys(COLOURS, 0)
    for result in assessment.results:
        counts[result.outcome] += 1
    told = ", ".join(f"{n} {outcome.replace('_', ' ')}" for outcome, n in counts.items())
    return f"Account {assessment.account}: {told}; {len(assessment.gaps)} not collected."
