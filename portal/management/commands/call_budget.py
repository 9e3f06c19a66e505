"""`manage.py call_budget`: what a scan costs in calls, by service."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import asdict
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

from workers.call_budget import (
    FEWEST_ACCOUNTS,
    MOST_ACCOUNTS,
    ServiceBudget,
    call_budgets,
    fixed_of_pillar,
)

COLUMNS = ("service", "region", "account", "organization", "further calls", "facts", "per fact")
WIDTH_OF_FILES = 100


class Command(BaseCommand):
    help = (
        "Count the calls of a scan against simulated accounts: those that an empty region, account"
        " and organization cost by themselves, and what a full world needs beyond them per fact."
    )
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--accounts", type=int, default=24, help="of the full world; 24 are the demo's"
        )
        parser.add_argument("--json", action="store_true", help="with the operations of each")

    def handle(self, *, accounts: int, json: bool, **options: Any) -> None:
        if not FEWEST_ACCOUNTS <= accounts <= MOST_ACCOUNTS:
            raise CommandError(f"--accounts must be between {FEWEST_ACCOUNTS} and {MOST_ACCOUNTS}.")
        budgets = call_budgets(accounts)
        if json:
            self.stdout.write(_as_json(budgets))
        else:
            self._print_table(budgets)

    def _print_table(self, budgets: Sequence[ServiceBudget]) -> None:
        width = None if self.stdout.isatty() else WIDTH_OF_FILES
        console = Console(file=cast("IO[str]", self.stdout), width=width, highlight=False)
        table = Table()
        for column in COLUMNS:
            table.add_column(column, justify="left" if column == "service" else "right")
        for budget in budgets:
            table.add_row(*_row(budget))
        console.print(table)
        console.print(
            f"The services of the pillar: {fixed_of_pillar(budgets)} calls in an empty region."
        )


def _row(budget: ServiceBudget) -> tuple[str, ...]:
    fixed = (budget.region, budget.account, budget.organization)
    per_fact = "" if budget.calls_per_fact is None else f"{budget.calls_per_fact:.1f}"
    counts = (*(sum(calls.values()) for calls in fixed), budget.further_calls, budget.facts)
    return (budget.service, *(str(count) for count in counts), per_fact)


def _as_json(budgets: Sequence[ServiceBudget]) -> str:
    services = [asdict(budget) | {"calls_per_fact": budget.calls_per_fact} for budget in budgets]
    content = {"pillar_in_an_empty_region": fixed_of_pillar(budgets), "services": services}
    return json.dumps(content, indent=1)
