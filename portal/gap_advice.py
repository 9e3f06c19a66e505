"""What a person can do about a gap of a scan: one sentence, and the IAM action that is missing."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from findings.facts.base import GapReason
from findings.selectors.coverage import GapGroup
from workers.aws.access import Health
from workers.aws.operations import hub_operations, scanner_operations

_SENTENCES: Mapping[GapReason, object] = {
    GapReason.ACCESS_DENIED: gettext_lazy(
        "Allow %(action)s to the scanner's role: deploy its newest policy to these accounts."
    ),
    GapReason.DENIED_BY_POLICY: gettext_lazy(
        "A policy of the organization denies %(action)s: except the scanner's role from it, or"
        " accept that this stays unknown."
    ),
    GapReason.REGION_DISABLED: gettext_lazy(
        "The region is not enabled in these accounts: enable it, or leave it out of the scans."
    ),
    GapReason.SERVICE_NOT_AVAILABLE: gettext_lazy(
        "AWS does not offer this in the region: there is nothing to do."
    ),
    GapReason.SUBSCRIPTION_REQUIRED: gettext_lazy(
        "The service answers only subscribed accounts: subscribe, or accept that it stays unknown."
    ),
    GapReason.THROTTLED: gettext_lazy(
        "AWS slowed the calls down for too long: retry, at a time when less else calls it."
    ),
    GapReason.TIMED_OUT: gettext_lazy("AWS did not answer in time: retry."),
    GapReason.UNREACHABLE: gettext_lazy(
        "No connection could be made: look at the workers' network, DNS and proxy, then retry."
    ),
    GapReason.CREDENTIALS: gettext_lazy(
        "The account could not be entered: manage.py doctor tries each step and says which fails."
    ),
    GapReason.CAPPED: gettext_lazy(
        "There is more of it than a scan reads: what was not read stays unknown."
    ),
    GapReason.NOT_IN_SCHEMA: gettext_lazy(
        "The evidence was stored before Cairn knew this field: the next scan collects it."
    ),
    GapReason.NOT_SUPPLIED: gettext_lazy("Nobody collected it yet: the next full scan does."),
    GapReason.NO_LONGER_KEPT: gettext_lazy("It is no longer kept: the next scan collects it anew."),
    GapReason.FAILED: gettext_lazy(
        "AWS answered with an error: retry, and look at the log of the scan workers if it stays."
    ),
}
_CREDENTIALS: Mapping[str, object] = {
    Health.ROLE_MISSING: gettext_lazy("Deploy the scanner's role to these accounts, then retry."),
    Health.EXTERNAL_ID_WRONG: gettext_lazy(
        "Compare the external ID of the organization with that in the role's trust policy."
    ),
    Health.DENIED: gettext_lazy(
        "The hub may not assume the role: compare the role's trust policy and the hub's own policy."
    ),
    Health.SUSPENDED: gettext_lazy("AWS has suspended the account: there is nothing to collect."),
    Health.NO_CREDENTIALS: gettext_lazy(
        "The workers have no AWS credentials: give them some by AWS's usual ways."
    ),
}


_PERMISSIONS = (GapReason.ACCESS_DENIED, GapReason.DENIED_BY_POLICY)


@dataclass(frozen=True, slots=True)
class Advice:
    """``iam_action`` is empty where no permission is missing, or the operation is not known."""

    iam_action: str
    sentence: str


def advice_on(gap: GapGroup) -> Advice:
    known = scanner_operations().get(gap.operation) or hub_operations().get(gap.operation)
    action = known.iam_action if known else ""
    sentence = _SENTENCES[gap.reason]
    if gap.reason is GapReason.CREDENTIALS:
        sentence = _CREDENTIALS.get(gap.code, sentence)
    named = {"action": action or gap.operation or _("the call")}
    missing = action if gap.reason in _PERMISSIONS else ""
    return Advice(iam_action=missing, sentence=str(sentence) % named)
