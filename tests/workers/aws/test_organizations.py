import pytest
from botocore.credentials import Credentials

from accounts.states import AccountState
from simulator.credentials import user_credentials
from tests.workers.aws.scripted import Answer
from workers.aws.access import AccessError, Health, RoleAccess
from workers.aws.organizations import read_snapshot
from workers.aws.sessions import Hub


def read(world):
    return read_snapshot(world.hub.organization(world.access()))


def test_an_organization_is_read_with_its_units_accounts_and_tags(simulated):
    world = simulated()
    snapshot = read(world)
    assert snapshot.complete
    assert snapshot.error == ""
    assert snapshot.organization_id == world.world.organization.id
    assert snapshot.management_account_id == "100000000001"
    assert {account.id for account in snapshot.accounts} == {a.id for a in world.world.accounts}
    names = {unit.id: unit.name for unit in snapshot.units}
    assert set(names.values()) >= {"Security", "Workloads", "Prod", "NonProd", "Sandbox"}
    prod = next(unit for unit in snapshot.units if unit.name == "Prod")
    assert names[prod.parent_id] == "Workloads"
    for account, told in zip(world.world.accounts, snapshot.accounts, strict=True):
        assert (told.name, told.email, told.tags) == (account.name, account.email, account.tags)
        assert told.state is AccountState(account.state)


def test_accounts_stand_in_their_unit(simulated):
    world = simulated()
    snapshot = read(world)
    names = {unit.id: unit.name for unit in snapshot.units}
    for account in world.world.accounts:
        told = next(a for a in snapshot.accounts if a.id == account.id)
        assert names.get(told.parent_id, "") == account.unit.rpartition("/")[2]


def test_a_listing_that_breaks_off_keeps_what_was_seen(simulated):
    snapshot = read(simulated(faults=["listing_breaks:organizations:ListAccounts"]))
    assert not snapshot.complete
    assert "organizations:ListAccounts broke off: ServiceException" in snapshot.error
    assert 0 < len(snapshot.accounts) < 24


def test_units_that_are_not_listed_leave_accounts_without_a_place(simulated):
    fault = "access_denied:organizations:ListOrganizationalUnitsForParent"
    snapshot = read(simulated(faults=[fault]))
    assert not snapshot.complete
    assert len(snapshot.accounts) == 24
    assert {account.parent_id for account in snapshot.accounts} > {None}


def test_refused_tags_are_not_known_and_asked_for_once(simulated):
    world = simulated(faults=["access_denied:organizations:ListTagsForResource"])
    session = world.hub.organization(world.access())
    snapshot = read_snapshot(session)
    assert snapshot.complete
    assert {account.tags is None for account in snapshot.accounts} == {True}
    asked = [call for call in session.calls if call.operation.endswith("ListTagsForResource")]
    assert len(asked) == 1


def test_a_delegated_administrator_may_read(simulated):
    world = simulated()
    keys = user_credentials(world.world.organization.delegated_administrator)
    hub = Hub(
        credentials=Credentials(keys.access_key_id, keys.secret_access_key),
        clients=world.engine.clients,
    )
    assert read_snapshot(hub.organization(world.access())).complete


@pytest.mark.parametrize(
    ("fault", "health", "advice"),
    [
        ("access_denied:organizations", Health.DENIED, "organizations-delegation-policy.json"),
        ("error500:organizations", Health.UNREACHABLE, "ServiceException"),
    ],
)
def test_an_organization_that_cannot_be_read_says_what_to_do(simulated, fault, health, advice):
    with pytest.raises(AccessError, match=advice) as refused:
        read(simulated(faults=[fault]))
    assert refused.value.health is health


ACCOUNTS = """{"Accounts": [
  {"Id": "111111111111", "State": "PENDING_ACTIVATION", "Status": "ACTIVE"},
  {"Id": "222222222222", "Status": "SUSPENDED"}]}"""
SCRIPT = {
    "DescribeOrganization": '{"Organization": {"Id": "o-1", "MasterAccountId": "111111111111"}}',
    "ListAccounts": ACCOUNTS,
    "ListRoots": '{"Roots": []}',
    "ListTagsForResource": '{"Tags": [{"Key": "Owner", "Value": "payments"}]}',
}


def scripted_organization(aws, engine):
    aws.otherwise = lambda asked: Answer(body=SCRIPT[asked.operation.rpartition(".")[2]])
    hub = Hub(credentials=Credentials("AKIDHUB", "secret"), clients=engine.clients)
    return hub.organization(RoleAccess(endpoint_url=aws.url))


def test_the_state_of_an_account_counts_before_its_status(aws, engine):
    first, second = read_snapshot(scripted_organization(aws, engine)).accounts
    assert first.state is AccountState.PENDING_ACTIVATION
    assert second.state is AccountState.SUSPENDED
    assert first.tags == {"Owner": "payments"}


def test_an_account_outside_of_organizations_is_told_to_import(aws, engine):
    session = scripted_organization(aws, engine)
    body = '{"__type": "AWSOrganizationsNotInUseException", "Message": "no"}'
    aws.script = [Answer(status=400, body=body)]
    with pytest.raises(AccessError, match="import its accounts"):
        read_snapshot(session)
