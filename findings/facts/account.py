"""Facts of an account's own settings."""

from __future__ import annotations

from findings.facts.base import Fact, Scope

OPERATIONS, SECURITY = "OPERATIONS", "SECURITY"


class AlternateContact(
    Fact, kind="account.alternate_contact", scope=Scope.ACCOUNT, identity=("type",)
):
    """A contact that is registered, of type OPERATIONS or SECURITY.

    Of the person only the ``domain`` of the mail address is kept, in small letters.
    """

    type: str
    domain: str
