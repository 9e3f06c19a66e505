from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.services.tokens import MAX_DAYS, token_issue


class Command(BaseCommand):
    help = "Issue a token with which a program uses the API as a person. It is shown only once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="the user name of the person")
        parser.add_argument("--name", required=True, help="what will use the token")
        parser.add_argument(
            "--days", type=int, default=90, help=f"how long it lasts, up to {MAX_DAYS}; 90"
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
                now=timezone.now(),
            )
        except ValidationError as error:
            raise CommandError("\n".join(_sentences(error))) from error
        self.stderr.write(f"{issued.token}, until {issued.token.expires_at:%Y-%m-%d %H:%M} UTC:")
        self.stdout.write(issued.plaintext)


def _sentences(error: ValidationError) -> list[str]:
    return [f"{field}: {' '.join(said)}" for field, said in error.message_dict.items()]
