import pytest

from accounts.models import Account
from tests.factories.accounts import OuFactory, TeamFactory
from tests.modules import differing
from tests.portal.api.conftest import badly_refused


def names(answer):
    return sorted(account["name"] for account in answer.results)


def test_an_account_is_told_with_its_place_owner_and_role(api, world):
    Account.objects.filter(pk=world.shop.pk).update(
        owner_team=TeamFactory(organization=world.ours, name="Web"), role_health="denied"
    )
    account = api("viewer").get(f"accounts/{world.shop.uid}/").body
    assert account["account_id"] == world.shop.account_id
    assert account["organization"] == str(world.ours.uid)
    assert (account["ou_path"], account["owner_team"]) == ("Prod", "Web")
    assert account["role_health"] == "denied"


def test_a_mail_address_is_null_without_the_permission(api, world):
    for who, email in (("viewer", None), ("contributor of Prod", world.shop.email)):
        client = api(who)
        assert client.get(f"accounts/{world.shop.uid}/").body["email"] == email
        listed = {a["name"]: a["email"] for a in client.get("accounts/").results}
        assert listed["shop"] == email


def test_an_organization_tells_nothing_of_how_it_is_entered(api, world):
    told = api("viewer").get(f"organizations/{world.ours.uid}/").body
    assert told["name"] == "Ours"
    assert {"role_name", "external_id", "session_name", "session_tags"}.isdisjoint(told)


FILTERS = [
    ({"ou": "Prod"}, ["deep", "shop"]),
    ({"ou": "Pro"}, []),
    ({"state": "SUSPENDED"}, ["retired"]),
    ({"role_health": "denied"}, ["sandbox"]),
    ({"environment": "production"}, ["shop"]),
    ({"excluded": "true"}, ["retired"]),
]


def test_filters(api, world):
    Account.objects.filter(pk=world.sandbox.pk).update(role_health="denied")
    Account.objects.filter(pk=world.shop.pk).update(environment="production")
    world.account("deep", ou=OuFactory(organization=world.ours, name="Web", parent=world.prod))
    world.account("retired", state="SUSPENDED", excluded=True, excluded_reason="old")
    caller = api("viewer")
    found = {str(query): names(caller.get("accounts/", **query)) for query, _ in FILTERS}
    assert differing(found, {str(query): told for query, told in FILTERS}) == {}


def test_filters_by_organization_and_id(api, world):
    caller = api("viewer")
    assert names(caller.get("accounts/", organization=world.ours.uid)) == ["sandbox", "shop"]
    assert names(caller.get("accounts/", organization=world.theirs.uid)) == []
    assert names(caller.get("accounts/", account_id=world.shop.account_id)) == ["shop"]
    assert [o["name"] for o in caller.get("organizations/", name="Ours").results] == ["Ours"]


NO_FILTERS = [
    ({"account_id": "123"}, "account_id", "exactly 12 digits"),
    ({"organization": "x"}, "organization", "valid UUID"),
    ({"state": "OPEN"}, "state", "OPEN is not one of the available choices"),
    ({"ou": "\0"}, "ou", "Null characters are not allowed"),
    ({"nmae": "x"}, "nmae", "There is no such filter. There are: state,"),
]


def test_a_filter_that_makes_no_sense_is_named(api):
    caller = api("viewer")

    def ask(query):
        return caller.get("accounts/", **query)

    assert badly_refused(ask, NO_FILTERS) == {}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_accounts_are_not_changed_here(api, world, method):
    answer = api("administrator").send(method, f"accounts/{world.shop.uid}/")
    assert (answer.status, answer.type) == (405, "application/problem+json")
