"""AWS answers that leave a member out, as emulators and other projects' mocks give them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest
from botocore.client import BaseClient
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from findings.facts.base import AWS_ORGANIZATION, Scope
from simulator.organization import MANAGEMENT_ID
from simulator.world import World
from tests.direct import direct_clients, serve_directly
from workers.aws.errors import reason_of
from workers.aws.sessions import AccountSession, Hub, RoleAccess
from workers.collectors.base import collectors

EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
ACCOUNTS = (MANAGEMENT_ID, "100000000003")

POINTERS = {
    "cloudformation:ListChangeSets Summaries.ChangeSetId",
    "cloudformation:ListChangeSets Summaries.ChangeSetName",
    "organizations:DescribeOrganization Organization",
    "organizations:DescribeOrganization Organization.MasterAccountId",
}
"""Members without which nothing can be said of a thing, beside those that make up its identity."""


class LossyAws:
    """In place of botocore's calls: each is made once, and from then on answered from memory.

    ``without`` is an operation and the path of a member that its answers leave out.
    """

    def __init__(self):
        self.kept = {}
        self.without = ("", ())
        self.send = BaseClient._make_api_call

    def __call__(self, client, operation, parameters):
        name = f"{client.meta.service_model.service_name}:{operation}"
        key = (name, client.meta.region_name, repr(sorted(parameters.items())))
        if key not in self.kept:
            self.kept[key] = self.ask(client, operation, parameters)
        if isinstance(self.kept[key], ClientError):
            raise self.kept[key]
        operation, path = self.without
        answer = self.kept[key]
        return left_out(answer, path) if operation == name else answer

    def ask(self, client, operation, parameters):
        try:
            return self.send(client, operation, parameters)
        except ClientError as error:
            return error

    @property
    def members(self):
        """Each operation with the path of each member that its answers have."""
        answers = [(key[0], answer) for key, answer in self.kept.items()]
        return sorted({(name, path) for name, answer in answers for path in paths_in(answer)})

    def identifies(self, operation, path, keys):
        """Whether a member is what things are called by."""
        answers = [answer for key, answer in self.kept.items() if key[0] == operation]
        told = {str(value) for answer in answers for value in values_at(answer, path)}
        return all(any(value in key for key in keys) for value in told)


def each(value):
    return [item for item in (value if isinstance(value, list) else [value]) if is_map(item)]


def is_map(value):
    return isinstance(value, Mapping)


def paths_in(value, above=()) -> Iterator[tuple[str, ...]]:
    for item in each(value):
        for name in item.keys() - {"ResponseMetadata"}:
            yield (*above, name)
            yield from paths_in(item[name], (*above, name))


def left_out(value, path):
    """The answer without a member."""
    if isinstance(value, list):
        return [left_out(item, path) for item in value]
    if not is_map(value) or path[0] not in value:
        return value
    if len(path) == 1:
        return {name: item for name, item in value.items() if name != path[0]}
    return {**value, path[0]: left_out(value[path[0]], path[1:])}


def values_at(value, path) -> Iterator[str]:
    if not path:
        yield from value if isinstance(value, list) else [value]
    for item in each(value) if path else ():
        yield from values_at(item.get(path[0], []), path[1:])


def is_required(operation, path):
    """Whether AWS promises the member in its model."""
    service, _, name = operation.partition(":")
    shape = direct_clients().session.get_service_model(service).operation_model(name).output_shape
    for name in path:
        while shape.type_name == "list":
            shape = shape.member
        if shape.type_name == "map":
            return False
        owner, shape = shape, shape.members[name]
    return path[-1] in owner.metadata.get("required", ())


@pytest.fixture
def lossy(monkeypatch):
    aws = LossyAws()
    monkeypatch.setattr(BaseClient, "_make_api_call", lambda *call: aws(*call))
    return aws


@pytest.fixture
def accounts(lossy):
    """Sessions of several accounts of a simulated organization."""
    world = World(epoch=EPOCH)
    with serve_directly(world) as url:
        found = [entered(world, url, account) for account in ACCOUNTS]
        yield found


def entered(world, url, account):
    keys = world.credentials
    own = Credentials(keys.access_key_id, keys.secret_access_key)
    hub = Hub(credentials=own, clients=direct_clients())
    access = RoleAccess(external_id=world.external_id, endpoint_url=url)
    return AccountSession(
        account=account,
        access=access,
        credentials=hub.account(account, access).credentials,
        clients=hub.clients,
        clock=lambda: EPOCH,
    )


def collect(registered, accounts):
    """The keys of what a collector finds in the accounts."""
    wide = registered.fact.scope is Scope.ORGANIZATION
    keys = []
    for account in accounts:
        session = account.region(AWS_ORGANIZATION if wide else "us-east-1")
        with session.collecting(registered.fact.kind):
            try:
                keys += [fact.key for fact in registered.function(session)]
            except ClientError as error:
                if reason_of(error) is None:
                    raise
    return keys


def test_no_collector_stumbles_over_a_member_that_aws_need_not_give(lossy, accounts):
    readers, keys = defaultdict(list), defaultdict(list)
    for registered in collectors().values():
        found = collect(registered, accounts)
        for operation in registered.operations:
            readers[operation].append(registered)
            keys[operation] += found
    stumbled = {
        (operation, path)
        for operation, path in lossy.members
        if stumbles(readers[operation], accounts, lossy, without=(operation, path))
    }
    surprising = {
        f"{operation} {'.'.join(path)}"
        for operation, path in stumbled
        if not is_required(operation, path)
        and not lossy.identifies(operation, path, keys[operation])
    }
    assert surprising == POINTERS


def stumbles(readers, accounts, lossy, *, without):
    lossy.without = without
    try:
        for registered in readers:
            collect(registered, accounts)
    except KeyError:
        return True
    return False
