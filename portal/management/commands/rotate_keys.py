from typing import Any

from django.core.management.base import BaseCommand, CommandError

from findings.services.credentials import CredentialsError, credentials_rotate


class Command(BaseCommand):
    help = (
        "Encrypt stored credentials anew with the first of CREDENTIAL_KEYS."
        " Afterwards the other keys can be taken out."
    )

    def handle(self, *_: Any, **__: Any) -> None:
        try:
            number = credentials_rotate()
        except CredentialsError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            f"Encrypted the secrets of {number} connections and webhooks with the first key."
        )
