"""Alternate contacts."""

import pytest
from botocore.exceptions import ClientError

from tests.workers.collectors.stubbed import StubbedSession
from workers.collectors.account import alternate_contacts

READ = "get_alternate_contact"


def found(address):
    return {"AlternateContact": {"EmailAddress": address, "Name": "Somebody"}}


def test_of_a_contact_only_the_domain_is_kept():
    session = StubbedSession()
    for type_ in ("OPERATIONS", "SECURITY"):
        session.answer("account", READ, found("Me@Example.COM"), AlternateContactType=type_)
    contacts = list(alternate_contacts(session))
    assert [(c.type, c.domain) for c in contacts] == [
        ("OPERATIONS", "example.com"),
        ("SECURITY", "example.com"),
    ]
    session.assert_all_asked()


def test_a_type_that_nobody_is_registered_for_is_left_out():
    session = StubbedSession()
    session.refuse("account", READ, "ResourceNotFoundException")
    session.answer("account", READ, {"AlternateContact": {}})
    (contact,) = alternate_contacts(session)
    assert (contact.type, contact.gaps.keys()) == ("SECURITY", {"domain"})


def test_a_denied_contact_is_not_taken_for_none():
    session = StubbedSession()
    session.refuse("account", READ, "AccessDeniedException")
    with pytest.raises(ClientError):
        list(alternate_contacts(session))
