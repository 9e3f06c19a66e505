from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Account, OrganizationalUnit, TokenScope
from accounts.services.tokens import MAX_DAYS, token_issue


class Command(BaseCommand):
    help = "Issue a token with which a program uses the API as a person. It is shown only once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="the user name of the person")
        parser.add_argument("--name", required=True, help="what will use the token")
        parser.add_argument(
            "--days", type=int, default=90, help=f"how long it lasts, up to {MAX_DAYS}; 90"
        )

        parser.add_argument(
            "--scope",
            action="append",
            choices=TokenScope.values,
            help="what it is for; more than once for more; read",
        )
        parser.add_argument(
            "--ou",
            action="append",
            default=[],
            help="limit it to the OU of this path, with all below",
        )
        parser.add_argument(
            "--account", action="append", default=[], help="limit it to the account of this id"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"There is no person with the user name {options['user']!r}.")
        try:
            issued = token_issue(
                actor=None,
                user=user,
                name=options["name"],
                days=options["days"],
                scopes=options["scope"] or [TokenScope.READ],
                ous=_all_named("OU", OrganizationalUnit.objects.present(), "path", options["ou"]),
                accounts=_all_named("account", Account.objects, "account_id", options["account"]),
                now=timezone.now(),
            )
        except ValidationError as error:
            raise CommandError("\n".join(_sentences(error))) from error
        self.stderr.write(f"{issued.token}, until {issued.token.expires_at:%Y-%m-%d %H:%M} UTC:")
        self.stdout.write(issued.plaintext)


def _all_named(noun: str, among: Any, field: str, wanted: list[str]) -> list[Any]:
    """What is called so; two organizations may call something alike, and both are meant."""
    found = list(among.filter(**{f"{field}__in": wanted}))
    if unknown := set(wanted) - {getattr(row, field) for row in found}:
        raise CommandError(f"There is no {noun} {', '.join(sorted(unknown))}.")
    return found


def _sentences(error: ValidationError) -> list[str]:
    return [f"{field}: {' '.join(said)}" for field, said in error.message_dict.items()]
