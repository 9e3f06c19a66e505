"""Whom AWS reaches about an account beside its root user."""

from simulator.facets.base import ACCOUNT, Facet
from simulator.places import AccountPlace

contacts = Facet("account.contacts", level=ACCOUNT)

CONTACTS = "account.alternate_contacts"
CHECK = "account_operations_contact_registered"


def _put_contacts(account: AccountPlace, *types: str) -> None:
    for type_ in types:
        account.put(
            CONTACTS,
            {
                "Name": "On-call",
                "Title": "Engineer",
                "EmailAddress": f"{type_.lower()}@example.com",
                "PhoneNumber": "+1 555 0100",
                "AlternateContactType": type_,
            },
        )


@contacts.variant("both", characters={"exemplary": 4, "ordinary": 2, "locked_down": 3})
def both(account: AccountPlace) -> None:
    _put_contacts(account, "OPERATIONS", "SECURITY")
    account.expect(CHECK, "pass")


@contacts.variant("none", characters={"neglected": 3, "new": 3, "ordinary": 2})
def none(account: AccountPlace) -> None:
    account.expect(CHECK, "fail")


@contacts.variant("of_operations", characters={"ordinary": 1, "neglected": 1})
def of_operations(account: AccountPlace) -> None:
    _put_contacts(account, "OPERATIONS")
    account.expect(CHECK, "fail")


@contacts.variant("of_security", characters={"ordinary": 1, "exemplary": 1})
def of_security(account: AccountPlace) -> None:
    _put_contacts(account, "SECURITY")
    account.expect(CHECK, "fail")
