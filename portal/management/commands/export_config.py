from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from findings.services.configuration import configuration_export
from portal.organizations import organization_named


class Command(BaseCommand):
    help = "Print the configuration of an organization as YAML; docs/configuration.md describes it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", metavar="NAME", help="needed if there are several")

    def handle(self, **options: Any) -> None:
        organization = organization_named(options["organization"])
        text = configuration_export(organization=organization, now=timezone.now())
        self.stdout.write(text, ending="")
