"""What is scanned again: all that the check of a finding reads, or a claim is never decided."""

import pytest

from accounts.access import Denied
from findings.checks.base import built_in
from findings.models import Scan
from findings.services.rechecks import check_recheck, findings_recheck
from tests.factories.accounts import (
    NOW,
    AccountFactory,
    OrganizationFactory,
    OuFactory,
    person_with,
)
from tests.factories.findings import FindingFactory

pytestmark = pytest.mark.django_db

OWN, MANAGEMENT = "111111111111", "999999999999"
REGION = "eu-west-1"
ONLY_ITS_REGION = "codebuild_no_plaintext_secrets"
READ_BY_THE_MANAGEMENT_ACCOUNT = "cloudformation_stackset_drift_in_sync"
READ_EVERYWHERE = "cloudtrail_bucket_protected"
OF_ITS_ACCOUNT = "cloudtrail_multi_region_logging"


@pytest.fixture
def account():
    organization = OrganizationFactory(management_account_id=MANAGEMENT)
    AccountFactory(organization=organization, account_id=MANAGEMENT)
    return AccountFactory(
        organization=organization, account_id=OWN, ou=OuFactory(organization=organization)
    )


def finding(account, check, region=REGION):
    row = built_in()[check].check.row
    return FindingFactory(account=account, check_id=check, row=row, region=region)


def asked(actor, *findings):
    scan = findings_recheck(actor=actor, findings=findings, trigger=Scan.Trigger.CLAIM, now=NOW)
    return scan.selection


@pytest.mark.parametrize(
    ("check", "region", "accounts", "regions"),
    [
        (ONLY_ITS_REGION, REGION, [OWN], [REGION]),
        (OF_ITS_ACCOUNT, "aws-global", [OWN], None),
        (OF_ITS_ACCOUNT, REGION, [OWN], None),
        (READ_BY_THE_MANAGEMENT_ACCOUNT, REGION, [OWN, MANAGEMENT], None),
        (READ_EVERYWHERE, REGION, None, None),
        ("of a version that is gone", REGION, [OWN], [REGION]),
    ],
)
def test_a_scan_visits_all_that_the_check_reads(account, check, region, accounts, regions):
    known = built_in()
    row = known[check].check.row if check in known else "O2"
    found = FindingFactory(account=account, check_id=check, row=row, region=region)
    expected = {"accounts": accounts, "regions": regions, "rows": [row]}
    assert asked(None, found) == {name: value for name, value in expected.items() if value}


def test_who_may_not_scan_the_organization_has_the_own_account_looked_at(account):
    actor = person_with("contributor", organization=account.organization, ou=account.ou)
    assert asked(actor, finding(account, READ_EVERYWHERE))["accounts"] == [OWN]
    with pytest.raises(Denied):
        asked(
            person_with("viewer", organization=account.organization),
            finding(account, ONLY_ITS_REGION),
        )


def test_findings_are_looked_at_together_and_once(account):
    both = finding(account, ONLY_ITS_REGION), finding(account, ONLY_ITS_REGION, "us-east-1")
    assert asked(None, *both)["regions"] == [REGION, "us-east-1"]
    asked(None, *both)
    assert Scan.objects.count() == 1


def test_a_check_is_looked_at_in_all_regions_of_accounts(account):
    def ask(check):
        return check_recheck(
            organization=account.organization,
            definition=built_in()[check],
            accounts=[account.pk],
            now=NOW,
        )

    assert ask(ONLY_ITS_REGION).selection == {"accounts": [OWN], "rows": ["E1"]}
    account.state = "SUSPENDED"
    account.save()
    assert ask(ONLY_ITS_REGION) is None
