import datetime as dt

import factory
from django.contrib.auth.models import User
from factory.django import DjangoModelFactory

from accounts.models import Account, Grant, Organization, OrganizationalUnit, OwnershipRule, Team
from accounts.roles import Role

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.com")


class OrganizationFactory(DjangoModelFactory):
    class Meta:
        model = Organization

    name = factory.Sequence(lambda n: f"Organization {n}")
    management_account_id = factory.Sequence(lambda n: f"{100000000001 + n * 1_000_000:012}")
    external_id = "an-external-id"


class OuFactory(DjangoModelFactory):
    """An OU in its place: path and lineage are those that a sync would give it."""

    class Meta:
        model = OrganizationalUnit

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda n: f"OU {n}")
    aws_id = factory.Sequence(lambda n: f"ou-ab12-{n:08}")
    parent = None
    lineage = "not placed yet"

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        ou = super()._create(model_class, *args, **kwargs)
        above = ou.parent
        ou.path = f"{above.path}/{ou.name}" if above else ou.name
        ou.lineage = f"{above.lineage if above else ''}{ou.pk}/"
        ou.save(update_fields=["path", "lineage"])
        return ou


class TeamFactory(DjangoModelFactory):
    class Meta:
        model = Team
        skip_postgeneration_save = True

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda n: f"Team {n}")

    @factory.post_generation
    def members(self, create, users):
        self.members.set(users or ())


class AccountFactory(DjangoModelFactory):
    class Meta:
        model = Account

    organization = factory.SubFactory(OrganizationFactory)
    account_id = factory.Sequence(lambda n: f"{200000000000 + n:012}")
    name = factory.Sequence(lambda n: f"account-{n}")
    email = factory.LazyAttribute(lambda account: f"{account.name}@example.com")
    tags = factory.LazyFunction(dict)


class OwnershipRuleFactory(DjangoModelFactory):
    class Meta:
        model = OwnershipRule

    team = factory.SubFactory(TeamFactory)
    organization = factory.SelfAttribute("team.organization")
    position = factory.Sequence(lambda n: n)


class GrantFactory(DjangoModelFactory):
    """A viewer's grant on a whole organization, unless told otherwise."""

    class Meta:
        model = Grant

    role = Role.VIEWER
    organization = factory.SubFactory(OrganizationFactory)


def person_with(role: str, **scope) -> User:
    """A person who holds one grant; the scope is that of a Grant, such as ``organization=``."""
    user = UserFactory()
    GrantFactory(user=user, role=role, **scope)
    return user
