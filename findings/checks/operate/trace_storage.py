"""O4: traces are kept as safely as what they tell of."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, all_of, every, not_applicable, outcome, part
from findings.checks.parameters import SelectorParameter
from findings.facts.base import Facts, Scope
from findings.facts.xray import TracedService, TraceEncryption

AWS_MANAGED = "alias/aws/"


@Check(
    title="Encrypt traces with a customer managed key where required",
    row=Row.TRACING,
    scope=Scope.REGION,
    needs=(TracedService, TraceEncryption),
    severity=Severity.LOW,
    best_practices=("OPS04-BP05",),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    parameters=(SelectorParameter("key_required_selector", {"environments": ["production"]}),),
    not_applicable_when="The account needs no key of its own, or no trace arrived in the region for"
    " 24 hours, or for six where nothing stands that could send one.",
    remediation="Set the encryption of X-Ray in each region with traces to a key of the account,"
    " whose policy lets those who read traces decrypt.",
    cli=("aws xray put-encryption-config --type KMS --key-id alias/KEY",),
)
def xray_encryption_cmk(facts: Facts, context: Context) -> Outcome:
    account = context.account
    if not context.key_required_selector.matches_account(account.environment, account.ou_path):
        return not_applicable("the account needs no key of its own")
    if not any(service.owner == facts.place.account for service in facts.of(TracedService)):
        return not_applicable("the region has no traces")
    return every(facts.of(TraceEncryption), _is_by_own_key)


def _is_by_own_key(encryption: TraceEncryption) -> Outcome:
    return all_of(
        part("key", lambda: outcome(encryption.type == "KMS", f"type is {encryption.type}")),
        part("own key", lambda: AWS_MANAGED not in (encryption.kms_key or "")),
        part("in force", lambda: outcome(encryption.status == "ACTIVE", encryption.status)),
    )
