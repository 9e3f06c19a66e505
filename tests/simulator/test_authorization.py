import pytest
from botocore.exceptions import ClientError

from simulator.credentials import Credentials
from simulator.organization import Condition

MEMBER = "100000000003"


def error(function, **parameters):
    with pytest.raises(ClientError) as caught:
        function(**parameters)
    return caught.value.response["Error"]


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
        ("organizations", "list_accounts", "UnrecognizedClientException"),
        ("ec2", "describe_regions", "AuthFailure"),
    ],
)
def test_an_unknown_key_is_refused_in_the_words_of_the_service(default, service, operation, code):
    keys = Credentials(access_key_id="AKIAIOSFODNN7EXAMPLE", secret_access_key="x")
    client = default.client(service, credentials=keys)
    assert error(getattr(client, operation))["Code"] == code


def test_the_key_of_an_account_outside_the_organization_is_unknown(default):
    client = default.member("sts", "999999999999")
    assert error(client.get_caller_identity)["Code"] == "InvalidClientTokenId"


def test_the_key_of_a_suspended_account_is_unknown(default):
    suspended = next(a.id for a in default.world.accounts if a.state == "SUSPENDED")
    client = default.member("sts", suspended)
    assert error(client.get_caller_identity)["Code"] == "InvalidClientTokenId"


def test_one_operation_is_denied_in_one_account(default):
    accounts = default.world.accounts
    denied = next(a.id for a in accounts if a.condition is Condition.OPERATION_DENIED)
    window = {"StartTime": 0, "EndTime": 1}
    wrong = error(default.member("xray", denied).get_service_graph, **window)
    assert wrong["Code"] == "AccessDeniedException"
    assert wrong["Message"] == (
        f"User: arn:aws:iam::{denied}:user/cairn is not authorized to perform: "
        "xray:GetServiceGraph on resource: * because no identity-based policy allows the "
        "xray:GetServiceGraph action"
    )
