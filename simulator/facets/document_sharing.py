"""With whom documents are shared, and whether the account lets them be shared with everybody."""

from typing import Any

from simulator.facets.base import ACCOUNT, RARELY, Facet
from simulator.facets.runbooks import put_document, put_foreign
from simulator.places import AccountPlace, Place

sharing = Facet("ssm.sharing")
blocking = Facet("ssm.public_sharing", level=ACCOUNT)

BLOCKED = "ssm_public_sharing_blocked"


@sharing.variant("private", characters={"exemplary": 2, "ordinary": 2, "locked_down": 2})
def private(place: Place) -> None:
    _put_command(place, "pass")


@sharing.variant("public", characters={"ordinary": 1, "neglected": 2})
def public(place: Place) -> None:
    """Told on the second page of permissions."""
    _put_command(place, "fail", _shared_with=["100000000002", "100000000003", "all"])


@sharing.variant("with_accounts", characters={"exemplary": 1, "new": 1})
def with_accounts(place: Place) -> None:
    _put_command(place, "pass", _shared_with=["100000000002", "100000000003", "100000000004"])


@sharing.variant("of_another_account", characters={"ordinary": 1, "new": 1})
def of_another_account(place: Place) -> None:
    put_foreign(place, "collect-logs", "Command")


def _put_command(place: Place, public: str, **changed: Any) -> None:
    put_document(place, "collect-logs", "not_applicable", public, DocumentType="Command", **changed)


def _block(place: Place) -> None:
    place.put(
        "ssm.settings",
        {
            "SettingId": "/ssm/documents/console/public-sharing-permission",
            "SettingValue": "Disable",
            "Status": "Customized",
            "LastModifiedDate": place.ago(days=120),
        },
    )


@blocking.variant("everywhere", characters={"exemplary": 3, "locked_down": 3, "ordinary": 1})
def everywhere(account: AccountPlace) -> None:
    for place in account.regions():
        _block(place)
    account.expect(BLOCKED, "pass")


@blocking.variant("nowhere", characters={"ordinary": 2, "neglected": 2, "new": 2})
def nowhere(account: AccountPlace) -> None:
    """As AWS has it by default."""
    account.expect(BLOCKED, "fail")


@blocking.variant("not_at_home", characters=RARELY)
def not_at_home(account: AccountPlace) -> None:
    for place in account.regions()[1:]:
        _block(place)
    account.expect(BLOCKED, "fail")
