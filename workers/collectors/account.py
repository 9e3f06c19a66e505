"""Collector of an account's alternate contacts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from findings.facts.account import OPERATIONS, SECURITY, AlternateContact
from findings.facts.base import not_told
from workers.collectors.base import Collector, Response, Session, pick

_READ = "account:GetAlternateContact"


@Collector(fact=AlternateContact, operations=(_READ,))
def alternate_contacts(session: Session) -> Iterator[AlternateContact]:
    client = session.client("account")
    for type_ in (OPERATIONS, SECURITY):
        try:
            found = client.get_alternate_contact(AlternateContactType=type_)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            continue  # nobody is registered
        yield parse_alternate_contact(found, type_)


def parse_alternate_contact(response: Response, type_: str) -> AlternateContact:
    address = pick(response, "AlternateContact", "EmailAddress")
    domain: Any = not_told(AlternateContact.kind, _READ)
    if address is not None:
        domain = address.rpartition("@")[2].lower()
    return AlternateContact(type=type_, domain=domain)
