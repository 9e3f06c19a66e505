"""Tokens over the API, and what a limited one reaches."""

import json

import pytest
from django.db.models import Q

from accounts.models import Account, AnsweredRequest, ApiToken, AuditEntry, TokenScope
from accounts.roles import Role
from findings.models import Scan
from tests.factories.accounts import GrantFactory, OuFactory, TeamFactory, UserFactory
from tests.factories.findings import ScoreSnapshotFactory
from tests.portal.api.conftest import Caller, with_token

BODY = {"name": "sync", "days": 30, "scopes": ["read", "findings:write"]}


@pytest.fixture
def of_prod(world):
    """A token of somebody who may do everything in Ours, limited to Prod."""
    return with_token(world.person("administrator"), ous=[world.prod])


def test_a_token_is_told_once_and_opens(api, client):
    caller = api("viewer of Prod")
    made = caller.post("tokens/", BODY)
    told = {"name": "sync", "scopes": BODY["scopes"], "user": "viewer of Prod", "ous": []}
    assert made.status == 201
    assert made.body.items() >= {**told, "is_limited": False, "revoked_at": None}.items()
    client.logout()
    program = Caller(client, Authorization=f"Bearer {made.body['token']}")
    assert [account["name"] for account in program.get("accounts/").results] == ["shop"]
    again = program.get(f"tokens/{made.body['uid']}/").body
    assert (again["token"], again["prefix"]) == (None, made.body["prefix"])
    assert again["last_used_at"] is not None


def test_its_secret_is_stored_nowhere(api):
    made = api("viewer").post("tokens/", BODY, {"Idempotency-Key": "k1"})
    rows = [
        row for model in (ApiToken, AuditEntry, AnsweredRequest) for row in model.objects.values()
    ]
    assert made.body["token"] not in json.dumps(rows, default=str)
    assert api("viewer").post("tokens/", BODY, {"Idempotency-Key": "k1"}).status == 409
    assert ApiToken.objects.count() == 1


def test_a_limit_is_told_by_uids(api, world):
    limits = {"ous": [str(world.prod.uid)], "accounts": [str(world.sandbox.uid)]}
    made = api("viewer").post("tokens/", BODY | limits)
    assert made.body.items() >= {**limits, "is_limited": True}.items()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"days": 0}, "days"),
        ({"days": 366}, "days"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["write"]}, "scopes.0"),
        ({"ous": ["x"]}, "ous.0"),
        ({"ous": ["44c2b925-ad8d-493e-b2f6-a5fe6e57708c"]}, "ous"),
        ({"token": "x", "scope": "read"}, "scope"),
    ],
)
def test_what_makes_no_token_is_named(api, change, field):
    answer = api("viewer").post("tokens/", BODY | change)
    assert (answer.status, list(answer.errors)) == (400, [field])
    assert not ApiToken.objects.exists()


def test_nobody_limits_a_token_to_what_they_do_not_see(api, world):
    for limit in ({"ous": [str(world.dev.uid)]}, {"accounts": [str(world.foreign.uid)]}):
        answer = api("viewer of Prod").post("tokens/", BODY | limit)
        assert answer.errors == {next(iter(limit)): "You see none of such a uid."}


def test_only_who_administers_everything_issues_for_others(api, world, client):
    other = {**BODY, "user": world.person("viewer").username}
    for who in (other, {**BODY, "user": "no one"}):
        assert api("administrator").post("tokens/", who).status == 403
    client.force_login(UserFactory(is_superuser=True))
    assert Caller(client).post("tokens/", other).body["user"] == "viewer"
    assert Caller(client).post("tokens/", {**BODY, "user": "no one"}).status == 400


def test_a_revoked_one_opens_nothing(api, world):
    program = with_token(world.person("viewer"))
    token = ApiToken.objects.get()
    assert api("viewer").send("DELETE", f"tokens/{token.uid}/").status == 204
    assert program.get("accounts/").status == 401
    assert api("viewer").get(f"tokens/{token.uid}/").body["revoked_at"] is not None


@pytest.mark.parametrize(
    ("scopes", "read", "recheck", "scan", "token"),
    [
        (["read"], 200, 403, 403, 403),
        (["findings:write"], 403, 202, 403, 403),
        (["scans:write"], 403, 403, 202, 403),
        (["tickets:write", "suppressions:write", "incidents:write"], 403, 403, 403, 403),
        (["admin"], 200, 202, 202, 201),
    ],
)
def test_scopes_say_what_it_is_for(world, scopes, read, recheck, scan, token):
    program = with_token(world.person("contributor"), scopes)
    assert program.get("findings/").status == read
    assert program.post(f"findings/{world.finding().uid}/recheck/").status == recheck
    assert program.post("scans/", {"organization": str(world.ours.uid)}).status == scan
    answer = program.post("tokens/", BODY)
    assert answer.status == token
    if token == 403:
        assert answer.body["detail"] == "This token lacks the scope admin."


def test_a_scope_permits_no_more_than_its_person_may(world):
    program = with_token(world.person("viewer"), ["admin"])
    assert program.post(f"findings/{world.finding().uid}/recheck/").status == 403


def names(caller, path="accounts/"):
    return {row["name"] for row in caller.get(path).results}


@pytest.mark.parametrize(
    ("grant", "limit", "seen"),
    [
        ({}, {"ous": ["prod"]}, {"shop", "deep"}),
        ({}, {"ous": ["inner"]}, {"deep"}),
        ({}, {"accounts": ["sandbox"]}, {"sandbox"}),
        ({}, {"ous": ["inner"], "accounts": ["sandbox"]}, {"deep", "sandbox"}),
        ({"ou": "prod"}, {"ous": ["inner"]}, {"deep"}),
        ({"ou": "inner"}, {"ous": ["prod"]}, {"deep"}),
        ({"ou": "inner"}, {"ous": ["prod"], "accounts": ["shop"]}, {"deep"}),
        ({"accounts_of": "team"}, {"ous": ["prod"]}, {"shop"}),
        ({"accounts_of": "team"}, {"ous": ["inner"]}, set()),
        ({"accounts_of": "team"}, {"accounts": ["shop", "deep"]}, {"shop"}),
        (None, {"ous": ["prod"], "accounts": ["sandbox"]}, {"shop", "deep", "sandbox"}),
    ],
)
def test_a_limited_token_reaches_what_both_it_and_its_person_reach(world, grant, limit, seen):
    """``grant`` None is a superuser."""
    inner, team = (
        OuFactory(organization=world.ours, name="Inner", parent=world.prod),
        TeamFactory(organization=world.ours),
    )
    places = {**vars(world), "inner": inner, "team": team}
    places["deep"] = world.account("deep", ou=inner)
    Account.objects.filter(name__in=("shop", "sandbox")).update(owner_team=team)
    person = UserFactory(is_superuser=grant is None)
    if grant is not None:
        scope = {field: places[name] for field, name in grant.items()}
        GrantFactory(user=person, role=Role.VIEWER, organization=world.ours, **scope)
    limits = {field: [places[name] for name in given] for field, given in limit.items()}
    if grant != {}:  # what the person does not reach at all is refused when a token is issued
        program = with_token(person)
        token = ApiToken.objects.get()
        ApiToken.objects.update(is_limited=True)
        for field, chosen in limits.items():
            getattr(token, field).set(chosen)
    else:
        program = with_token(person, **limits)
    assert names(program) == seen
    expected = ["Ours"] if seen else []
    assert [o["name"] for o in program.get("organizations/").results] == expected


def test_a_limit_of_which_nothing_is_left_reaches_nothing(world, of_prod):
    ApiToken.objects.get().ous.clear()
    assert names(of_prod) == set()
    assert of_prod.get("events/").results == []


def test_the_limit_ends_with_the_request(world, of_prod, api):
    assert names(of_prod) == {"shop"}
    assert names(api("administrator")) == {"shop", "sandbox"}


def test_what_its_person_asked_for_elsewhere_is_not_told(world, of_prod):
    selection = {"accounts": [world.sandbox.account_id]}
    scan = world.lab.scan(facts={}, selection=selection)
    Scan.objects.filter(pk=scan.pk).update(requested_by=world.person("administrator"))
    assert of_prod.get(f"scans/{scan.uid}/").status == 404
    of_both = world.lab.scan(facts={}, selection={"ous": ["Prod", "Dev"]})
    Scan.objects.filter(pk=of_both.pk).update(requested_by=world.person("administrator"))
    assert "Dev" not in json.dumps(of_prod.get(f"scans/{of_both.uid}/").body)


def test_other_tokens_of_its_person_are_not_told_and_none_is_made(world, of_prod):
    with_token(world.person("administrator"), ous=[world.dev])
    (token,) = of_prod.get("tokens/").results
    assert token["ous"] == [str(world.prod.uid)]
    assert of_prod.post("tokens/", BODY).status == 403
    assert ApiToken.objects.filter(Q(revoked_at=None)).count() == 2
    assert of_prod.send("DELETE", f"tokens/{token['uid']}/").status == 403


def test_what_is_of_the_whole_organization_is_beyond_it(world, of_prod):
    ScoreSnapshotFactory(organization=world.ours)
    assert of_prod.get("audit/").results == []
    assert of_prod.get("scorecards/").results == []
    body = {"organization": str(world.ours.uid)}
    assert of_prod.post("scans/", body).status == 403
    assert of_prod.post("scans/", {**body, "selection": {"ous": ["Prod"]}}).status == 202


@pytest.mark.parametrize("scope", TokenScope.values)
def test_every_scope_may_be_given(api, scope):
    assert api("viewer").post("tokens/", {**BODY, "scopes": [scope]}).status == 201
