"""Two scanned organizations and the people around them, as pages and endpoints meet them.

In *Ours*, *shop* lies in the OU Prod and *sandbox* in Dev; *Theirs* has one account, *foreign*. In
each account one finding is open: its trail does not log.
"""

import pickle
from copy import copy
from dataclasses import dataclass, field, replace

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client

from accounts.models import Account, Organization, OrganizationalUnit
from accounts.roles import Role
from findings.checks.base import built_in
from findings.models import Finding, Scan
from tests.factories.accounts import (
    AccountFactory,
    GrantFactory,
    OrganizationFactory,
    OuFactory,
    UserFactory,
)
from tests.findings.checks.builders_cloudtrail import trail
from tests.findings.services.lab import Lab
from tests.modules import KeptRows

CHECK = "cloudtrail_multi_region_logging"
REGION = "eu-west-1"
EVERYBODY = (
    "viewer",
    "contributor",
    "administrator",
    "viewer of Prod",
    "contributor of Prod",
    "stranger",
    "nobody",
)


@dataclass
class World:
    ours: Organization = field(init=False)
    theirs: Organization = field(init=False)
    prod: OrganizationalUnit = field(init=False)
    dev: OrganizationalUnit = field(init=False)
    shop: Account = field(init=False)
    sandbox: Account = field(init=False)
    foreign: Account = field(init=False)
    lab: Lab = field(init=False)
    scan: Scan = field(init=False)
    sessions: dict[str, str] = field(default_factory=dict)
    """Who -> the cookie of a session that :meth:`sign_everybody_in` has begun."""
    kept: bytes = b""
    """Its objects, once tests are given their own."""

    def __post_init__(self) -> None:
        self.ours = OrganizationFactory(name="Ours", regions=[REGION])
        self.theirs = OrganizationFactory(name="Theirs", regions=[REGION])
        self.prod = OuFactory(organization=self.ours, name="Prod")
        self.dev = OuFactory(organization=self.ours, name="Dev")
        self.shop = self.account("shop", ou=self.prod)
        self.sandbox = self.account("sandbox", ou=self.dev)
        self.foreign = AccountFactory(organization=self.theirs, name="foreign")
        self.lab = laboratory(self.ours, self.shop)
        self.scan = self.lab.scan(facts=FACTS)
        laboratory(self.theirs, self.foreign).scan(facts=FACTS)

    @classmethod
    def of_all_modules(cls) -> "World":
        """One in which everybody has signed in; the second time its rows are only written."""
        if _made:
            world, rows = _made[0]
            rows.write_again()
            return world
        with KeptRows() as rows:
            world = cls().sign_everybody_in().as_stored()
        _made.append((world, rows))
        return world

    def as_stored(self) -> "World":
        """With the objects as the database has them now."""
        for name, row in self._rows().items():
            setattr(self, name, type(row)._default_manager.get(pk=row.pk))
        return self.again()

    def again(self) -> "World":
        """With objects of their own, for a test that may do to them what it likes."""
        self.kept = self.kept or pickle.dumps(self._rows())
        found = copy(self)
        vars(found).update(pickle.loads(self.kept))  # noqa: S301 - from here
        found.lab = replace(self.lab, organization=found.ours, account=found.shop)
        return found

    def _rows(self) -> dict[str, Model]:
        return {name: row for name, row in vars(self).items() if isinstance(row, Model)}

    def account(self, name: str, **fields: object) -> Account:
        return AccountFactory(organization=self.ours, name=name, **fields)

    def finding(self, account: Account | None = None) -> Finding:
        return Finding.objects.get(account=account or self.shop)

    def person(self, who: str) -> User:
        """One of EVERYBODY; each is made once."""
        found = User.objects.filter(username=who).first()
        return found or self._make(who)

    def sign_everybody_in(self) -> "World":
        """So that a test that is undone afterwards need not do it again."""
        for who in EVERYBODY:
            client = Client()
            client.force_login(self.person(who))
            self.sessions[who] = client.cookies[settings.SESSION_COOKIE_NAME].value
        return self

    def sign_in(self, client: Client, who: str) -> Client:
        """As one of EVERYBODY, in the session of all tests if they have begun one."""
        if who in self.sessions:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[who]
        else:
            client.cookies.pop(settings.SESSION_COOKIE_NAME, None)  # signing in would end it
            client.force_login(self.person(who))
        return client

    def _make(self, who: str) -> User:
        user = UserFactory(username=who)
        role, _, unit = who.partition(" of ")
        if who == "stranger":
            GrantFactory(user=user, role=Role.ADMINISTRATOR, organization=self.theirs)
        elif who != "nobody":
            ou = self.prod if unit else None
            GrantFactory(user=user, role=Role(role), organization=self.ours, ou=ou)
        return user


_made: list[tuple[World, KeptRows]] = []
"""The world of all modules, once there is one in this process."""
FACTS = {"cloudtrail.trail": (trail(is_logging=False),)}


def laboratory(organization: Organization, account: Account) -> Lab:
    registry = {CHECK: built_in()[CHECK]}
    return Lab(registry=registry, organization=organization, account=account)
