"""What a configuration calls the things it refers to, and the rows that are meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import cached_property

from django.contrib.auth.models import User

from accounts.models import Account, Organization, OrganizationalUnit, Team
from findings.checks.base import Registry
from findings.configuration.fields import Reference
from findings.models import Connection, ConnectionKind
from findings.services.connections import BOARD, board_of


class Names:
    """The rows of one organization by name; they are looked up when they are first asked for."""

    def __init__(self, organization: Organization, registry: Registry) -> None:
        self.organization = organization
        self.registry = registry

    def obstacle(self, reference: Reference, text: str, teams: Iterable[str] | None) -> str:
        """Why the text names nothing; "" where it does. ``teams``: those that there will be."""
        if reference is Reference.OU and len(self._by_path.get(text, ())) > 1:
            return f"{text!r} is the path of several OUs; give the id that AWS gave to one."
        known = self._known(reference, teams)
        if text in known:
            return ""
        near = get_close_matches(text, known, n=1)
        advice = f"; did you mean {near[0]!r}?" if near else "."
        return f"there is no {reference} {text!r} in {self.organization}{advice}"

    def _known(self, reference: Reference, teams: Iterable[str] | None) -> Iterable[str]:
        match reference:
            case Reference.OU:
                return [*self._by_path, *self._by_aws_id]
            case Reference.OU_PATH:
                return list(self._by_path)
            case Reference.ACCOUNT:
                return self._account_ids
            case Reference.TEAM:
                return self._teams if teams is None else list(teams)
            case Reference.CONNECTION:
                return self._connections
            case Reference.PERSON:
                return self._people
            case Reference.CHECK:
                return list(self.registry)

    def ou(self, text: str) -> OrganizationalUnit | None:
        """By path or AWS id; None for an empty text. It has to be known."""
        if not text:
            return None
        by_path = self._by_path.get(text)
        return by_path[0] if by_path else self._by_aws_id[text]

    def ou_called(self, ou: OrganizationalUnit | None) -> str:
        """Its path, unless another OU has the same."""
        if ou is None:
            return ""
        is_one_of_several = len(self._by_path.get(ou.path, ())) > 1
        return ou.aws_id if is_one_of_several and ou.aws_id else ou.path

    def account(self, text: str) -> Account | None:
        return self.organization.accounts.get(account_id=text) if text else None

    def team(self, text: str) -> Team | None:
        return self.organization.teams.get(name=text) if text else None

    def person(self, text: str) -> User | None:
        return User.objects.get(username=text) if text else None

    def connection(self, text: str) -> Connection:
        found = Connection.objects.filter(organization=self.organization, name=text).first()
        return found or board_of(self.organization)

    @cached_property
    def _by_path(self) -> dict[str, list[OrganizationalUnit]]:
        found: dict[str, list[OrganizationalUnit]] = {}
        for unit in self.organization.units.present():
            found.setdefault(unit.path, []).append(unit)
        return found

    @cached_property
    def _by_aws_id(self) -> dict[str, OrganizationalUnit]:
        return {unit.aws_id: unit for unit in self.organization.units.present() if unit.aws_id}

    @cached_property
    def _account_ids(self) -> list[str]:
        return list(self.organization.accounts.values_list("account_id", flat=True))

    @cached_property
    def _teams(self) -> list[str]:
        return list(self.organization.teams.values_list("name", flat=True))

    @cached_property
    def _people(self) -> list[str]:
        return list(User.objects.values_list("username", flat=True))

    @cached_property
    def _connections(self) -> list[str]:
        """The board is there even before it is first asked for."""
        rows = Connection.objects.filter(organization=self.organization)
        has_board = rows.filter(kind=ConnectionKind.BUILTIN).exists()
        return [*rows.values_list("name", flat=True), *([] if has_board else [BOARD])]
