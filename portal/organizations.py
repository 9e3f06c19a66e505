from django.core.management.base import CommandError

from accounts.models import Organization


def organization_named(name: str | None) -> Organization:
    """The organization that a command is about; the only one needs no name."""
    known = list(Organization.objects.all())
    names = ", ".join(organization.name for organization in known)
    if not known:
        raise CommandError("There is no organization yet. Add one in the portal, under Admin.")
    if name is None and len(known) > 1:
        raise CommandError(f"Say which with --organization: {names}.")
    found = [organization for organization in known if name in (None, organization.name)]
    if not found:
        raise CommandError(f"There is no organization {name!r}; there are: {names}.")
    return found[0]
