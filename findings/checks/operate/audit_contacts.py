"""O2: AWS knows whom to reach."""

from __future__ import annotations

from functools import partial

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, all_of, failed, outcome, part
from findings.checks.parameters import Flag, Names
from findings.facts.account import OPERATIONS, SECURITY, AlternateContact
from findings.facts.base import Facts, Scope


@Check(
    title="Register the operations contact of every account",
    row=Row.AUDIT,
    scope=Scope.ACCOUNT,
    needs=(AlternateContact,),
    severity=Severity.LOW,
    best_practices=("OPS02-BP01", "OPS02-BP04", "OPS10-BP04"),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    parameters=(Flag("require_security", True), Names("allowed_domains", ())),
    remediation="Set the contacts from the management account, with the address of a team that"
    " reads it, not of a person.",
    cli=(
        "aws account put-alternate-contact --account-id ACCOUNT --alternate-contact-type OPERATIONS"
        " --name TEAM --title TITLE --email-address ADDRESS --phone-number NUMBER",
    ),
)
def account_operations_contact_registered(facts: Facts, context: Context) -> Outcome:
    types = [OPERATIONS, SECURITY] if context.require_security else [OPERATIONS]
    return all_of(*(part(type_, partial(_is_registered, type_, facts, context)) for type_ in types))


def _is_registered(type_: str, facts: Facts, context: Context) -> Outcome:
    contact = facts.of(AlternateContact).get(type_)
    if contact is None:
        return failed("nobody is registered")
    if not context.allowed_domains:
        return outcome(True)
    allowed = {domain.lower() for domain in context.allowed_domains}
    return outcome(contact.domain in allowed, f"an address at {contact.domain}")
