import datetime as dt
import uuid
from decimal import Decimal

import pytest

from accounts.roles import Role
from accounts.states import AccountState
from findings.models import ScoreSnapshot
from findings.selectors.scopes_of_scorecards import scope_named, scopes_offered, trend_of
from tests.factories.accounts import (
    NOW,
    AccountFactory,
    GrantFactory,
    OrganizationFactory,
    OuFactory,
    TeamFactory,
    UserFactory,
    person_with,
)
from tests.factories.findings import ScoreSnapshotFactory

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def place():
    class Place:
        organization = OrganizationFactory(name="Ours")
        prod = OuFactory(organization=organization, name="Prod")
        dev = OuFactory(organization=organization, name="Dev")
        team = TeamFactory(organization=organization, name="shop")
        shop = AccountFactory(organization=organization, ou=prod, owner_team=team, name="shop")
        sandbox = AccountFactory(organization=organization, ou=dev, name="sandbox")
        elsewhere = AccountFactory(name="elsewhere")
        of_all = person_with(Role.VIEWER, organization=organization)
        of_prod = person_with(Role.VIEWER, organization=organization, ou=prod)
        of_team = UserFactory()
        of_nothing = UserFactory()

    GrantFactory(user=Place.of_team, organization=Place.organization, accounts_of=Place.team)
    return Place


def key(kind, row):
    return f"{kind}:{row.uid}"


def seen(user, name):
    scope = scope_named(user, name)
    return scope and ({account.name for account in scope.accounts}, scope.is_whole)


def test_a_scope_holds_the_accounts_of_it_that_a_person_sees(place):
    everything, prod = key("organization", place.organization), key("ou", place.prod)
    team, sandbox = key("team", place.team), key("account", place.sandbox)
    found = {
        name: [seen(user, scope) for scope in (everything, prod, team, sandbox)]
        for name, user in {
            "all": place.of_all,
            "prod": place.of_prod,
            "team": place.of_team,
            "nothing": place.of_nothing,
        }.items()
    }
    shop = {"shop"}
    assert found == {
        "all": [({"shop", "sandbox"}, True), (shop, True), (shop, True), ({"sandbox"}, True)],
        "prod": [(shop, False), (shop, True), (shop, False), None],
        "team": [(shop, False), (shop, False), (shop, True), None],
        "nothing": [None, None, None, None],
    }


def test_accounts_that_left_are_not_counted(place):
    place.sandbox.state, place.sandbox.left_at = AccountState.LEFT, NOW
    place.sandbox.save()
    assert seen(place.of_all, key("organization", place.organization)) == ({"shop"}, True)
    assert seen(place.of_all, key("account", place.sandbox)) is None


@pytest.mark.parametrize("name", ["", "ou", "ou:x", "galaxy:{uid}", "ou:{uid}", "team:{uid}"])
def test_what_names_nothing_is_no_scope(place, name):
    assert scope_named(place.of_all, name.format(uid=uuid.uuid4())) is None


def test_what_is_offered_is_what_a_person_sees(place):
    OuFactory(organization=place.organization, name="Old", removed_at=NOW)
    offered = {
        kind.value: [name for _key, name in named]
        for kind, named in scopes_offered(place.of_prod).items()
    }
    assert offered == {"organization": ["Ours"], "ou": ["Prod"], "team": ["shop"]}
    assert not any(scopes_offered(place.of_nothing).values())


def test_snapshots_are_seen_by_those_who_see_all_of_the_scope(place):
    scopes = {
        "organization": place.organization,
        "ou": place.prod,
        "team": place.team,
        "account": place.shop,
    }
    for kind, of in scopes.items():
        ScoreSnapshotFactory(
            organization=place.organization, scope_kind=kind, scope_uid=of.uid, scope_name=kind
        )
    ScoreSnapshotFactory(
        organization=place.organization, scope_kind="ou", scope_uid=place.dev.uid, scope_name="dev"
    )
    ScoreSnapshotFactory(scope_name="elsewhere")
    found = {
        user: {row.scope_name for row in ScoreSnapshot.objects.visible_to(user)}
        for user in (place.of_all, place.of_prod, place.of_team, place.of_nothing)
    }
    assert found == {
        place.of_all: {"organization", "ou", "team", "account", "dev"},
        place.of_prod: {"ou", "account"},
        place.of_team: {"team", "account"},
        place.of_nothing: set(),
    }


def trend(place, user=None):
    user = user or place.of_all
    scope = scope_named(user, key("organization", place.organization))
    return trend_of(user, scope, NOW)


def snapshot(place, days_ago, **fields):
    at = NOW - days_ago * DAY
    given = {"day": at.date(), "scanned_at": at, "score": f"{days_ago}.5"} | fields
    return ScoreSnapshotFactory(organization=place.organization, **given)


def test_a_trend_is_of_thirty_days_and_days_without_a_scan_are_gaps(place):
    snapshot(place, 30)
    snapshot(place, 29)
    snapshot(place, 2)
    snapshot(place, 1, scanned_at=NOW - 2 * DAY)
    snapshot(place, 0, row="O2", score="99.0")
    days = trend(place)
    assert (len(days), days[0].day, days[-1].day) == (30, (NOW - 29 * DAY).date(), NOW.date())
    scores = {str(day.day): day.score for day in days if day.score is not None}
    assert scores == {"2026-02-01": Decimal("29.5"), "2026-02-28": Decimal("2.5")}


def test_a_day_is_one_of_the_time_zone_of_the_organization(place):
    place.organization.time_zone = "Pacific/Auckland"
    place.organization.save()
    snapshot(place, 0, day=NOW.date(), scanned_at=NOW)
    assert trend(place)[-1].day == NOW.date()
    snapshot(place, 0, day=NOW.date() + DAY, scanned_at=NOW + 4 * dt.timedelta(hours=1))
    scope = scope_named(place.of_all, key("organization", place.organization))
    days = trend_of(place.of_all, scope, NOW + 4 * dt.timedelta(hours=1))
    assert [str(day.day) for day in days if day.score is not None] == ["2026-03-02", "2026-03-03"]


def test_who_sees_a_part_sees_no_trend_of_the_whole(place):
    snapshot(place, 0)
    assert trend(place, place.of_prod) == []
