"""Public extensions."""

import pytest
from botocore.exceptions import ClientError

from tests.workers.collectors.stubbed import StubbedSession
from workers.collectors.cloudformation_extensions import extensions, is_activated, parse_extension

NAME = "Acme::Data::Bucket"
ACTIVATED = {
    "Type": "RESOURCE",
    "TypeName": NAME,
    "PublisherName": "Acme",
    "PublisherId": "0a1b2c",
    "OriginalTypeName": NAME,
    "PublicVersionNumber": "1.2.0",
    "LatestPublicVersion": "2.0.0",
    "IsActivated": True,
}


def listing(**by_type):
    session = StubbedSession()
    session.answer_standing()
    for type_ in ("RESOURCE", "MODULE", "HOOK"):
        session.answer(
            "cloudformation",
            "list_types",
            {"TypeSummaries": by_type.get(type_, [])},
            Type=type_,
            Visibility="PRIVATE",
        )
    return session


def test_extensions_of_all_types_are_listed_without_the_accounts_own():
    module = ACTIVATED | {"TypeName": "Acme::Net::Vpc::MODULE"}
    session = listing(RESOURCE=[ACTIVATED, {"TypeName": "Example::Own::Type"}], MODULE=[module])
    first, second = extensions(session)
    assert (first.type, first.name, first.publisher) == ("RESOURCE", NAME, "Acme")
    assert (first.used_version, first.latest_version) == ("1.2.0", "2.0.0")
    assert (second.type, second.name) == ("MODULE", "Acme::Net::Vpc::MODULE")
    session.assert_all_asked()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"IsActivated": True}, True),
        ({"IsActivated": False, "PublicVersionNumber": "1"}, False),
        ({"PublicVersionNumber": "1"}, True),
        ({"OriginalTypeName": NAME}, True),
        ({}, False),
    ],
)
def test_what_is_activated_says_so_or_has_a_public_version(raw, expected):
    assert is_activated(raw) is expected


@pytest.mark.parametrize(
    ("member", "field"),
    [("PublicVersionNumber", "used_version"), ("LatestPublicVersion", "latest_version")],
)
def test_a_version_that_aws_does_not_tell_is_not_known(member, field):
    sparse = {name: value for name, value in ACTIVATED.items() if name != member}
    assert set(parse_extension(sparse, "RESOURCE").gaps) == {field}


def test_a_refusal_is_not_an_empty_registry():
    session = StubbedSession()
    session.answer_standing()
    session.refuse("cloudformation", "list_types", "AccessDenied")
    with pytest.raises(ClientError):
        list(extensions(session))
