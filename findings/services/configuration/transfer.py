"""Export and import of the configuration of one organization."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from accounts.access import require
from accounts.models import Organization
from accounts.roles import Permission
from accounts.services.organizations import organization_lock
from findings.checks.base import built_in
from findings.configuration.differences import Difference, difference
from findings.configuration.document import Sections, parse_document, write_document
from findings.configuration.mistakes import ConfigurationRefused, Mistake
from findings.services.configuration.base import Import, Section
from findings.services.configuration.names import Names
from findings.services.configuration.organizations import OrganizationSettings
from findings.services.configuration.ownership import OwnershipRules
from findings.services.configuration.parameters import Parameters, ProductionSelectors
from findings.services.configuration.routes import Routes
from findings.services.configuration.schedules import Schedules
from findings.services.configuration.sla import SlaRules
from findings.services.configuration.suppressions import SuppressionPolicy
from findings.services.configuration.teams import Teams
from findings.services.configuration.tools import DeclaredTools

SECTIONS: tuple[Section, ...] = (
    SuppressionPolicy(),
    OrganizationSettings(),
    Teams(),
    OwnershipRules(),
    Schedules(),
    ProductionSelectors(),
    Parameters(),
    DeclaredTools(),
    SlaRules(),
    Routes(),
)
"""What a later one refers to is written before it, and removed after it."""
SHAPES = tuple(section.shape for section in SECTIONS)


def configuration_export(*, organization: Organization, now: datetime) -> str:
    """The configuration as text; the same configuration gives the same text."""
    names = Names(Organization.objects.get(pk=organization.pk), built_in())
    held = {section.shape.name: tuple(section.read(names, now)) for section in SECTIONS}
    return write_document(held, SHAPES)


def configuration_import(
    *,
    actor: User | None,
    organization: Organization,
    content: bytes,
    is_dry_run: bool = False,
    now: datetime,
) -> tuple[Difference, ...]:
    """Let the sections of a file be all that there is of them; returns what that changed.

    A dry run does the same and takes it back: what it accepts is accepted. Raises
    ConfigurationRefused and Denied; then nothing is changed.
    """
    wanted = parse_document(content, SHAPES)
    with transaction.atomic():
        locked = organization_lock(organization)
        require(actor, Permission.ADMINISTER, on=locked)
        at = Import(names=Names(locked, built_in()), actor=actor, now=now)
        found = list(_differences(wanted, at))
        _refuse_unknown([each for _, each in found], wanted, at)
        for section, each in found:
            section.write(each, at)
        for section, each in reversed(found):
            section.clear(each, at)
        _refuse_what_is_kept_otherwise(found, at)
        if is_dry_run:
            transaction.set_rollback(True)
    return tuple(each for _, each in found)


def _differences(wanted: Sections, at: Import) -> Iterator[tuple[Section, Difference]]:
    for section in SECTIONS:
        if section.shape.name in wanted:
            entries = wanted[section.shape.name]
            over = [entry for entry in entries if section.is_over(entry, at)]
            counted = [entry for entry in entries if entry not in over]
            held = section.read(at.names, at.now)
            yield section, difference(section.shape, held, counted, over)


def _refuse_unknown(differences: Sequence[Difference], wanted: Sections, at: Import) -> None:
    """What stands already is not asked about: an OU of an old rule may be gone by now."""
    teams = [team.values["name"] for team in wanted["teams"]] if "teams" in wanted else None
    mistakes = [
        Mistake(message=obstacle, line=entry.line, path=f"{entry.path}.{field.name}")
        for each in differences
        for entry in each.touched
        for field, reference, text in each.shape.named(entry)
        if (obstacle := at.names.obstacle(reference, text, teams))
    ]
    if mistakes:
        raise ConfigurationRefused(*sorted(mistakes, key=lambda mistake: mistake.line))


def _refuse_what_is_kept_otherwise(
    written: Sequence[tuple[Section, Difference]], at: Import
) -> None:
    """A second import has nothing to do; what services write in another form is named here."""
    for section, each in written:
        if not each:
            continue
        left = difference(section.shape, section.read(at.names, at.now), each.wanted)
        for change in left.changed:
            name, (kept, given) = next(iter(change.fields.items()))
            raise change.after.mistake(f"{name} is kept as {kept!r}: write that, not {given!r}.")
        for entry in left.created:
            raise entry.mistake("this is kept in another form; are there blanks around a name?")
        if left:
            raise ConfigurationRefused(
                Mistake(message="this cannot be kept as it is written.", path=section.shape.name)
            )
