"""`manage.py doctor`: tries the way into every account, and names what is missing."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from accounts.models import Account, Organization
from accounts.states import AccountState
from portal.organizations import organization_named
from workers.access import process_hub, role_access
from workers.assess_input import nearest
from workers.aws.trials import Trial, try_account, try_hub

ACCOUNTS_AT_ONCE = 8
WIDTH_OF_FILES = 160


class Command(BaseCommand):
    help = (
        "Try every step of the way into every account: the hub's credentials, reading the"
        " organization, the role, that the external ID is really required (a denied AssumeRole"
        " then stands in the account's CloudTrail), regions, one call of each service. Nothing"
        " is changed. Exit code 0 when all is well, 1 when something is missing, 64 when the"
        " command line is wrong."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", metavar="NAME", help="by default all")
        parser.add_argument("--accounts", nargs="+", metavar="ID", help="by default all")
        parser.add_argument("--all", action="store_true", help="show what is well, too")

    def handle(self, **options: Any) -> None:
        organizations = _organizations(options["organization"])
        accounts = _accounts(organizations, options["accounts"])
        console = self._console()
        healthy = True
        for organization in organizations:
            mine = [account for account in accounts if account.organization == organization]
            trials = list(_trials(organization, mine))
            healthy &= all(trial.passed for trial in trials)
            console.print(_table(organization, trials, everything=options["all"]))
            console.print(_summary(trials, mine))
        if not healthy:
            sys.exit(1)

    def _console(self) -> Console:
        width = None if self.stdout.isatty() else WIDTH_OF_FILES
        return Console(file=cast("IO[str]", self.stdout), width=width, highlight=False)


def _organizations(name: str | None) -> list[Organization]:
    found = list(Organization.objects.all())
    return found if name is None and found else [organization_named(name)]


def _accounts(organizations: list[Organization], ids: list[str] | None) -> list[Account]:
    members = Account.objects.filter(organization__in=organizations).members()
    found = list(members.select_related("organization"))
    known = {account.account_id for account in found}
    for id in ids or ():
        if id not in known:
            raise CommandError(f"there is no account {id!r}{nearest(id, known)}", returncode=64)
    return [account for account in found if not ids or account.account_id in ids]


def _trials(organization: Organization, accounts: list[Account]) -> Iterator[Trial]:
    """The hub first; without credentials nothing else can be tried."""
    hub, access = process_hub(), role_access(organization)
    if organization.management_account_id:
        trials = list(try_hub(hub, access))
        yield from trials
        if not trials[0].passed:
            return
    with ThreadPoolExecutor(ACCOUNTS_AT_ONCE) as pool:
        running = [
            pool.submit(_of_account, account, hub=hub, access=access)
            for account in accounts
            if account.state == AccountState.ACTIVE
        ]
        for future in running:
            yield from future.result()


def _of_account(account: Account, **way: Any) -> list[Trial]:
    return list(try_account(account=account.account_id, is_management=account.is_management, **way))


def _table(organization: Organization, trials: list[Trial], *, everything: bool) -> Table:
    table = Table(title=escape(organization.name), title_justify="left")
    for column in ("account", "step", "found", "what to do"):
        table.add_column(column, overflow="fold")
    for trial in trials:
        if everything or not trial.passed:
            colour = "green" if trial.passed else "red"
            told = f"[{colour}]{escape(trial.told.replace('_', ' '))}[/]"
            table.add_row(trial.account, escape(trial.step), told, escape(trial.advice))
    return table


def _summary(trials: list[Trial], accounts: list[Account]) -> str:
    ill = {trial.account for trial in trials if not trial.passed}
    tried = {trial.account for trial in trials} & {account.account_id for account in accounts}
    closed = [account for account in accounts if account.state != AccountState.ACTIVE]
    left_out = f"; {len(closed)} not tried, because they are not active" if closed else ""
    return f"{len(tried - ill)} of {len(tried)} accounts can be read completely{left_out}."
