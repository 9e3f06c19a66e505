"""Roles, and what each of them permits."""

from __future__ import annotations

from enum import StrEnum

from django.db import models


class Permission(StrEnum):
    """What a person may do, always within the accounts that a grant reaches."""

    VIEW = "view"
    VIEW_PERSONAL = "view_personal"
    """See names, mail addresses and telephone numbers of people."""
    CONTRIBUTE = "contribute"
    """Start scans, work on findings and tickets, ask for suppressions."""
    APPROVE = "approve"
    """Decide on suppressions and attestations."""
    ADMINISTER = "administer"
    """Change organizations, accounts, teams, ownership and grants; read the audit log."""


class Role(models.TextChoices):
    """Each role permits what the ones before it permit, and more."""

    VIEWER = "viewer", "Viewer"
    CONTRIBUTOR = "contributor", "Contributor"
    APPROVER = "approver", "Approver"
    ADMINISTRATOR = "administrator", "Administrator"

    def permits(self, permission: Permission) -> bool:
        roles = list(Role)
        return roles.index(self) >= roles.index(_LEAST_ROLE[permission])


_LEAST_ROLE = {
    Permission.VIEW: Role.VIEWER,
    Permission.VIEW_PERSONAL: Role.CONTRIBUTOR,
    Permission.CONTRIBUTE: Role.CONTRIBUTOR,
    Permission.APPROVE: Role.APPROVER,
    Permission.ADMINISTER: Role.ADMINISTRATOR,
}


def roles_that_permit(permission: Permission) -> tuple[Role, ...]:
    return tuple(role for role in Role if role.permits(permission))
